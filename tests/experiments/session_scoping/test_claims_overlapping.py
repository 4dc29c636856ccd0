"""The claims on operations that overlap, on histories written by hand."""

from experiments.session_scoping import claims
from tests.experiments.session_scoping.test_claims import event, history

ASKED = "done, done: b | done, refused: a"


def schedule(observed="done, done: b", plain="done, done: b", **details):
    told = {"name": "edit (changed), delete", "asked": ASKED, "observed": observed}
    told |= {"overlapped": True, "shared": False, "no_connection": False}
    if observed not in ASKED.split(" | "):
        told |= {"plain": plain, "error": ""}
    return event("overlapped", "T1", **told | details)


def alone(observed="done: a", kind="alone"):
    failed = {"plain": observed, "error": "OperationalError: locked"}
    told = {"name": "edit", "asked": "done: a", "observed": observed}
    return event(kind, "T1", **told, **({} if observed == "done: a" else failed))


def rows(*events):
    return claims.overlaps_serializable.check(history(*events))


def sessions(*events):
    return claims.operations_isolated.check(history(*events))


# --- Rows -----------------------------------------------------------------------------------------


def test_what_comes_out_of_some_order_is_supported():
    found = rows(alone(), schedule(), schedule("done, refused: a"), alone(kind="afterwards"))
    assert found.verdict == "supported"
    assert found.reason == "2 of 2 schedules come out as some order of the operations does"


def test_what_comes_out_of_no_order_is_refuted_with_what_failed():
    found = rows(alone(), schedule("done, refused: c", error="Closed: it was"))
    assert found.verdict == "refuted"
    assert "comes out of no order of the operations, such as edit (changed) with" in found.reason
    assert "done, refused: c (Closed: it was); in plain code: done, done: b" in found.reason
    assert len(found.events) == 1


def test_what_plain_code_with_a_session_for_each_does_too_is_the_databases():
    found = rows(alone(), schedule(), schedule("done, done: c", plain="done, done: c"))
    assert found.verdict == "supported"
    assert found.reason.endswith("the other 1 come out so in plain code, too")


def test_schedules_that_plain_code_excuses_for_the_most_part_show_nothing():
    excused = schedule("refused, refused: b", "refused, refused: b")
    assert rows(alone(), schedule(), excused, excused).verdict == "inconclusive"


def test_one_schedule_that_plain_code_excuses_excuses_no_other():
    excused = schedule("done, done: c", plain="done, done: c")
    assert rows(excused, schedule("done, done: d")).verdict == "refuted"


def test_a_pool_that_is_empty_says_nothing_of_overlaps():
    found = rows(alone(), schedule("refused, refused: a", no_connection=True))
    assert found.verdict == "inconclusive"


def test_an_operation_that_fails_alone_gives_no_occasion():
    assert rows(alone("refused: a"), schedule("done, done: d")).verdict == "inconclusive"


def test_an_operation_that_fails_afterwards_is_refuted_even_if_it_fails_in_plain_code():
    found = rows(alone(), schedule(), alone("refused: a", kind="afterwards"))
    assert found.verdict == "refuted"
    assert "OperationalError: locked" in found.reason


def test_schedules_that_did_not_overlap_are_no_occasion():
    assert rows(alone(), schedule(overlapped=False)).verdict == "inconclusive"
    assert rows(alone()).verdict == "inconclusive"


def test_a_schedule_of_many_operations_is_named_in_a_few_words():
    many = schedule("done: c", name="edit (flushed), list, export, delete, create")
    assert "such as edit (flushed) with 4 other operations: done: c" in rows(many).reason


# --- Sessions -------------------------------------------------------------------------------------


def test_a_session_that_two_operations_touched_is_refuted():
    found = sessions(alone(), schedule(), schedule(shared=True))
    assert found.verdict == "refuted"
    assert found.reason.startswith("in 1 of 2 schedules two operations touched one session")


def test_no_session_in_common_is_supported():
    assert sessions(alone(), schedule()).verdict == "supported"


def test_schedules_that_found_no_connection_are_told_and_not_counted():
    lacking = schedule("refused, refused: a", no_connection=True, overlapped=False)
    found = sessions(alone(), schedule(), schedule(), lacking)
    assert found.verdict == "supported"
    assert found.reason.startswith("in 2 schedules operations overlapped")
    assert found.reason.endswith("; in 1 more the pool had no connection left")
    assert sessions(alone(), lacking).verdict == "inconclusive"


def test_operations_that_fail_or_do_not_overlap_show_nothing_of_sessions():
    assert sessions(alone("refused: a"), schedule(shared=True)).verdict == "inconclusive"
    assert sessions(alone(), schedule(overlapped=False)).verdict == "inconclusive"
    assert sessions(alone()).verdict == "inconclusive"
