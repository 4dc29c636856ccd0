"""What was observed of a cell, and the gap where nothing was."""

from dataclasses import replace
from typing import Any

import pytest

from casebook.judge.observed import Gap, ObservedSetting, ended, short
from casebook.judge.report import exit_code
from casebook.plan.investigation import PlannedCell
from casebook.record import Event, History
from casebook.stored import Cell
from tests.casebook.builders import ADDITION, TWIN, append, found
from tests.casebook.judge.builders import (
    BAD,
    GOOD,
    NOTHING,
    OBSERVED,
    a_cell,
    a_record,
    an_environment,
    finding,
    judged,
    named,
    seen,
)

# --- Twins ----------------------------------------------------------------------------------------


def test_what_was_seen_in_a_twin_is_a_finding_of_the_environment(needy):
    for environment in ("dictionary", TWIN):
        assert needy.run(environment).returncode == 0

    finding = found(needy, "counts-needy")

    assert (finding.verdict, finding.observed_in) == ("supported", TWIN)
    assert [one.environment for one in finding.evidence] == [TWIN]
    assert found(needy, "counts-apart").observed_in == "dictionary"


def test_a_twin_without_a_record_leaves_its_claims_alone_untested(needy):
    needy.run("dictionary")

    assert found(needy, "counts-needy").verdict == "not-tested"
    assert found(needy, "counts-apart").verdict == "supported"


def unresolved(project, *database):
    """Let what a twin adds find no release that goes with the environment."""
    lock = project.path(f"conf/requirements/tiny/{TWIN}.txt")
    lock.rename(lock.with_suffix(".unresolved"))
    lock.with_suffix(".unresolved").write_text("no abacus goes with it\n", encoding="utf-8")
    assert project.run(TWIN, *database).returncode == 0


def test_a_twin_that_cannot_be_used_says_nothing_of_the_environment(needy):
    needy.run("dictionary")
    unresolved(needy)

    finding = found(needy, "counts-needy")

    assert finding.verdict == "not-tested"
    assert finding.reason == f"{TWIN} cannot be resolved: no abacus goes with it"
    assert found(needy, "wires").verdict == "supported"


def test_a_database_whose_driver_cannot_be_added_refutes_no_pattern(served):
    append(served, "conf/tiny.toml", 'needs = ["abacus"]\n' + ADDITION)
    served.write(f"conf/requirements/tiny/{TWIN}.txt", "")
    served.run("dictionary")
    unresolved(served, "--database", "ledger")

    finding = found(served, "wires", database="ledger")

    assert finding.verdict == "not-tested"
    assert finding.reason == f"{TWIN} cannot be resolved: no abacus goes with it"


# --- What was observed ----------------------------------------------------------------------------


def test_two_runs_that_differ_are_inconclusive_and_show_the_first_difference() -> None:
    report = judged({("used", "use"): [GOOD, BAD]})
    reason = "the two runs differed: at event 2, good S1 against bad S1"
    assert seen(report) == ("inconclusive", reason)
    assert [(shown.history, shown.events) for shown in finding(report).evidence] == [
        (0, (1,)),
        (1, (1,)),
    ]
    assert report.coverage.not_tested == 0


def test_a_run_that_ended_earlier_differs_at_its_end() -> None:
    cut = History("timed-out", "30 s", GOOD.events[:1])
    report = judged({("used", "use"): [GOOD, cut]})
    reason = "the two runs differed: at event 2, good S1 against end (timed-out: 30 s)"
    assert seen(report) == ("inconclusive", reason)
    assert [shown.history for shown in finding(report).evidence] == [0]


MORE = Event("more")


def after(history: History, *events: Event) -> History:
    return replace(history, events=(*history.events, *events))


@pytest.mark.parametrize(
    ("history", "verdict", "reason"),
    [(GOOD, "supported", "S1 was good"), (BAD, "refuted", "S1 was bad")],
)
def test_what_a_claim_says_of_both_runs_stands_where_they_differ_elsewhere(
    history: History, verdict: str, reason: str
) -> None:
    report = judged({("used", "use"): [history, after(history, MORE)]})
    assert seen(report) == (verdict, reason)
    assert finding(report).remarks == (
        "the two runs of use differed elsewhere: at event 3, end (completed) against more",
    )
    assert [(shown.history, shown.events) for shown in finding(report).evidence] == [(0, (1,))]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (GOOD, NOTHING),
        (GOOD, replace(GOOD, events=(Event("start"), Event("good", ("S2",))))),  # another event
        (after(GOOD, MORE), replace(GOOD, outcome="crashed", reason="signal 11")),
    ],
)
def test_runs_of_which_a_claim_says_different_things_are_inconclusive(
    one: History, other: History
) -> None:
    verdict, reason = seen(judged({("used", "use"): [one, other]}))
    assert verdict == "inconclusive"
    assert reason.startswith("the two runs differed: at event ")


def test_runs_that_differ_after_wiring_leave_what_the_gate_says() -> None:
    report = judged({("used", "wire"): [GOOD, after(GOOD, MORE)]})
    assert seen(report, "wires") == ("supported", "it was set up")
    assert seen(report) == ("supported", "S1 was good")
    assert report.grades[0].grade == "recommended"


def test_runs_of_a_control_that_differ_elsewhere_leave_its_claim() -> None:
    report = judged({("wrong", "use"): [BAD, after(BAD, MORE)]})
    assert seen(report) == ("supported", "S1 was good")
    assert exit_code(report) == 0


def test_runs_of_which_one_could_not_be_had_are_inconclusive() -> None:
    gone = History("unavailable", "no library", ())
    assert seen(judged({("used", "use"): [GOOD, gone]}))[0] == "inconclusive"


def test_one_run_alone_shows_nothing() -> None:
    report = judged({("used", "use"): Cell("used", "use", 1, named(GOOD))})
    assert seen(report) == ("inconclusive", "ran once: nothing shows that it repeats")


def test_a_deleted_cell_is_not_tested_and_makes_the_report_incomplete() -> None:
    report = judged({("used", "use"): None})
    assert finding(report).verdict == "not-tested"
    assert finding(report).reason.startswith("no observation: ")
    assert (report.coverage.completed, report.coverage.not_tested) == (5, 1)
    assert exit_code(report) == 3


def test_a_cell_that_was_not_planned_when_the_environment_ran_says_so() -> None:
    record = a_record({**OBSERVED, ("used", "use"): None})
    record = replace(record, planned={})
    reason = "no observation: not planned when the environment ran"
    assert seen(judged(records=[record])) == ("not-tested", reason)


@pytest.mark.parametrize("second", [GOOD, BAD])
def test_a_doubled_cell_is_inconclusive_whatever_the_two_say(second: History) -> None:
    record = a_record(OBSERVED)
    record = replace(record, cells=(*record.cells, a_cell("used", "use", second)))
    report = judged(records=[record])
    reason = "recorded 2 times: none of them can be believed"
    assert seen(report) == ("inconclusive", reason)
    assert report.coverage.not_tested == 1


def test_a_cell_with_more_histories_than_runs_is_inconclusive() -> None:
    report = judged({("used", "use"): [GOOD, GOOD, GOOD]})
    assert seen(report) == ("inconclusive", "contradictory: 3 histories of 2 runs")


def test_a_cell_without_a_history_is_not_tested() -> None:
    report = judged({("used", "use"): []})
    assert seen(report) == ("not-tested", "no observation: the cell holds no history")


def test_a_planned_environment_without_a_record_is_not_tested() -> None:
    report = judged(records=[])
    assert {(one.verdict, one.reason) for one in report.findings} == {("not-tested", "no record")}
    assert exit_code(report) == 3


def test_a_cell_of_an_earlier_experiment_counts_as_not_observed() -> None:
    cell = PlannedCell("now", "sqlite", "used", "use")
    report = judged(changed={cell: "experiments/tiny/use.py"})
    reason = "recorded by an earlier experiment: experiments/tiny/use.py changed since"
    assert seen(report) == ("not-tested", reason)
    assert report.coverage.not_tested == 1


def test_findings_that_were_not_rerun_stay_and_say_so() -> None:
    report = judged(not_rerun={("now", "sqlite"): "no network"})
    assert finding(report).verdict == "supported"
    assert finding(report).note == "not rerun: no network"
    assert exit_code(report) == 3


# --- The setting by itself ------------------------------------------------------------------------


def setting_of(*seen: History | Gap, **changes: Any) -> ObservedSetting:
    cells = {("used", str(number)): one for number, one in enumerate(seen)}
    ran_in = {str(number): "now" for number in range(len(seen))}
    values: dict[str, Any] = {"cells": cells, "ran_in": ran_in, "unavailable": {}}
    return ObservedSetting(an_environment(), "sqlite", **{**values, **changes})


def test_cells_count_as_completed_where_an_outcome_was_recorded() -> None:
    differed = Gap("inconclusive", "the two runs differed", recorded=True)
    setting = setting_of(GOOD, differed, Gap("not-tested", "no record"))
    assert setting.completed == 2
    assert list(setting.unobserved) == [(("now", "sqlite"), "no record")]


def test_a_cell_that_nobody_planned_is_a_gap() -> None:
    assert setting_of(GOOD).seen("used", "9") == Gap("not-tested", "no observation: not planned")


def test_experiments_are_in_reach_where_each_ran_and_could_be_imported() -> None:
    setting = setting_of(GOOD, GOOD, ran_in={"0": "now", "1": "twin"}, unavailable={"twin": "no"})
    assert setting.in_reach(["0"])
    assert not setting.in_reach(["0", "1"])
    assert not setting.in_reach(["0", "not planned"])


def test_home_is_the_environment_itself_or_the_first_twin() -> None:
    assert setting_of(GOOD, GOOD, ran_in={"0": "twin", "1": "now"}).home == "now"
    assert setting_of(GOOD, ran_in={"0": "twin"}).home == "twin"


def test_a_long_event_is_cut_and_a_detail_without_a_value_left_out() -> None:
    event = Event("said", ("S1",), {"what": "word " * 50, "nothing": None})
    assert short(Event("said", ("S1",), {"number": 1, "nothing": None})) == "said S1 number=1"
    assert len(short(event)) == 80


def test_a_run_is_told_with_its_outcome_and_its_reason() -> None:
    assert ended(History("completed", "", ())) == "completed"
    assert ended(History("timed-out", "30 s", ())) == "timed-out: 30 s"
