"""The judge's rules, each on the smallest record that shows it. `judged` builds these records."""

import time
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import pytest

from casebook.judge import changed_inputs, digest, judge
from casebook.plan.claims import concerns
from casebook.plan.investigation import Backend, Environment, Investigation, Pattern, PlannedCell
from casebook.publish import dump_published, verdicts
from casebook.record import (
    Cell,
    Claim,
    Event,
    History,
    Planned,
    Record,
    Verdict,
    inconclusive,
    refuted,
    supported,
)
from casebook.report import Finding, Report, exit_code, main_releases
from casebook.results import Problem

# --- The smallest investigation -------------------------------------------------------------------

GOOD = History("completed", "", (Event("start"), Event("good", ("S1",))))
BAD = History("completed", "", (Event("start"), Event("bad", ("S1",))))
NOTHING = History("completed", "", ())
RAISED = History("raised", "ValueError: no such option", ())

Cells = Mapping[tuple[str, str], History | Cell | Sequence[History] | None]


def check_wires(history: History) -> Verdict:
    if history.outcome == "raised":
        return refuted(history.reason)
    return supported("it was set up")


def check_good(history: History) -> Verdict:
    for event in history.of("bad"):
        return refuted("S1 was bad", event)
    for event in history.of("good"):
        return supported("S1 was good", event)
    return inconclusive("no occasion: nothing was used")


def a_claim(id: str = "good", check: Any = check_good, **changes: Any) -> Claim:
    values: dict[str, Any] = {
        "title": f"The claim {id}",
        "text": "",
        "experiments": ("use",),
        "supported_by": ("right",),
        "refuted_by": {"wrong": "bad"},
        "required": True,
        "gate": False,
        "baseline": None,
    }
    return Claim(id=id, check=check, **{**values, **changes})


WIRES = a_claim(
    "wires",
    check_wires,
    experiments=("wire",),
    refuted_by={"unwired": "ValueError"},
    gate=True,
)
CLAIMS = (WIRES, a_claim())


def a_pattern(id: str, *, control: bool = False, backend: str = "library") -> Pattern:
    return Pattern(id, f"View(model, {id})", backend, control, id.replace("-", "_"))


def an_environment(id: str = "now", **changes: Any) -> Environment:
    values: dict[str, Any] = {
        "title": f"Admin with the library, {id}",
        "backend": "library",
        "install": ("admin[extra]", "Library==3"),
        "imports": ("library",),
        "source": "",
        "differs_from": "",
        "lock": f"conf/requirements/{id}.txt",
    }
    return Environment(id=id, **{**values, **changes})


INVESTIGATION = Investigation(
    id="tiny",
    title="A tiny investigation",
    question="Does it hold?",
    experiments="experiments.tiny",
    claims="experiments.tiny.claims",
    databases=("sqlite",),
    time_limit=1,
    backends=(Backend("library", "The Library", "experiments.tiny.library"),),
    environments=(an_environment(),),
    patterns=(
        a_pattern("used"),
        a_pattern("right", control=True),
        a_pattern("wrong", control=True),
        a_pattern("unwired", control=True),
    ),
    diagram=None,
)

OBSERVED: Cells = {
    ("used", "wire"): GOOD,
    ("right", "wire"): GOOD,
    ("unwired", "wire"): RAISED,
    ("used", "use"): GOOD,
    ("right", "use"): GOOD,
    ("wrong", "use"): BAD,
}


def a_cell(pattern: str, experiment: str, seen: History | Cell | Sequence[History]) -> Cell:
    if isinstance(seen, Cell):
        return seen
    histories = (seen,) if isinstance(seen, History) else tuple(seen)
    return Cell(pattern, experiment, 2, histories)


def a_record(cells: Cells, environment: str = "now", **changes: Any) -> Record:
    values: dict[str, Any] = {
        "schema": 1,
        "investigation": "tiny",
        "database": "sqlite",
        "python": "3.11",
        "platform": "linux-x86_64",
        "releases": {"admin": "2.2.1", "library": "3.1.1", "other": "1"},
        "digests": {},
        "unavailable": None,
        "planned": tuple(Planned(*name) for name in cells),
        "cells": tuple(a_cell(*name, seen) for name, seen in cells.items() if seen is not None),
    }
    return Record(environment=environment, **{**values, **changes})


def planned_cells(investigation: Investigation, claims: Sequence[Claim]) -> list[PlannedCell]:
    return [
        PlannedCell(environment.id, database, pattern.id, experiment)
        for environment in investigation.environments
        for database in investigation.databases
        for pattern in investigation.patterns_in(environment)
        for experiment in dict.fromkeys(
            name for claim in claims if concerns(claim, pattern) for name in claim.experiments
        )
    ]


def judged(
    cells: Cells | None = None,
    *,
    claims: Sequence[Claim] = CLAIMS,
    investigation: Investigation = INVESTIGATION,
    records: Sequence[Record] | None = None,
    **facts: Any,
) -> Report:
    """Judge a record of `OBSERVED`, changed by `cells`: None removes one, two histories differ."""
    if records is None:
        records = [a_record({**OBSERVED, **(cells or {})})]
    by_key = {(record.environment, record.database): record for record in records}
    planned = planned_cells(investigation, claims)
    return judge(investigation, claims, planned, by_key, **facts)


def finding(
    report: Report, claim: str = "good", pattern: str = "used", environment: str = "now"
) -> Finding:
    name = f"{claim}.{pattern}.{environment}.sqlite"
    return next(one for one in report.findings if one.id == name)


def seen(report: Report, claim: str = "good", pattern: str = "used") -> tuple[str, str]:
    one = finding(report, claim, pattern)
    return one.verdict, one.reason


# --- One experiment -------------------------------------------------------------------------------


def test_every_claim_is_judged_on_the_backends_patterns_and_on_the_controls_it_names() -> None:
    other = a_pattern("elsewhere", backend="another")
    unnamed = a_pattern("unnamed", control=True)
    investigation = replace(INVESTIGATION, patterns=(*INVESTIGATION.patterns, other, unnamed))
    report = judged(investigation=investigation)
    assert [one.id.removesuffix(".now.sqlite") for one in report.findings] == [
        "wires.used",
        "good.used",
        "wires.right",
        "good.right",
        "good.wrong",
        "wires.unwired",
    ]


def test_a_claim_is_judged_on_its_baseline() -> None:
    like = a_claim("like", lambda history, baseline: supported("as it"), baseline="unwired")
    found = [one.id for one in judged(claims=[WIRES, like]).findings]
    assert "like.unwired.now.sqlite" in found


def test_a_finding_shows_the_checkers_verdict_reason_and_events() -> None:
    one = finding(judged())
    assert (one.verdict, one.reason) == ("supported", "S1 was good")
    assert [(shown.experiment, shown.history, shown.events) for shown in one.evidence] == [
        ("use", 0, (1,))
    ]


def test_equal_events_are_told_apart() -> None:
    history = History("completed", "", (Event("good"), Event("good")))
    last = a_claim(check=lambda history: supported("the last", history.events[-1]))
    report = judged({("used", "use"): history}, claims=[WIRES, last])
    assert finding(report).evidence[0].events == (1,)


def test_a_history_without_an_occasion_is_inconclusive() -> None:
    report = judged({("used", "use"): NOTHING})
    assert seen(report) == ("inconclusive", "no occasion: nothing was used")


def fail(history: History) -> Verdict:
    raise KeyError("S1")


def fail_at_an_address(history: History) -> Verdict:
    raise RuntimeError("<Session at 0x7f3a5c0d1e90>")


def answer_nothing(history: History) -> None:
    return None


@pytest.mark.parametrize(
    ("check", "reason"),
    [
        (fail, "the checker failed: KeyError: 'S1'"),
        (fail_at_an_address, "the checker failed: RuntimeError: <Session at 0x...>"),
        (answer_nothing, "the checker failed: TypeError: None is not a verdict"),
        (lambda history: Verdict("passed", "so"), "the checker failed: TypeError"),  # type: ignore[arg-type]
    ],
)
def test_a_checker_that_fails_is_no_pass_and_is_counted(check: Any, reason: str) -> None:
    claim = a_claim(check=lambda h: check_good(h) if h is not NOTHING else check(h))
    report = judged({("used", "use"): NOTHING}, claims=[WIRES, claim])
    assert finding(report).verdict == "inconclusive"
    assert finding(report).reason.startswith(reason)
    assert report.failed_checkers == ("good.used.now.sqlite",)


@pytest.mark.parametrize("outcome", ["raised", "crashed", "timed-out"])
def test_support_from_a_run_that_did_not_end_is_inconclusive(outcome: Any) -> None:
    report = judged({("used", "use"): replace(GOOD, outcome=outcome, reason="why")})
    reason = f"the experiment did not run to its end: {outcome}: why"
    assert seen(report) == ("inconclusive", reason)


def test_a_run_that_did_not_end_still_refutes() -> None:
    report = judged({("used", "use"): replace(BAD, outcome="crashed", reason="why")})
    assert seen(report) == ("refuted", "S1 was bad")


# --- Several experiments --------------------------------------------------------------------------

TWICE = a_claim(experiments=("use", "again"))


def judged_twice(first: History | None, second: History | None) -> Report:
    controls = {("right", "again"): GOOD, ("wrong", "again"): BAD}
    return judged(
        {**controls, ("used", "use"): first, ("used", "again"): second}, claims=[WIRES, TWICE]
    )


def test_support_needs_every_experiment() -> None:
    assert seen(judged_twice(GOOD, GOOD)) == ("supported", "S1 was good")
    reason = "in again: no occasion: nothing was used"
    assert seen(judged_twice(GOOD, NOTHING)) == ("inconclusive", reason)


def test_one_refutation_refutes_and_names_its_experiment() -> None:
    report = judged_twice(GOOD, BAD)
    assert seen(report) == ("refuted", "in again: S1 was bad")
    assert [shown.experiment for shown in finding(report).evidence] == ["again"]


def test_support_without_one_of_its_observations_is_inconclusive() -> None:
    verdict, reason = seen(judged_twice(GOOD, None))
    assert verdict == "inconclusive"
    assert reason.startswith("in again: no observation: ")


def test_different_reasons_are_joined_with_their_experiments_and_not_repeated() -> None:
    names = ("one", "two", "three", "four", "five")
    history = {name: replace(GOOD, reason=name) for name in names}
    history["two"] = replace(GOOD, reason="one")
    claim = a_claim(experiments=names, check=lambda h: supported(f"S1 was {h.reason}"))
    controls = {(control, name): GOOD for control in ("right", "wrong") for name in names}
    report = judged(
        {**controls, **{("used", name): history[name] for name in names}},
        claims=[WIRES, replace(claim, refuted_by={})],
    )
    assert finding(report).reason == (
        "in one and two: S1 was one; in three: S1 was three; in four: S1 was four; "
        "and likewise in 1 more"
    )


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


def test_one_run_alone_shows_nothing() -> None:
    report = judged({("used", "use"): Cell("used", "use", 1, (GOOD,))})
    assert seen(report) == ("inconclusive", "ran once: nothing shows that it repeats")


def test_a_deleted_cell_is_not_tested_and_makes_the_report_incomplete() -> None:
    report = judged({("used", "use"): None})
    assert finding(report).verdict == "not-tested"
    assert finding(report).reason.startswith("no observation: ")
    assert (report.coverage.completed, report.coverage.not_tested) == (5, 1)
    assert exit_code(report) == 3


def test_a_cell_that_was_not_planned_when_the_environment_ran_says_so() -> None:
    record = a_record({**OBSERVED, ("used", "use"): None})
    record = replace(record, planned=())
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


def test_an_input_changed_where_its_digest_differs_or_is_in_one_place_only() -> None:
    cells = [PlannedCell("now", "sqlite", "used", name) for name in ("a", "b", "c", "d")]
    record = a_record({}, digests={"same": "1", "edited": "1", "deleted": "1"})
    inputs = dict(
        zip(cells, [("same",), ("same", "edited"), ("deleted",), ("added",)], strict=True)
    )
    digests = {"same": "1", "edited": "2", "added": "1"}
    assert changed_inputs({("now", "sqlite"): record}, inputs, digests) == {
        cells[1]: "edited",
        cells[2]: "deleted",
        cells[3]: "added",
    }


def test_findings_that_were_not_rerun_stay_and_say_so() -> None:
    report = judged(not_rerun={("now", "sqlite"): "no network"})
    assert finding(report).verdict == "supported"
    assert finding(report).note == "not rerun: no network"
    assert exit_code(report) == 3


# --- The gate -------------------------------------------------------------------------------------


def test_a_pattern_that_cannot_be_wired_is_not_tested_further() -> None:
    report = judged({("used", "wire"): RAISED})
    assert seen(report, "wires") == ("refuted", "ValueError: no such option")
    assert seen(report) == ("not-tested", "could not be wired: ValueError: no such option")
    assert exit_code(report) == 0


def test_a_gate_that_is_open_leaves_the_other_claims_open() -> None:
    report = judged({("used", "wire"): replace(GOOD, outcome="crashed", reason="signal 11")})
    verdict, reason = seen(report)
    assert verdict == "inconclusive"
    assert reason.startswith("whether it can be wired is open: the experiment did not run")


def test_a_gate_that_was_not_observed_leaves_the_other_claims_not_tested() -> None:
    assert finding(judged({("used", "wire"): None})).verdict == "not-tested"


def test_an_unavailable_environment_refutes_the_gate_and_is_complete() -> None:
    error = "ModuleNotFoundError: No module named 'flask_library'"
    record = a_record(dict.fromkeys(OBSERVED), unavailable=error)
    report = judged(records=[record])
    assert seen(report, "wires") == ("refuted", error)
    assert seen(report) == ("not-tested", f"could not be wired: {error}")
    assert report.controls == ()
    assert {one.expected for one in report.findings} == {None}
    assert report.grades[0].grade == "dont"
    assert exit_code(report) == 0


def test_an_unavailable_cell_refutes_the_gate() -> None:
    cell = Cell("used", "wire", 0, (History("unavailable", "E", ()),))
    report = judged({("used", "wire"): cell})
    assert seen(report, "wires") == ("refuted", "E")
    assert seen(report) == ("not-tested", "could not be wired: E")


# --- Baselines ------------------------------------------------------------------------------------


def check_like_baseline(history: History, baseline: History) -> Verdict:
    if history.events == baseline.events:
        return supported("as the baseline")
    return refuted("bad: not as the baseline", history.events[-1], *baseline.events)


LIKE_RIGHT = a_claim(check=check_like_baseline, baseline="right")


def test_a_claim_with_a_baseline_gets_the_baselines_history() -> None:
    assert seen(judged(claims=[WIRES, LIKE_RIGHT])) == ("supported", "as the baseline")
    report = judged({("used", "use"): BAD}, claims=[WIRES, LIKE_RIGHT])
    assert finding(report).verdict == "refuted"
    assert finding(report).evidence[0].events == (1,)


def test_a_claim_without_its_baselines_history_is_inconclusive() -> None:
    report = judged({("right", "use"): None}, claims=[WIRES, LIKE_RIGHT])
    verdict, reason = seen(report, pattern="wrong")
    assert verdict == "inconclusive"
    assert reason.startswith("nothing to compare with: baseline 'right': no observation")


def test_a_baseline_that_did_not_run_to_its_end_is_nothing_to_compare_with() -> None:
    crashed = replace(GOOD, outcome="crashed", reason="signal 11")
    report = judged({("right", "use"): crashed}, claims=[LIKE_RIGHT])
    verdict, reason = seen(report, pattern="wrong")
    assert verdict == "inconclusive"
    assert reason.endswith("did not run to its end: crashed: signal 11")


# --- Controls -------------------------------------------------------------------------------------


def test_controls_that_come_out_as_declared_hold() -> None:
    report = judged()
    assert [(one.claim, one.pattern, one.expected, one.held) for one in report.controls] == [
        ("wires", "right", "supported", True),
        ("wires", "unwired", "refuted", True),
        ("good", "right", "supported", True),
        ("good", "wrong", "refuted", True),
    ]
    assert finding(report, pattern="wrong").expected == "refuted"
    assert finding(report).expected is None
    assert exit_code(report) == 0


def test_a_control_that_fails_voids_its_claim_in_its_environment() -> None:
    report = judged({("wrong", "use"): GOOD})
    reason = "control 'wrong' came out supported (S1 was good), declared refuted with \"bad\""
    assert seen(report) == ("inconclusive", reason)
    assert seen(report, pattern="wrong") == ("supported", "S1 was good")
    assert seen(report, "wires") == ("supported", "it was set up")
    assert exit_code(report) == 3


def test_a_right_control_that_is_refuted_voids_its_claim() -> None:
    report = judged({("right", "use"): BAD})
    reason = "control 'right' came out refuted (S1 was bad), declared supported"
    assert seen(report) == ("inconclusive", reason)


def test_a_control_refuted_for_another_reason_fails() -> None:
    claim = a_claim(refuted_by={"wrong": "S1 served R1 and R2"})
    report = judged(claims=[WIRES, claim])
    assert finding(report).verdict == "inconclusive"
    assert not report.controls[-1].held
    assert report.controls[-1].phrase == "S1 served R1 and R2"


def test_a_control_that_was_not_observed_fails() -> None:
    report = judged({("wrong", "use"): None})
    assert finding(report).verdict == "inconclusive"
    assert [one.pattern for one in report.controls if not one.held] == ["wrong"]


def test_a_failed_control_makes_nothing_of_what_was_not_tested() -> None:
    report = judged({("wrong", "use"): GOOD, ("used", "wire"): RAISED})
    assert seen(report) == ("not-tested", "could not be wired: ValueError: no such option")


def test_a_failed_control_voids_no_other_environment() -> None:
    investigation = replace(
        INVESTIGATION, environments=(an_environment(), an_environment("earlier"))
    )
    records = [a_record({**OBSERVED, ("wrong", "use"): GOOD}), a_record(OBSERVED, "earlier")]
    report = judged(investigation=investigation, records=records)
    assert finding(report).verdict == "inconclusive"
    assert finding(report, environment="earlier").verdict == "supported"


def test_a_gate_whose_control_failed_opens_every_claim() -> None:
    report = judged({("unwired", "wire"): GOOD})
    assert finding(report, "wires").verdict == "inconclusive"
    assert finding(report).verdict == "inconclusive"
    assert finding(report).reason.startswith("whether it can be wired is open: control 'unwired'")


# --- The answer -----------------------------------------------------------------------------------

NO_WARNINGS = a_claim("no-warnings", required=False, experiments=("warn",))
WARN_CONTROLS: Cells = {
    ("right", "warn"): GOOD,
    ("wrong", "warn"): BAD,
}


@pytest.mark.parametrize(
    ("use", "warn", "grade", "refuted_claims", "open_claims"),
    [
        (GOOD, GOOD, "write-this", (), ()),
        (GOOD, BAD, "works-deprecated", (), ()),
        (BAD, GOOD, "dont", ("good",), ()),
        (BAD, None, "dont", ("good",), ("no-warnings",)),
        (NOTHING, GOOD, "unknown", (), ("good",)),
        (GOOD, NOTHING, "unknown", (), ("no-warnings",)),
        ([GOOD, BAD], GOOD, "unknown", (), ("good",)),
    ],
)
def test_the_grade_follows_from_the_verdicts(
    use: Any, warn: Any, grade: str, refuted_claims: Any, open_claims: Any
) -> None:
    cells = {**WARN_CONTROLS, ("used", "use"): use, ("used", "warn"): warn}
    (one,) = judged(cells, claims=[*CLAIMS, NO_WARNINGS]).grades
    assert (one.grade, one.refuted, one.open) == (grade, refuted_claims, open_claims)


@pytest.mark.parametrize("verdict", [GOOD, BAD, NOTHING, None])
@pytest.mark.parametrize("required", [True, False])
def test_a_claim_that_does_not_weigh_changes_no_grade(verdict: Any, required: bool) -> None:
    told = a_claim("told", required=required, weighs=False, experiments=("warn",))
    cells = {**WARN_CONTROLS, ("used", "use"): GOOD, ("used", "warn"): verdict}
    (one,) = judged(cells, claims=[*CLAIMS, told]).grades
    assert (one.grade, one.refuted, one.open) == ("write-this", (), ())


def test_a_failed_control_never_leaves_write_this() -> None:
    assert judged({("wrong", "use"): GOOD}).grades[0].grade == "unknown"


# --- What follows ---------------------------------------------------------------------------------

A_PROBLEM = Problem("docs/results/tiny/now.sqlite.json", "$", "damaged")


def test_a_refuted_claim_is_no_failure() -> None:
    assert exit_code(judged({("used", "use"): BAD})) == 0


def test_a_checker_that_failed_is_a_fault_of_the_harness() -> None:
    claim = a_claim(check=lambda history: 1 / 0)
    assert exit_code(judged(claims=[WIRES, claim], problems=[A_PROBLEM])) == 1


def test_the_main_releases_are_those_that_the_plan_lists_in_its_order() -> None:
    record = a_record(OBSERVED)
    listed = replace(INVESTIGATION, packages=("other", "not-installed", "admin"))
    assert list(main_releases(listed, record).items()) == [("other", "1"), ("admin", "2.2.1")]


def test_without_a_list_the_main_releases_are_those_of_what_environments_install() -> None:
    assert list(main_releases(INVESTIGATION, a_record(OBSERVED))) == ["admin", "library"]
    assert main_releases(INVESTIGATION, None) == {}


def test_an_invalid_result_outweighs_a_missing_one() -> None:
    assert exit_code(judged({("used", "use"): None}, problems=[A_PROBLEM])) == 4


def test_published_verdicts_hold_releases_and_the_address_that_stays() -> None:
    published = verdicts([judged(digest="0123456789abcdef")], "https://casebook.example")
    one = published.findings[1]
    assert one.releases == {"admin": "2.2.1", "library": "3.1.1", "other": "1"}
    assert one.url == "https://casebook.example/tiny/patterns/used.html#good.used.now.sqlite"
    assert (published.schema, published.edition) == (1, "0123456789ab")
    assert (published.plan.cells, published.plan.completed) == (6, 6)
    assert [control.held for control in published.controls] == [True] * 4


def test_the_same_records_give_the_same_bytes() -> None:
    record = a_record(OBSERVED)
    mixed = replace(
        record,
        cells=record.cells[::-1],
        planned=record.planned[::-1],
        releases=dict(reversed(record.releases.items())),
    )
    one, other = (
        dump_published(verdicts([judged(records=[each])], "https://x/")) for each in (record, mixed)
    )
    assert one == other


def test_judging_changes_nothing() -> None:
    record = a_record(OBSERVED)
    assert judged(records=[record]) == judged(records=[record])
    assert record == a_record(OBSERVED)


def test_twenty_thousand_findings_take_less_than_two_seconds() -> None:
    claims = [WIRES, *(a_claim(f"good-{number}") for number in range(49))]
    many = tuple(an_environment(f"now-{number}") for number in range(134))
    investigation = replace(INVESTIGATION, environments=many)
    records = [a_record(OBSERVED, one.id) for one in many]
    began = time.process_time()
    report = judged(investigation=investigation, claims=claims, records=records)
    assert len(report.findings) > 20_000
    assert time.process_time() - began < 2


def test_the_edition_is_named_by_what_the_site_is_built_from(tmp_path: Any) -> None:
    for name in (
        "conf/site.toml",
        "docs/templates/page.md.j2",
        "docs/results/tiny/now.sqlite.json",
    ):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("a = 1")
        before = digest(tmp_path)
        (tmp_path / name).write_text("a = 2")
        assert len(before) == 64
        assert digest(tmp_path) not in (before, ""), name
    (tmp_path / "docs/results/tiny/now.sqlite.json.1.part").write_text("half")
    assert digest(tmp_path) == digest(tmp_path)


def test_what_could_not_be_rerun_makes_another_edition(tiny: Any) -> None:
    before = digest(tiny.root)
    tiny.write("build/runs/tiny/closure.sqlite.json", '{"status": "ran", "seconds": 1.5}')
    assert digest(tiny.root) == before
    tiny.write("build/runs/tiny/closure.sqlite.json", '{"status": "not-rerun", "reason": "no net"}')
    assert digest(tiny.root) != before
