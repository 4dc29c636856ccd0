"""The citation: what a maintainer pastes, and that no library can write a part of it."""

from dataclasses import replace
from typing import Any

import pytest

from casebook.cite import cite, cited, code, escape, fence
from casebook.record import Event, History, refuted, supported
from casebook.report import Report
from tests.casebook.test_judge import (
    BAD,
    GOOD,
    INVESTIGATION,
    NOTHING,
    OBSERVED,
    WIRES,
    a_claim,
    a_record,
    an_environment,
    judged,
)

SITE = "https://casebook.example/"
LINK = "https://casebook.example/tiny/patterns/used.html#good.used.now.sqlite"

TWO_ENVIRONMENTS = replace(
    INVESTIGATION, environments=(an_environment(), an_environment("earlier"))
)


def in_two_environments(now: History | None, earlier: History | None) -> Report:
    records = [
        a_record({**OBSERVED, ("used", "use"): now}),
        a_record({**OBSERVED, ("used", "use"): earlier}, "earlier"),
    ]
    return judged(investigation=TWO_ENVIRONMENTS, records=records)


# --- One finding ----------------------------------------------------------------------------------


def test_the_first_line_is_the_verdict_in_one_sentence() -> None:
    text = cite(judged({("used", "use"): BAD}), SITE, "good", "used")
    assert text.splitlines()[0] == (
        "**Refuted**: *The claim good* does not hold for `View(model, used)`: S1 was bad"
    )


@pytest.mark.parametrize(
    ("cells", "begins"),
    [
        ({}, "**Supported**: *The claim good* holds for `View(model, used)`: S1 was good"),
        ({("used", "use"): [BAD, BAD]}, "**Refuted**"),
        ({("used", "use"): None}, "**Not tested**: whether *The claim good* holds for"),
        ({("wrong", "use"): None}, "**Inconclusive**: whether *The claim good* holds for"),
    ],
)
def test_each_verdict_has_its_sentence(cells: Any, begins: str) -> None:
    assert cite(judged(cells), SITE, "good", "used").startswith(begins)


def test_a_finding_is_cited_with_its_releases_events_and_link() -> None:
    assert cite(judged(), SITE, "good", "used").splitlines()[1:] == [
        "",
        "Admin with the library, now, sqlite: admin 2.2.1, library 3.1.1",
        "",
        "Shown by the experiment `use`:",
        "",
        "```text",
        "2 good S1",
        "```",
        "",
        "<details><summary>All releases</summary>",
        "",
        "```text",
        "admin==2.2.1",
        "library==3.1.1",
        "other==1",
        "```",
        "",
        "</details>",
        "",
        f"[The finding and how to check it]({LINK})",
    ]


def test_the_first_environment_that_tested_the_claim_is_cited_and_the_others_follow() -> None:
    text = cite(in_two_environments(None, BAD), SITE, "good", "used")
    assert text.startswith("**Refuted**")
    assert "used.html#good.used.earlier.sqlite)" in text
    assert f"- Admin with the library, now, sqlite: [not tested]({LINK}): no observation" in text


def test_an_older_environment_never_answers_for_a_newer_that_stays_open() -> None:
    text = cite(in_two_environments(NOTHING, BAD), SITE, "good", "used")
    assert text.startswith("**Inconclusive**")


def test_an_environment_that_is_named_is_cited_alone() -> None:
    text = cite(in_two_environments(BAD, BAD), SITE, "good", "used", "earlier")
    assert "Elsewhere" not in text
    assert LINK not in text


def test_a_finding_that_was_not_rerun_says_so() -> None:
    report = judged(not_rerun={("now", "sqlite"): "no network"})
    assert "*not rerun: no network*" in cite(report, SITE, "good", "used")


def test_a_finding_without_a_record_has_no_releases() -> None:
    text = cite(judged(records=[]), SITE, "good", "used")
    assert "no record" in text
    assert "releases" not in text


def test_both_runs_that_differ_are_shown() -> None:
    text = cite(judged({("used", "use"): [GOOD, BAD]}), SITE, "good", "used")
    assert "`use`, run 1:" in text
    assert "`use`, run 2:" in text


def test_many_events_are_cut_and_counted() -> None:
    history = History("completed", "", tuple(Event("more") for _ in range(31)))
    claim = a_claim(check=lambda h: supported("all", *h.events))
    text = cite(judged({("used", "use"): history}, claims=[WIRES, claim]), SITE, "good", "used")
    assert "and 19 more" in text


# --- A table --------------------------------------------------------------------------------------


def test_without_a_pattern_every_pattern_that_is_no_control_has_a_row() -> None:
    text = cite(in_two_environments(None, BAD), SITE, "good")
    rows = [line for line in text.splitlines() if line.startswith("|")][2:]
    assert rows[1] == (
        "| The Library | `View(model, used)` | Admin with the library, earlier "
        f"| [refuted]({LINK.replace('now', 'earlier')}) | S1 was bad |"
    )
    assert len(rows) == 2


# --- What nobody knows ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("asked", "message"),
    [
        (("goood",), "unknown claim 'goood': did you mean 'good'"),
        (("zzz",), "unknown claim 'zzz': known are wires, good"),
        (("good", "usd"), "unknown pattern 'usd': did you mean 'used'"),
        (("good", "used", "noww"), "unknown environment 'noww': did you mean 'now'"),
    ],
)
def test_an_unknown_name_gets_the_nearest(asked: tuple[str, ...], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        cite(judged(), SITE, *asked)


def test_a_pattern_that_an_environment_does_not_have_is_named() -> None:
    other = an_environment("other", backend="another")
    report = judged(investigation=replace(INVESTIGATION, environments=(an_environment(), other)))
    with pytest.raises(ValueError, match="not judged of pattern 'used' in environment 'other'"):
        cite(report, SITE, "good", "used", "other")


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
    with pytest.raises(ValueError, match="add --investigation tiny or another"):
        cited([judged(), of_another()], "wires", "used")


# --- What libraries say ---------------------------------------------------------------------------

HOSTILE = (
    "`x` | <script>alert(1)</script> @octocat #12 [a](http://e.example)\n\n# big *bold* \x1b[2J"
)


def hostile(*asked: str) -> str:
    history = History("raised", HOSTILE, (Event("```\n@octocat", (), {"text": HOSTILE}),))
    claim = a_claim(check=lambda h: refuted(f"bad {h.reason}", *h.events))
    right = replace(claim, supported_by=())
    return cite(judged({("used", "use"): history}, claims=[WIRES, right]), SITE, "good", *asked)


@pytest.mark.parametrize("asked", [(), ("used",)])
def test_what_a_library_said_is_text_and_nothing_else(asked: tuple[str, ...]) -> None:
    lines = hostile(*asked).splitlines()
    fenced = [at for at, line in enumerate(lines) if line.startswith("```")]
    outside = "\n".join(line for at, line in enumerate(lines) if not _inside(at, fenced))
    assert "\\<script\\>" in outside
    assert "<script>" not in outside
    assert "@octocat" not in outside
    assert "#12" not in outside
    assert "://e." not in outside
    assert "\\[a\\](" in outside
    assert "\x1b" not in "".join(lines)
    assert not any(line.startswith("# ") for line in lines)


def _inside(at: int, fenced: list[int]) -> bool:
    return sum(fence <= at for fence in fenced) % 2 == 1


def test_a_row_keeps_its_columns_whatever_a_library_said() -> None:
    row = hostile().splitlines()[-1]
    assert row.replace("\\|", "").count("|") == 6


def test_a_fence_is_longer_than_any_that_it_holds() -> None:
    assert fence(["````", "x"]).splitlines() == ["`````text", "````", "x", "`````"]


def test_a_code_span_holds_backticks_and_in_a_table_bars() -> None:
    assert code("a `b` | c", in_table=True) == "``a `b` \\| c``"
    assert code("`b`") == "`` `b` ``"


def test_escaped_text_reads_as_written() -> None:
    assert escape("S1 served R1, R2 and R3") == "S1 served R1, R2 and R3"
    assert escape("a_b*c") == "a\\_b\\*c"


def test_a_long_reason_is_cut() -> None:
    claim = a_claim(check=lambda h: refuted("bad " * 1000), supported_by=())
    text = cite(judged(claims=[WIRES, claim]), SITE, "good", "used")
    assert len(text) < 1500
