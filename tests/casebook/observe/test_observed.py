"""What the warm parents of a run answered, put together."""

from dataclasses import replace
from typing import Any

import pytest

from casebook.observe.observed import Observed
from casebook.plan.investigation import PlannedCell
from casebook.stored import as_planned
from tests.casebook.test_stored import RECORD

CELL = PlannedCell("closure", "sqlite", "kept-apart", "in-turn")
NAME = (CELL.pattern, CELL.experiment)
ANSWER = {
    **{"pattern": CELL.pattern, "experiment": CELL.experiment, "seconds": 0.1},
    **{"outcome": "completed", "reason": "", "events": [["counted", ["T1"], {"number": 1}]]},
}


def observed(*answers):
    """Return what was observed, each answer by a run of its own."""
    found = Observed({CELL: "inputs"}, len(answers))
    for run, answer in enumerate(answers, start=1):
        found.add(run, answer)
    return found


def test_equal_answers_are_a_cell_with_one_history():
    found = observed(ANSWER, ANSWER)
    assert found.has_all([CELL])
    assert (found.cells[NAME].runs, len(found.cells[NAME].histories)) == (2, 1)
    assert not found.faults


def test_other_answers_are_a_cell_with_two():
    found = observed(ANSWER, {**ANSWER, "events": []})
    assert len(found.cells[NAME].histories) == 2


def test_a_cell_in_which_the_harness_failed_is_none():
    found = observed(ANSWER, {**ANSWER, "fault": "ValueError: no"})
    assert found.cells == {}
    assert found.faulty == {NAME: "ValueError: no"}
    assert found.faults == ["kept-apart  in-turn  run 2\nValueError: no"]


def test_a_label_is_one_letter_and_a_number():
    found = observed({**ANSWER, "events": [["counted", ["thread1"], {}]]})
    assert "event 'counted' has the label 'thread1'" in found.faulty[NAME]


def went_well(*answers: dict[str, Any], also: tuple[tuple[str, str], ...] = ()) -> bool:
    """Return whether a run went well that planned this cell, and others that nobody answered."""
    found = observed(*answers)
    cells = tuple(found.of([CELL]))
    return found.went_well(replace(RECORD, planned=as_planned([NAME, *also]), cells=cells))


@pytest.mark.parametrize(
    ("outcome", "well"),
    [
        ("completed", True),
        ("raised", True),
        ("unavailable", True),
        ("crashed", False),
        ("timed-out", False),
    ],
)
def test_a_run_went_well_where_each_cell_ended_by_itself(outcome, well):
    answer = {**ANSWER, "outcome": outcome}
    assert went_well(answer, answer) is well


def test_a_run_did_not_go_well_where_a_cell_is_missing_or_differed():
    assert not went_well(ANSWER, ANSWER, also=(("kept-apart", "overlap"),))
    assert not went_well(ANSWER, {**ANSWER, "events": []})


@pytest.mark.parametrize(
    "ending",
    [{"outcome": "completed", "reason": ""}, {"outcome": "raised", "reason": "E"}, {"fault": "E"}],
)
def test_a_cell_that_ended_twice_is_none(ending):
    counted = ["counted", ["T1"], {}]
    found = observed({**ANSWER, "events": [counted, ending, counted]})
    assert found.cells == {}
    assert "a process that it forked went on" in found.faulty[NAME]
    assert "end each with os._exit()" in found.faulty[NAME]
