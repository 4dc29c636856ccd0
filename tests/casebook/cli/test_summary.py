"""The summary: what the terminal says at the end of a run."""

import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from casebook.claim import refuted
from casebook.cli import summary as summarized
from casebook.cli.previous import keep_records
from casebook.cli.summary import Previous, ending, previous, summary, verdict_words
from casebook.judge.results import Problem
from casebook.plan import cells
from casebook.plan.investigation import Setting
from tests.casebook.cli.builders import write_record
from tests.casebook.judge.builders import (
    BAD,
    CLAIMS,
    GOOD,
    INVESTIGATION,
    OBSERVED,
    RAISED,
    WIRES,
    a_claim,
    a_record,
    an_environment,
    judged,
    planned_cells,
)

NOTHING_BEFORE = Previous("HEAD", None)


def lines(report: Any, before: Any = None) -> list[str]:
    return summary(report, Previous("HEAD", before)).splitlines()


def test_it_counts_findings_cells_and_controls() -> None:
    shown = lines(judged({("used", "use"): BAD}))
    assert shown[1] == "6 findings: 2 of patterns, 4 of controls"
    assert shown[2] == "Of patterns: 1 supported, 1 refuted, 0 inconclusive, 0 not-tested"
    assert shown[3] == "6 of 6 planned cells observed; 4 of 4 controls as declared"


def test_it_ends_with_the_page_and_the_exit_code_and_its_meaning() -> None:
    assert ending("file:///index.html", 0).splitlines() == [
        "The page: file:///index.html",
        "Exit code 0: every planned cell was observed and every control came out as declared.",
    ]


def test_it_says_what_to_write() -> None:
    shown = "\n".join(lines(judged()))
    assert (
        "Admin with the library, now (now, sqlite)\n"
        "  admin 2.2.1, library 3.1.1\n"
        "    recommended  View(model, used)" in shown
    )


def test_it_names_the_claims_that_speak_against_a_pattern() -> None:
    shown = lines(judged({("used", "use"): BAD}))
    assert "    avoid        View(model, used): good refuted" in shown


def test_it_says_what_keeps_the_answer_open() -> None:
    shown = lines(judged({("wrong", "use"): None}))
    assert "    unknown      View(model, used): good inconclusive" in shown


def test_it_answers_for_the_newest_environment_and_those_beside_it() -> None:
    beside = an_environment("beside", differs_from="now")
    environments = (an_environment(), an_environment("earlier"), beside)
    investigation = replace(INVESTIGATION, environments=environments)
    shown = "\n".join(lines(judged(investigation=investigation)))
    assert "(now, sqlite)\n" in shown
    assert "(beside, sqlite)\n" in shown
    assert "(earlier, sqlite)\n" not in shown


def test_it_says_why_an_environment_cannot_be_used() -> None:
    record = a_record(dict.fromkeys(OBSERVED), unavailable="ImportError: no library")
    shown = lines(judged(records=[record]))
    assert "    avoid        cannot be imported: ImportError: no library" in shown


def test_it_says_what_turned() -> None:
    before = verdict_words(judged())
    assert "No verdict turned since HEAD." in lines(judged(), before)
    shown = lines(judged({("used", "use"): BAD}), before)
    at = shown.index("Turned since HEAD")
    assert shown[at + 1] == "  good.used.now.sqlite: supported -> refuted"


def test_it_counts_what_is_new_and_gone() -> None:
    before = verdict_words(judged())
    before["old.used.now.sqlite"] = before.pop("good.used.now.sqlite")
    assert "New: 1 finding. Gone: 1." in lines(judged(), before)


def test_without_verdicts_from_before_nothing_is_said_to_be_the_same() -> None:
    shown = lines(judged())
    assert "Nothing to compare with: there are no results from HEAD." in shown
    assert not any("turned" in line.lower() for line in shown)


def test_it_groups_what_was_not_tested_by_its_reason() -> None:
    claims = [*CLAIMS, a_claim("also-good")]
    shown = lines(judged({("used", "wire"): RAISED}, claims=claims))
    reason = "could not be wired: ValueError: no such option"
    assert f"  2 findings, in now (sqlite): {reason}" in shown


def test_it_asks_nothing_of_a_control_that_is_built_to_be_unwired() -> None:
    assert "Nothing was left untested." in lines(judged())
    assert "Nothing was left untested." not in lines(judged({("right", "wire"): RAISED}))


def test_it_groups_controls_that_were_not_observed() -> None:
    shown = lines(judged(records=[]))
    assert "  4 controls not tested, in now (sqlite): no record" in shown
    assert "    unknown      no record" in shown


def test_it_names_some_of_many_open_claims() -> None:
    claims = [WIRES, *(a_claim(f"good-{number}") for number in range(6))]
    shown = "\n".join(lines(judged({("used", "use"): None}, claims=claims)))
    assert "View(model, used): good-0 not tested, good-1 not tested, good-2 not" in shown


def test_it_says_what_was_not_rerun() -> None:
    shown = lines(judged(not_rerun={Setting("now", "sqlite"): "no network"}))
    at = shown.index("Not rerun")
    assert shown[at + 1] == "  in now (sqlite): no network"
    assert shown[at + 2] == '  run `nox -s "experiments(now)"`'


def test_it_shows_failed_controls_and_invalid_files() -> None:
    problem = Problem("docs/results/tiny/x.json", "$.schema", "schema 7, this Casebook reads 1")
    shown = "\n".join(lines(judged({("right", "use"): BAD}, problems=[problem])))
    assert "good, in now (sqlite): control 'right' came out refuted (S1 was bad), declared" in shown
    assert "docs/results/tiny/x.json: $.schema: schema 7, this Casebook reads 1" in shown


def test_the_cell_that_a_failed_control_comes_from_can_be_shown() -> None:
    investigation = replace(INVESTIGATION, databases=("sqlite", "other"))
    records = [
        a_record({**OBSERVED, ("right", "use"): seen}, database=database)
        for database, seen in (("sqlite", GOOD), ("other", BAD))
    ]
    shown = "\n".join(lines(judged(investigation=investigation, records=records)))
    assert "show now right use --database other`" in shown
    assert "--database sqlite" not in shown


def test_it_counts_checkers_that_failed() -> None:
    claim = a_claim(check=lambda history: 1 / 0)
    shown = "\n".join(lines(judged(claims=[WIRES, claim])))
    assert "The checker failed" in shown
    assert "good.used.now.sqlite: " in shown
    assert "fix the claim in experiments.tiny.claims" in shown


def test_hostile_and_long_text_stays_in_its_lines() -> None:
    hostile = "\x1b[2J\x07\n" + "word " * 500
    claim = a_claim(check=lambda history: refuted(hostile))
    for line in lines(judged(claims=[WIRES, claim])):
        assert line.isprintable()
        assert len(line) <= 100


def test_colours_are_for_terminals_without_no_color(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("NO_COLOR", raising=False)
    assert "\x1b" not in summary(judged(), NOTHING_BEFORE)
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True, raising=False)
    assert "\x1b[32mrecommended\x1b[0m" in summary(judged(), NOTHING_BEFORE)
    monkeypatch.setenv("NO_COLOR", "1")
    assert "\x1b" not in summary(judged(), NOTHING_BEFORE)


@pytest.fixture
def git(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Run git in a repository of its own; the plan there is the tiny one."""
    for module in (cells, summarized):
        monkeypatch.setattr(module, "read_claims", lambda root, investigation: CLAIMS)
    monkeypatch.setattr(
        summarized,
        "planned_cells",
        lambda root, investigation: planned_cells(investigation, CLAIMS),
    )

    def run(*arguments: str) -> None:
        identity = ["-c", "user.name=A", "-c", "user.email=a@example.org"]
        subprocess.run(
            ["git", "-C", tmp_path, *identity, *arguments], check=True, capture_output=True
        )

    return run


def test_the_verdicts_of_head_are_those_of_the_committed_records(
    tmp_path: Path, git: Callable[..., None]
) -> None:
    git("init")
    write_record(tmp_path, {}, "gone")
    write_record(tmp_path, {})
    git("add", ".")
    git("commit", "-m", "results")
    write_record(tmp_path, {("used", "use"): BAD})
    assert previous(tmp_path, INVESTIGATION) == Previous("HEAD", verdict_words(judged()))


def test_a_head_without_results_is_not_compared_with_the_disk(
    tmp_path: Path, git: Callable[..., None]
) -> None:
    git("init")
    git("commit", "--allow-empty", "-m", "nothing")
    write_record(tmp_path, {})
    keep_records(tmp_path)
    assert previous(tmp_path, INVESTIGATION) == Previous("HEAD", None)


def test_without_a_commit_the_verdicts_of_before_are_those_on_disk_before_the_run(
    tmp_path: Path, git: Callable[..., None]
) -> None:
    git("init")
    write_record(tmp_path, {})
    keep_records(tmp_path)
    write_record(tmp_path, {("used", "use"): BAD})
    assert previous(tmp_path, INVESTIGATION) == Previous("the last run", verdict_words(judged()))


def test_cells_without_an_observation_are_added_up_over_the_environments() -> None:
    environments = an_environment("one"), an_environment("two")
    report = judged(investigation=replace(INVESTIGATION, environments=environments), records=[])
    shown = lines(report)
    at = shown.index("Not observed")
    assert shown[at + 1].startswith("  12 cells, in one (sqlite), two (sqlite): ")
    assert shown[at + 2] == "  run `nox -s report`"


def test_what_is_missing_stands_below_what_was_found() -> None:
    shown = lines(judged({("used", "use"): None}))
    assert shown.index("Not tested, and why") < shown.index("Not observed")
