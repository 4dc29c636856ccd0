"""What is cited is found, or the nearest name is said."""

import re
from dataclasses import replace
from typing import Any

import pytest

from casebook.cite import block
from casebook.cite.cite import cite, cited
from casebook.cite.reply import Citations
from casebook.judge.report import Report
from tests.casebook.cite.builders import SITE
from tests.casebook.judge.builders import (
    INVESTIGATION,
    OBSERVED,
    WIRES,
    a_claim,
    a_record,
    an_environment,
    judged,
)

# --- What nobody knows ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("asked", "message"),
    [
        (("goood",), "unknown claim 'goood': did you mean 'good'"),
        (("zzz",), "unknown claim 'zzz': known are wires, good"),
        (("good", "usd"), "unknown pattern 'usd': did you mean 'used'"),
        (("good", "used", "noww"), "unknown environment 'noww': did you mean 'now'"),
        (("good", "used", "now", "sqlit"), "unknown database 'sqlit': did you mean 'sqlite'"),
    ],
)
def test_an_unknown_name_gets_the_nearest(asked: tuple[str, ...], message: str) -> None:
    with pytest.raises(block.Uncitable, match=message):
        cite(Citations(judged(), SITE), *asked)


def test_a_claim_that_is_judged_of_nothing_there_is_named() -> None:
    other = an_environment("other", backend="another")
    report = judged(investigation=replace(INVESTIGATION, environments=(an_environment(), other)))
    with pytest.raises(block.Uncitable, match="judged of no pattern in environment 'other'"):
        cite(Citations(report, SITE), "good", environment="other")


def test_a_pattern_that_an_environment_does_not_have_is_named() -> None:
    other = an_environment("other", backend="another")
    report = judged(investigation=replace(INVESTIGATION, environments=(an_environment(), other)))
    message = "not judged of pattern 'used' in environment 'other'"
    with pytest.raises(block.Uncitable, match=message):
        cite(Citations(report, SITE), "good", "used", "other")


# --- Several investigations -----------------------------------------------------------------------


def of_another(*claims: Any, pattern: str = "used") -> Report:
    patterns = tuple(
        replace(one, id=pattern) if one.id == "used" else one for one in INVESTIGATION.patterns
    )
    investigation = replace(INVESTIGATION, id="another", patterns=patterns)
    return judged(investigation=investigation, claims=[WIRES, *claims], records=[])


def test_a_claim_is_found_in_whichever_investigation_has_it() -> None:
    reports = [judged(), of_another(a_claim("fast"))]
    assert [cited(reports, one) for one in ("good", "fast")] == reports


def test_a_claim_of_several_investigations_is_told_apart_by_the_pattern() -> None:
    reports = [judged(), of_another(pattern="sold")]
    assert [cited(reports, "wires", one) for one in ("used", "sold")] == reports


def test_a_claim_of_several_investigations_is_asked_for() -> None:
    with pytest.raises(block.Uncitable, match="add --investigation tiny or another"):
        cited([judged(), of_another()], "wires", "used")


# --- Today's environment --------------------------------------------------------------------------


def first_link(report: Report, *asked: str) -> str:
    """Return the finding to which the first link of a reply leads."""
    (found,) = block.found(cite(Citations(report, SITE), *asked))
    return re.findall(r"/patterns/used\.html#([\w.-]+)", found.content)[0]


@pytest.mark.parametrize("rows", [("old", "new"), ("new", "old")])
def test_where_no_environment_is_named_todays_is_cited_whatever_the_order_of_rows(
    rows: tuple[str, str],
) -> None:
    investigation = replace(INVESTIGATION, environments=tuple(map(an_environment, rows)))
    releases = {"old": {"admin": "1.9"}, "new": {"admin": "1.10"}}
    records = [a_record(OBSERVED, id, releases=has) for id, has in releases.items()]
    report = judged(investigation=investigation, records=records)
    assert first_link(report, "good", "used") == "good.used.new.sqlite"


def test_an_environment_that_is_named_is_cited_though_another_is_todays() -> None:
    environments = tuple(
        an_environment(id, pins=(("admin", release),))
        for id, release in (("old", "1.9"), ("new", "1.10"))
    )
    report = judged(investigation=replace(INVESTIGATION, environments=environments), records=[])
    assert first_link(report, "good", "used") == "good.used.new.sqlite"
    assert first_link(report, "good", "used", "old") == "good.used.old.sqlite"
