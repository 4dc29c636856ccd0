"""The summary: what the terminal says at the end of a run."""

import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from itertools import combinations
from pathlib import Path
from typing import Any

import pytest

from casebook.claim import VerdictWord, refuted
from casebook.cli.lines import WIDTH
from casebook.cli.previous import keep_records
from casebook.cli.summary import Previous, ending, previous, summary, verdict_words
from casebook.judge import project
from casebook.judge.project import read_report
from casebook.judge.report import Report
from casebook.judge.results import Problem
from casebook.plan import cells
from casebook.plan.conf import investigation_ids
from casebook.plan.investigation import Setting
from casebook.stored import store
from tests.casebook.cli.builders import write_record
from tests.casebook.judge.builders import (
    BAD,
    CLAIMS,
    GOOD,
    HISTORIES,
    INVESTIGATION,
    OBSERVED,
    RAISED,
    WIRES,
    a_claim,
    a_pattern,
    a_record,
    an_environment,
    judged,
    planned_cells,
)
from tests.committed import report_of
from tests.conftest import CASEBOOK

NOTHING_BEFORE = Previous("HEAD", None)


def lines(report: Any, before: Any = None) -> list[str]:
    return summary(report, Previous("HEAD", before)).splitlines()


def test_it_counts_findings_cells_and_controls() -> None:
    shown = lines(judged({("used", "use"): BAD}))
    assert shown[1] == "6 of 6 cells observed; 4 of 4 controls as declared; 6 findings"
    assert shown[2] == "Of patterns: 1 supported, 1 refuted, 0 inconclusive, 0 not-tested"


def test_it_ends_with_the_page_and_the_exit_code_and_its_meaning() -> None:
    assert ending("file:///index.html", 0).splitlines() == [
        "The page: file:///index.html",
        "Exit code 0: every cell was observed and no control failed.",
    ]


def test_it_says_what_to_write() -> None:
    shown = "\n".join(lines(judged()))
    assert (
        "What to write, with admin 2.2.1, library 3.1.1\n"
        "  The Library:\n"
        "    recommended  View(model, used)\n" in shown
    )


def test_what_is_to_be_avoided_stands_beside_what_works_if_there_is_room(monkeypatch) -> None:
    cells = {(id, at): GOOD for id in ("used", "too") for at in ("wire", "use")}
    investigation = replace(INVESTIGATION, patterns=(*INVESTIGATION.patterns, a_pattern("too")))
    report = judged({**cells, ("too", "use"): BAD}, investigation=investigation)
    avoided = "    avoid        View(model, too): good refuted"
    assert lines(report)[6:8] == ["    recommended  View(model, used)", avoided]
    monkeypatch.setattr("casebook.cli.summary.ROOM", 8)
    assert lines(report)[6:8] == ["    recommended  View(model, used)", ""]


def test_a_finding_of_which_nothing_was_to_run_is_no_new_one(tiny) -> None:
    shown = summary(read_report(tiny.root, "tiny"), Previous("HEAD", {}))
    assert "No verdict turned since HEAD." in shown


def test_it_names_the_claims_that_speak_against_a_pattern() -> None:
    shown = lines(judged({("used", "use"): BAD}))
    assert "    avoid        View(model, used): good refuted" in shown


def test_it_recommends_nothing_without_what_stands_beside_the_grade() -> None:
    leaks = a_claim(
        "leaks", experiments=("load",), required=False, weighs=False, otherwise="leaks under load"
    )
    cells = {("used", "load"): BAD, ("right", "load"): GOOD, ("wrong", "load"): BAD}
    claims = [*CLAIMS, leaks]
    assert "    recommended  View(model, used): leaks under load" in lines(
        judged(cells, claims=claims)
    )


def test_what_stands_beside_all_that_works_is_said_once_above_it() -> None:
    leaks = a_claim(
        "leaks", experiments=("load",), required=False, weighs=False, otherwise="leaks under load"
    )
    cells = {(id, at): GOOD for id in ("used", "too") for at in ("wire", "use")}
    cells |= {("used", "load"): BAD, ("right", "load"): GOOD, ("wrong", "load"): BAD}
    investigation = replace(INVESTIGATION, patterns=(*INVESTIGATION.patterns, a_pattern("too")))
    for too, beside in ((BAD, True), (GOOD, False)):
        report = judged(
            {**cells, ("too", "load"): too}, claims=[*CLAIMS, leaks], investigation=investigation
        )
        shown = lines(report)
        assert ("  whichever is chosen: leaks under load" in shown) == beside
        assert ("    recommended  View(model, used): leaks under load" in shown) != beside


def test_it_says_what_keeps_the_answer_open() -> None:
    claims = [*CLAIMS, a_claim("also-good", refuted_by={"wrong": "nothing like this"})]
    assert "unknown 1" in "\n".join(lines(judged(claims=claims)))


def test_it_answers_for_the_newest_environment_and_those_beside_it() -> None:
    beside = an_environment("beside", differs_from="now", install=("admin[extra]", "other"))
    environments = (an_environment(), an_environment("earlier"), beside)
    investigation = replace(INVESTIGATION, environments=environments)
    there = [
        a_record(OBSERVED, "now", releases={"admin": "2.2.1"}),
        a_record(OBSERVED, "earlier", releases={"admin": "2.0"}),
        a_record(OBSERVED, "beside", releases={"admin": "2.2.1", "other": "1"}),
    ]
    shown = lines(judged(investigation=investigation, records=there))
    at = shown.index("What to write, with admin 2.2.1")
    assert shown[at + 1 : at + 6] == [
        "  The Library:",
        "    recommended  View(model, used)",
        "  with other:",
        "    recommended  View(model, used)",
        "",
    ]


def test_an_environment_that_cannot_be_used_is_told_with_the_one_beside_it() -> None:
    beside = an_environment("beside", differs_from="now")
    investigation = replace(INVESTIGATION, environments=(an_environment(), beside))
    records = [
        a_record(dict.fromkeys(OBSERVED), unavailable="ImportError: no library"),
        a_record(OBSERVED, "beside", releases={"admin": "2.2.1", "library": "3.1.1"}),
    ]
    shown = lines(judged(investigation=investigation, records=records))
    assert "  The Library cannot be imported; without other:" in shown


def test_an_environment_that_cannot_be_used_has_no_answer() -> None:
    record = a_record(dict.fromkeys(OBSERVED), unavailable="ImportError: no library")
    assert "  The Library cannot be imported" in lines(judged(records=[record]))


def test_what_is_cut_is_the_pattern_and_not_what_speaks_against_it() -> None:
    used, *controls = INVESTIGATION.patterns
    long = replace(used, title="View(" + "model, " * 20 + ")")
    investigation = replace(INVESTIGATION, patterns=(long, *controls))
    shown = lines(judged({("used", "use"): BAD}, investigation=investigation))
    (line,) = (line for line in shown if line.startswith("    avoid"))
    assert line.endswith("…: good refuted")
    assert len(line) <= WIDTH


def test_it_says_what_turned() -> None:
    before = verdict_words(judged())
    assert "No verdict turned since HEAD." in lines(judged(), before)
    shown = lines(judged({("used", "use"): BAD}), before)
    at = shown.index("1 verdict turned since HEAD.")
    assert shown[at + 1] == "  good.used.now.sqlite: supported -> refuted"


def test_it_counts_what_is_new_and_gone() -> None:
    before = verdict_words(judged())
    before["old.used.now.sqlite"] = before.pop("good.used.now.sqlite")
    assert "No verdict turned since HEAD; 1 finding new, 1 gone." in lines(judged(), before)


def test_without_verdicts_from_before_nothing_is_said_to_be_the_same() -> None:
    shown = lines(judged())
    assert "Nothing to compare with: there are no results from HEAD." in shown
    assert not any("turned" in line.lower() for line in shown)


def test_it_groups_what_was_not_tested_by_its_reason() -> None:
    claims = [*CLAIMS, a_claim("also-good")]
    shown = lines(judged({("used", "wire"): RAISED}, claims=claims))
    at = shown.index("Not tested: 2 findings of patterns, for 1 reason:")
    assert shown[at + 1] == "     2  ValueError: no such option"


def test_what_is_not_asked_of_a_control_is_not_counted_as_untested() -> None:
    assert "No finding of a pattern was left untested." in lines(judged())


def test_it_groups_controls_that_were_not_observed() -> None:
    shown = lines(judged(records=[]))
    assert "  4 controls not tested, in now: no record" in shown


def test_it_names_some_of_many_claims_that_speak_against_a_pattern() -> None:
    claims = [WIRES, *(a_claim(f"good-{number}") for number in range(6))]
    shown = "\n".join(lines(judged({("used", "use"): BAD}, claims=claims)))
    assert "good-0 refuted, good-1 refuted, good-2" in shown
    assert "and 2 more" in shown


def test_it_says_what_was_not_rerun() -> None:
    shown = lines(judged(not_rerun={Setting("now", "sqlite"): "no network"}))
    at = shown.index("Not rerun")
    assert shown[at + 1] == "  in now: no network"
    assert shown[at + 2] == '  run `nox -s "experiments(now)"`'


def test_it_shows_failed_controls_and_invalid_files() -> None:
    problem = Problem("docs/results/tiny/x.json", "$.schema", "schema 7, this Casebook reads 1")
    shown = "\n".join(lines(judged({("right", "use"): BAD}, problems=[problem])))
    assert "good, in now: control 'right' came out refuted (S1 was bad), declared" in shown
    assert "docs/results/tiny/x.json: $.schema: schema 7, this Casebook reads 1" in shown


def test_a_record_of_what_is_no_longer_planned_is_to_be_removed() -> None:
    rule = "`gone` is not in the plan"
    problem = Problem("docs/results/tiny/gone.sqlite.json", "$.environment", rule)
    shown = " ".join("\n".join(lines(judged(problems=[problem]))).split())
    assert f"{rule} remove it, or restore what it is of in conf/tiny.toml" in shown
    assert "git checkout" not in shown


def test_all_records_that_are_to_be_removed_are_named_at_once() -> None:
    rule = "`gone` is not in the plan"
    files = [f"docs/results/tiny/{number}.json" for number in range(7)]
    problems = [Problem(file, "$.environment", rule) for file in files]
    shown = " ".join("\n".join(lines(judged(problems=problems))).split())
    assert f"remove it, and {files[1]}, and {files[2]}, and" in shown
    assert f"{files[4]}, and 2 more, or restore" in shown


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
    assert "fix the claim: experiments/tiny/claims.py line " in shown


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
    for module in (cells, project):
        monkeypatch.setattr(module, "read_claims", lambda root, investigation: CLAIMS)
    monkeypatch.setattr(
        project,
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


def test_a_pattern_that_is_new_did_not_turn(tmp_path: Path, git: Callable[..., None]) -> None:
    git("init")
    whole = a_record(OBSERVED)
    without = replace(
        whole,
        planned={name: own for name, own in whole.planned.items() if name != "used"},
        cells=tuple(one for one in whole.cells if one.pattern != "used"),
    )
    store(tmp_path, without, HISTORIES.values())
    git("add", ".")
    git("commit", "-m", "results")
    before = previous(tmp_path, INVESTIGATION)
    assert before.verdicts
    assert not [id for id in before.verdicts if ".used." in id]
    told = summary(judged(), before)
    assert "No verdict turned since HEAD; 2 findings new, 0 gone." in told


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
    assert shown[at + 1].startswith("  12 cells, in one, two: ")
    assert shown[at + 2] == "  run `nox -s report`"


def test_what_ended_badly_stands_above_what_was_found() -> None:
    shown = lines(judged({("used", "use"): None}))
    assert shown[1] == "Not observed"
    assert shown.index("Not observed") < shown.index(
        "Not tested: 1 (1 reason): no observation: planned, but the run recorded nothing"
    )
    assert "All of it, and why: build/html/tiny/method.html" in shown


# --- One screen -----------------------------------------------------------------------------------


def screen(report: Report, before: Previous = NOTHING_BEFORE, code: int = 0) -> list[str]:
    """Return the lines of the end of a report, with the one that says how long it took."""
    end = ending("/home/somebody/casebook/build/html/index.html", code)
    return ["Took", *(summary(report, before) + end).splitlines()]


def fits(shown: list[str]) -> bool:
    return len(shown) <= SCREEN and max(map(len, shown)) <= WIDTH


SCREEN = 23
"""The lines of a terminal of 24, of which nox takes one for its own last word."""


@pytest.fixture(scope="module", params=["the miniature", *investigation_ids(CASEBOOK)])
def committed(request: pytest.FixtureRequest) -> Report:
    """A report: of the miniature that ran, and of the committed results of what is here."""
    if request.param == "the miniature":
        return read_report(request.getfixturevalue("observed")[0].root, "tiny")
    return report_of(request.param)


@pytest.mark.slow
def test_the_end_of_the_committed_report_fits_in_one_screen(committed: Report) -> None:
    report = replace(committed, not_rerun={})
    shown = screen(report, Previous("HEAD", verdict_words(report)))
    assert fits(shown), "\n".join(shown)


@pytest.mark.slow
def test_it_still_fits_where_much_turned(committed: Report) -> None:
    report = replace(committed, not_rerun={})
    before: dict[str, VerdictWord] = dict.fromkeys(verdict_words(report), "inconclusive")
    shown = screen(report, Previous("HEAD", before))
    assert fits(shown), "\n".join(shown)


LONG = "a reason that goes on " * 20

WELL: dict[str, Any] = {"not_rerun": {}, "unobserved": {}, "problems": (), "failed_checkers": ()}
"""Where nothing went wrong, whatever was observed."""


@pytest.mark.slow
def test_the_answer_is_folded_to_the_room_that_there_is(
    committed: Report, monkeypatch: pytest.MonkeyPatch
) -> None:
    held = tuple(one for one in committed.controls if one.held)
    report = replace(committed, controls=held, **WELL)
    folded = []
    for room in range(14, 40):
        monkeypatch.setattr("casebook.cli.summary.ROOM", room)
        shown = screen(report, Previous("HEAD", verdict_words(report)))
        assert len(shown) <= room + 5, "\n".join(shown)
        assert any(line.startswith("What to write") for line in shown)
        page = f"  and more: see build/html/{report.investigation.id}/index.html"
        folded.append(page in shown)
    assert folded == sorted(folded, reverse=True)
    assert not folded[-1]


@pytest.mark.slow
def test_it_still_fits_where_everything_went_wrong(committed: Report) -> None:
    problems = [Problem(f"docs/results/{n}.json", "$.x", LONG) for n in range(9)]
    controls = [
        replace(one, held=False, verdict="refuted", reason=LONG) for one in committed.controls
    ]
    wrong: dict[str, Any] = {
        "failed_checkers": tuple(one.id for one in committed.findings[:9]),
        "problems": tuple(problems),
        "not_rerun": dict.fromkeys(committed.settings, LONG),
        "unobserved": {(setting, LONG + str(setting)): 9 for setting in committed.settings},
        "controls": tuple(controls),
    }
    for number in range(1, len(wrong) + 1):
        for some in combinations(wrong, number):
            report = replace(committed, **{"not_rerun": {}} | {name: wrong[name] for name in some})
            shown = screen(report, code=3 if "failed_checkers" not in some else 1)
            assert fits(shown), "\n".join(shown)


@pytest.mark.slow
def test_every_kind_of_what_went_wrong_is_named_with_what_to_do(committed: Report) -> None:
    problem = Problem("docs/results/x.json", "$.x", "wrong")
    report = replace(
        committed,
        failed_checkers=(committed.findings[0].id,),
        problems=(problem,),
        not_rerun=dict.fromkeys(committed.settings, "no network"),
        unobserved={(setting, "no record"): 9 for setting in committed.settings},
        controls=tuple(replace(one, held=False) for one in committed.controls[:1]),
    )
    shown = "\n".join(screen(report))
    for kind in ("The checker failed", "Invalid results", "Not rerun", "Not observed", "Controls"):
        assert kind in shown
    for fix in ("fix the claim", "git checkout --", "run `nox -s report`", "casebook show"):
        assert fix in shown
