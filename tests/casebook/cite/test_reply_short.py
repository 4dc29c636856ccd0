"""The short form of a reply: what fits in sixty lines, and what is left to its page."""

from dataclasses import replace

import pytest

from casebook.cite.cite import cite
from casebook.cite.reply import Citations
from casebook.cite.source import GivenText
from casebook.cite.verify import verify
from casebook.claim import refuted
from casebook.judge.report import Report
from casebook.plan.investigation import Setting
from casebook.record import Event, History
from tests.casebook.cite.builders import (
    DIGEST,
    LINK,
    SITE,
    in_two_environments,
    on_two_databases,
    table,
)
from tests.casebook.judge.builders import (
    BAD,
    INVESTIGATION,
    OBSERVED,
    WIRES,
    a_claim,
    a_record,
    an_environment,
    judged,
)


def in_short(report: Report, *asked: str, script: str = "") -> str:
    return cite(Citations(report, SITE, lambda finding: script), *asked)


def many_environments(number: int) -> Report:
    environments = tuple(an_environment(f"now-{one}") for one in range(number))
    records = [a_record(OBSERVED, one.id) for one in environments]
    investigation = replace(INVESTIGATION, environments=environments)
    return judged(investigation=investigation, records=records, digest=DIGEST)


def test_a_short_reply_has_at_most_sixty_lines_and_says_what_its_page_has_too() -> None:
    text = in_short(judged(digest=DIGEST), "good", "used", script="x = 1\n" * 100)
    assert len(text.splitlines()) <= 60
    assert f"Also on its page: the reproduction. [All of it]({LINK})." in text
    assert "exact releases</summary>" in text


def test_a_short_reply_holds_a_script_that_has_room() -> None:
    text = in_short(judged(digest=DIGEST), "good", "used", script="x = 1\n" * 5)
    assert "x = 1" in text
    assert "Also on its page" not in text


def test_a_short_table_has_eight_rows_the_cited_one_first_and_counts_the_rest() -> None:
    report = many_environments(12)
    rows = table(in_short(report, "good", "used", "now-11"))
    assert len(rows) == 9
    assert "now-11" in rows[0]
    assert rows[8] == "| and 4 more | | |"


def test_a_short_table_of_a_claim_begins_with_what_was_tested() -> None:
    rows = table(in_short(in_two_environments(None, BAD), "good"))
    assert [row.count("not tested") for row in rows[:2]] == [0, 1]


def test_a_short_reply_shows_three_events() -> None:
    event = Event("used", ("S1",))
    claim = a_claim(check=lambda history: refuted("bad", *history.events))
    history = History("completed", "", tuple(replace(event) for _ in range(20)))
    report = judged({("used", "use"): history}, claims=[WIRES, claim], digest=DIGEST)
    text = in_short(report, "good", "used")
    assert text.count(" used S1") == 3
    assert "and 17 more" in text


@pytest.mark.parametrize("full", [True, False])
def test_both_forms_are_verified_as_what_they_are(full: bool) -> None:
    report = judged(digest=DIGEST)
    text = cite(Citations(report, SITE), "good", "used", full=full)
    (one,) = verify(GivenText("the block", text), [report], SITE, Citations)
    assert one.code == 0, one.lines


def test_a_short_table_of_a_claim_names_the_releases_of_its_rows_and_counts_the_rest() -> None:
    text = in_short(many_environments(12), "good")
    assert table(text)[8:] == ["| and 4 more | | |"]
    assert text.count("\n| Admin with the library, now-") == 8


def test_findings_of_other_reasons_are_rows_of_their_own_where_a_row_tells_the_reason() -> None:
    report = on_two_databases(BAD, BAD)
    findings = (
        replace(one, reason="S7 was bad") if one.database == "postgresql" else one
        for one in report.findings
    )
    rows = table(in_short(replace(report, findings=tuple(findings)), "good"))
    assert len(rows) == 2
    assert [("S1 was bad" in row, "S7 was bad" in row) for row in rows] == [
        (True, False),
        (False, True),
    ]


def test_the_day_is_that_on_which_the_experiments_ran_also_in_a_twin() -> None:
    report = judged()
    findings = tuple(replace(one, observed_in="twin") for one in report.findings)
    days = {Setting("now", "sqlite"): "2026-02-02", Setting("twin", "sqlite"): "2026-01-05"}
    text = in_short(replace(report, findings=findings, days=days), "good", "used")
    assert "Observed on 2026-01-05." in text
    assert "2026-02-02" not in text
