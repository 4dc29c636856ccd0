"""The schedules that ran: which operation was preempted where, and which ran meanwhile."""

import pytest

from tests.committed import report_of

READERS = ("list", "details", "edit form", "AJAX lookup", "export", "own read")
WRITERS = (
    *("create", "edit", "edit in the list", "edit inline"),
    *("delete", "bulk delete", "own write"),
)
ON_THEIR_OWN = "; each on rows of its own"


@pytest.fixture(scope="module")
def schedules():
    """The names of the schedules that a right control ran, each a list of its operations."""
    report = report_of("session_scoping")
    found = {
        str(event["name"])
        for record in report.records.values()
        for cell in record.cells
        if (cell.pattern, cell.experiment) == ("scoped-session-removed", "operations-at-once")
        for history in report.histories_of(cell)
        for event in history.of("overlapped")
    }
    return [name.split(", ") for name in found]


def beside(schedules, point):
    """Return which operation was preempted at a point, and which ran meanwhile, in all pairs."""
    return {
        (first.removesuffix(f" ({point})"), other)
        for first, *others in schedules
        if first.endswith(f" ({point})") and not others[-1].endswith(ON_THEIR_OWN)
        for other in others
    }


@pytest.mark.slow
def test_each_operation_that_writes_is_preempted_before_and_after_it_flushed(schedules):
    for point in ("changed", "flushed"):
        assert {one for one, _ in beside(schedules, point)} == set(WRITERS)


@pytest.mark.slow
def test_every_effect_on_a_row_meets_every_operation_that_writes_it(schedules):
    met = beside(schedules, "changed")
    assert ("create", "create") in met
    for one in WRITERS[1:]:
        assert {(one, "edit"), (one, "delete")} <= met
    assert {(one, "edit inline") for one in ("edit inline", "delete", "bulk delete")} <= met


@pytest.mark.slow
def test_every_operation_runs_beside_one_that_flushed(schedules):
    met = {other for one, other in beside(schedules, "flushed") if one == "edit"}
    assert met == {*READERS, *WRITERS}


@pytest.mark.slow
def test_all_operations_run_at_once_each_on_rows_of_its_own(schedules):
    (apart,) = (one for one in schedules if one[-1].endswith(ON_THEIR_OWN))
    ran = ", ".join(apart).removesuffix(ON_THEIR_OWN).split(", ")
    preempted = [*(f"{one} (viewed)" for one in READERS), *(f"{one} (changed)" for one in WRITERS)]
    assert sorted(ran) == sorted(2 * preempted)
