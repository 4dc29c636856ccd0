"""The claims on isolation levels, on histories written by hand."""

from casebook.record import Event, History
from experiments.session_scoping import claims


def event(kind, labels="T1", **details):
    return Event(kind, tuple(labels.split()), details)


def history(*events):
    return History("completed", "", events)


def refusal(request="R1", text="could not serialize access due to concurrent update", status=500):
    return (
        event("exception-raised", f"{request} T1", type="OperationalError", text=text),
        event("request-ended", f"{request} T1", status=status),
    )


def schedule(observed="refused, done: Old again", overlapped=True, name="edit (changed), edit"):
    asked = "refused, done: Old again"
    return event("schedule-ended", name=name, overlapped=overlapped, asked=asked, observed=observed)


def operation(name, works=True, *during):
    observed = "Ann" if works else ""
    return (
        event("operation-started", name=name),
        *during,
        event("operation-ended", name=name, status=200, asked="Ann", observed=observed),
    )


# --- isolation-level-holds ------------------------------------------------------------------------


def test_schedules_that_come_out_as_some_order_support_that_the_level_holds():
    found = claims.isolation_level_holds.check(history(*refusal(), schedule()))
    assert found.verdict == "supported"
    assert "refused R1 (answered 500)" in found.reason


def test_a_lost_change_refutes_that_the_level_holds():
    lost = schedule("done, done: Old again", name="own write (changed), own write")
    found = claims.isolation_level_holds.check(history(*refusal(), schedule(), lost))
    assert found.verdict == "refuted"
    assert "1 of 2 schedules comes out of no order" in found.reason
    assert "own write (changed), own write: done, done: Old again" in found.reason
    assert found.events == (lost,)


def test_requests_that_did_not_overlap_give_the_level_no_occasion():
    alone = schedule("refused, : Old", overlapped=False)
    found = claims.isolation_level_holds.check(history(*refusal(), schedule(), alone))
    assert found.verdict == "inconclusive"
    assert "not all requests overlapped" in found.reason


def test_where_nothing_was_refused_the_level_had_no_occasion():
    found = claims.isolation_level_holds.check(
        history(*refusal(text="duplicate key value"), schedule())
    )
    assert found.verdict == "inconclusive"
    assert "no two requests met on a row" in found.reason
    assert claims.isolation_level_holds.check(history()).verdict == "inconclusive"


# --- recovers-from-serialization-failure ----------------------------------------------------------


def test_work_after_a_refusal_supports_that_requests_recover():
    found = claims.recovers_from_serialization_failure.check(
        history(*operation("list at first"), *refusal(status=200), *operation("list after"))
    )
    assert found.verdict == "supported"
    assert "R1 (answered 200) met 'OperationalError: could not serialize access" in found.reason
    assert "1 later request worked" in found.reason


def test_a_request_that_fails_after_a_refusal_refutes_that_requests_recover():
    error = event("exception-raised", "R2 T1", type="PendingRollbackError", text="rolled back")
    found = claims.recovers_from_serialization_failure.check(
        history(*refusal(), *operation("list after", False, error))
    )
    assert found.verdict == "refuted"
    assert "'list after' overlapped no other request and failed" in found.reason
    assert "PendingRollbackError: rolled back" in found.reason


def test_a_request_that_is_refused_alone_refutes_that_requests_recover():
    found = claims.recovers_from_serialization_failure.check(
        history(*operation("edit", False, *refusal("R4")))
    )
    assert found.verdict == "refuted"
    assert "'edit' overlapped no other request" in found.reason
    assert "could not serialize access" in found.reason


def test_without_a_refusal_or_without_a_request_after_it_there_is_no_occasion():
    check = claims.recovers_from_serialization_failure.check
    none = check(history(*operation("list at first")))
    last = check(history(*operation("list at first"), *refusal()))
    assert (none.verdict, last.verdict) == ("inconclusive", "inconclusive")
    assert "no request was refused" in none.reason
    assert "no request followed one that was refused" in last.reason


def test_what_failed_before_a_refusal_gives_no_occasion():
    found = claims.recovers_from_serialization_failure.check(
        history(*operation("list at first", False), *refusal(), *operation("list after", False))
    )
    assert found.verdict == "inconclusive"
    assert "not every request worked before one was refused" in found.reason
