"""The judge's rules on all of a setting: the gate, the controls, the grades, twins."""

import json
import time
from dataclasses import replace
from typing import Any

import pytest

from casebook.judge.project import read_report
from casebook.judge.report import Report, exit_code
from casebook.record import History
from casebook.stored import Cell, digest_of, dump_history
from tests.casebook.builders import TWIN, found
from tests.casebook.judge.builders import (
    BAD,
    CLAIMS,
    GOOD,
    INVESTIGATION,
    NOTHING,
    OBSERVED,
    RAISED,
    WIRES,
    Cells,
    a_claim,
    a_pattern,
    a_record,
    an_environment,
    finding,
    judged,
    named,
    seen,
)

# --- The gate -------------------------------------------------------------------------------------


def test_a_pattern_that_cannot_be_wired_is_not_tested_further() -> None:
    report = judged({("used", "wire"): RAISED})
    assert seen(report, "wires") == ("refuted", "ValueError: no such option")
    assert seen(report) == ("not-tested", "could not be set up: ValueError: no such option")
    assert exit_code(report) == 0


def test_a_gate_that_is_open_leaves_the_other_claims_open() -> None:
    report = judged({("used", "wire"): replace(GOOD, outcome="crashed", reason="signal 11")})
    verdict, reason = seen(report)
    assert verdict == "inconclusive"
    assert reason.startswith("whether it can be set up is open: the experiment did not run")


def test_a_gate_that_was_not_observed_leaves_the_other_claims_not_tested() -> None:
    assert finding(judged({("used", "wire"): None})).verdict == "not-tested"


def test_an_unavailable_environment_refutes_the_gate_and_is_complete() -> None:
    error = "ModuleNotFoundError: No module named 'flask_library'"
    record = a_record(dict.fromkeys(OBSERVED), unavailable=error)
    report = judged(records=[record])
    assert seen(report, "wires") == ("refuted", error)
    assert seen(report) == ("not-tested", f"could not be set up: {error}")
    assert report.controls == ()
    assert {one.expected for one in report.findings} == {None}
    assert report.grades[0].grade == "avoid"
    assert exit_code(report) == 0


def test_an_unavailable_cell_refutes_the_gate() -> None:
    cell = Cell("used", "wire", 0, named(History("unavailable", "E", ())))
    report = judged({("used", "wire"): cell})
    assert seen(report, "wires") == ("refuted", "E")
    assert seen(report) == ("not-tested", "could not be set up: E")


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
    assert seen(report) == ("not-tested", "could not be set up: ValueError: no such option")


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
    assert finding(report).reason.startswith("whether it can be set up is open: control 'unwired'")


# --- A control that does without the subject ------------------------------------------------------

FREE = replace(a_pattern("plain", control=True), without_subject_like=("right",))

WITH_FREE = replace(INVESTIGATION, subject="The Subject", patterns=(*INVESTIGATION.patterns, FREE))


def judged_with_free(cells: Cells, **changes: Any) -> Report:
    """Return the report where the claim `good` names a control without the subject, too."""
    claims = [WIRES, a_claim(supported_by=("right", "plain"), **changes)]
    return judged({("plain", "use"): GOOD, **cells}, claims=claims, investigation=WITH_FREE)


def test_what_fails_with_the_subject_and_works_without_it_is_the_subjects() -> None:
    report = judged_with_free({("right", "use"): BAD, ("used", "use"): BAD})
    assert seen(report) == ("refuted", "S1 was bad")
    assert finding(report).remarks == (
        "The Subject fails here with what is right, too: refuted for 'right', supported for"
        " 'plain', which does without The Subject",
    )
    assert finding(report, pattern="right").remarks == finding(report).remarks
    assert finding(report, pattern="wrong").remarks == ()
    assert finding(report, pattern="plain").remarks == ()
    assert report.grades[0].grade == "avoid"


def test_a_subject_that_is_broken_is_a_result_and_no_failure() -> None:
    report = judged_with_free({("right", "use"): BAD, ("used", "use"): BAD})
    (outcome,) = report.subject_failures
    assert (outcome.claim, outcome.pattern) == ("good", "right")
    assert (outcome.held, outcome.sound) == (False, True)
    assert report.failed_controls == ()
    assert (exit_code(report), report.complete) == (0, True)


def test_a_finding_that_is_supported_stands_where_the_subject_fails_with_a_control() -> None:
    report = judged_with_free({("right", "use"): BAD})
    assert seen(report) == ("supported", "S1 was good")
    assert finding(report).remarks == ()


@pytest.mark.parametrize(
    ("cells", "failed"),
    [
        ({("plain", "use"): BAD}, ["right", "plain"]),  # the experiment fails without it, too
        ({("plain", "use"): NOTHING}, ["right", "plain"]),
        ({("plain", "use"): None}, ["right"]),
        ({("wrong", "use"): GOOD}, ["right", "wrong"]),  # the experiment does not see what is wrong
        ({("right", "use"): NOTHING}, ["right"]),  # the situation never arose with the subject
    ],
)
def test_where_more_than_the_subject_fails_nothing_can_be_said(
    cells: Cells, failed: list[str]
) -> None:
    report = judged_with_free({("right", "use"): BAD, ("used", "use"): BAD, **cells})
    assert seen(report)[0] == "inconclusive"
    assert [one.pattern for one in report.failed_controls] == failed
    assert report.subject_failures == ()
    assert exit_code(report) == 3


def test_a_wrong_control_refuted_for_another_reason_leaves_the_experiment_in_doubt() -> None:
    report = judged_with_free(
        {("right", "use"): BAD, ("used", "use"): BAD}, refuted_by={"wrong": "S1 served R1"}
    )
    assert finding(report).verdict == "inconclusive"


def test_a_control_without_the_subject_that_fails_alone_voids_its_claim() -> None:
    report = judged_with_free({("plain", "use"): BAD})
    reason = "control 'plain' came out refuted (S1 was bad), declared supported"
    assert seen(report) == ("inconclusive", reason)


def test_without_a_control_that_does_without_it_the_subject_cannot_be_told_apart() -> None:
    report = judged({("right", "use"): BAD, ("used", "use"): BAD}, investigation=WITH_FREE)
    assert finding(report).verdict == "inconclusive"


@pytest.mark.parametrize(("used", "code"), [(RAISED, 0), (GOOD, 3)])
def test_a_subject_with_which_nothing_can_be_wired_leaves_no_control_to_fail(
    used: History, code: int
) -> None:
    claims = [replace(WIRES, supported_by=("right", "plain")), a_claim()]
    report = judged(
        {("plain", "wire"): GOOD, ("right", "wire"): RAISED, ("used", "wire"): used},
        claims=claims,
        investigation=WITH_FREE,
    )
    assert seen(report, "wires")[0] == ("refuted" if used is RAISED else "supported")
    assert [one.pattern for one in report.subject_failures] == ["right"]
    assert exit_code(report) == code  # where something was wired, its other claims need controls


ANOTHER = a_pattern("another", control=True)

WITH_ANOTHER = replace(WITH_FREE, patterns=(*WITH_FREE.patterns, ANOTHER))


def judged_with_another(cells: Cells) -> Report:
    """Return the report where the claim `good` names a second right control with the subject."""
    claims = [WIRES, a_claim(supported_by=("right", "another", "plain"))]
    return judged({("plain", "use"): GOOD, **cells}, claims=claims, investigation=WITH_ANOTHER)


def test_a_subject_that_works_with_another_control_is_still_told_apart_by_a_pair() -> None:
    report = judged_with_another(
        {("right", "use"): BAD, ("another", "use"): GOOD, ("used", "use"): BAD}
    )
    assert seen(report) == ("refuted", "S1 was bad")
    (remark,) = finding(report).remarks
    assert remark == (
        "The Subject fails here with what is right, too: refuted for 'right', supported for"
        " 'plain', which does without The Subject; it works with 'another'"
    )


def test_a_control_without_a_pair_is_blamed_on_a_subject_that_fails_with_all() -> None:
    report = judged_with_another({("right", "use"): BAD, ("another", "use"): BAD})
    assert [one.pattern for one in report.subject_failures] == ["right", "another"]


def test_a_control_without_a_pair_is_not_blamed_on_a_subject_that_works_with_another() -> None:
    third = a_pattern("third", control=True)
    report = judged(
        {
            ("right", "use"): BAD,
            ("third", "use"): BAD,
            ("another", "use"): GOOD,
            ("plain", "use"): GOOD,
        },
        claims=[WIRES, a_claim(supported_by=("right", "another", "third", "plain"))],
        investigation=replace(WITH_ANOTHER, patterns=(*WITH_ANOTHER.patterns, third)),
    )
    assert report.subject_failures == ()
    assert finding(report).verdict == "inconclusive"


def test_a_control_that_does_something_else_without_the_subject_does_not_blame_it() -> None:
    other = replace(FREE, without_subject_like=("wrong",))
    investigation = replace(WITH_FREE, patterns=(*INVESTIGATION.patterns, other))
    report = judged(
        {("right", "use"): BAD, ("plain", "use"): GOOD},
        claims=[WIRES, a_claim(supported_by=("right", "plain"))],
        investigation=investigation,
    )
    assert finding(report).verdict == "inconclusive"


# --- The answer -----------------------------------------------------------------------------------

NO_WARNINGS = a_claim("no-warnings", required=False, experiments=("warn",))

WARN_CONTROLS: Cells = {
    ("right", "warn"): GOOD,
    ("wrong", "warn"): BAD,
}


@pytest.mark.parametrize(
    ("use", "warn", "grade", "refuted_claims", "open_claims"),
    [
        (GOOD, GOOD, "recommended", (), ()),
        (GOOD, BAD, "works-but", (), ()),
        (BAD, GOOD, "avoid", ("good",), ()),
        (BAD, None, "avoid", ("good",), ("no-warnings",)),
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
    assert (one.grade, one.refuted, one.open) == ("recommended", (), ())


@pytest.mark.parametrize(
    ("use", "warn", "unless"),
    [(GOOD, BAD, "one for all (alone)"), (GOOD, GOOD, ""), (BAD, BAD, "")],
)
def test_a_supported_finding_says_which_of_its_conditions_is_refuted(
    use: Any, warn: Any, unless: str
) -> None:
    alone = a_claim("alone", weighs=False, experiments=("warn",), otherwise="one for all")
    cells = {**WARN_CONTROLS, ("used", "use"): use, ("used", "warn"): warn}
    report = judged(cells, claims=[WIRES, a_claim(unless=("alone",)), alone])
    assert finding(report).unless == unless


def test_a_failed_control_never_leaves_write_this() -> None:
    assert judged({("wrong", "use"): GOOD}).grades[0].grade == "unknown"


# --- Judging --------------------------------------------------------------------------------------


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


# --- Twins ----------------------------------------------------------------------------------------


def test_a_finding_that_both_can_judge_and_that_differs_is_reported(needy):
    needy.run("dictionary")
    needy.run(TWIN)
    file = needy.record_file(TWIN)
    record = json.loads(file.read_text())
    for cell in record["cells"]:
        if (cell["pattern"], cell["experiment"]) == ("counts-by-name", "wire"):
            raised = History("raised", "TypeError: no", ())
            cell["histories"] = [digest_of(raised)]
            other = file.parent / "histories" / f"{digest_of(raised)}.json"
            other.write_text(dump_history(raised))
    file.write_text(json.dumps(record))

    report = read_report(needy.root, "tiny")

    assert report.compared == 2
    assert [(one.claim, one.here[0], one.there[0]) for one in report.twins] == [
        ("wires", "supported", "refuted"),
        ("no-warnings", "supported", "not-tested"),
    ]
    assert {one.twin for one in report.twins} == {TWIN}


def test_what_can_be_wired_nowhere_differs_in_nothing(needy):
    needy.replace(
        "experiments/tiny/backends/dictionary.py",
        "    return Counts().next\n",
        "    raise TypeError('no counts')\n",
    )
    needy.run("dictionary")
    needy.run(TWIN)

    report = read_report(needy.root, "tiny")

    assert found(needy, "wires").verdict == "refuted"
    assert (report.compared, report.twins) == (2, ())


def test_equal_twins_differ_in_nothing(needy):
    needy.run("dictionary")
    needy.run(TWIN)

    assert read_report(needy.root, "tiny").twins == ()
