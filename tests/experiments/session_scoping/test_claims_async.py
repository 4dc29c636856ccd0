"""The claims on async sessions, on histories written by hand."""

from casebook.record import Event, History
from experiments.session_scoping import claims

WIRED = Event("wiring-ended", ("T1",))


def event(kind, labels="", **details):
    return Event(kind, tuple(labels.split()), details)


def history(*events, outcome="completed", reason=""):
    return History(outcome, reason, (WIRED, *events))


def inside(request, session, connection="C1"):
    """Return the events of a view up to its marked point."""
    return (
        event("request-started", f"{request} T1"),
        event("session-used", f"{session} {request} T2", by="async_application"),
        event("connection-checked-out", f"{connection} {request} T2"),
        event("session-begun", f"{session} {connection} {request} T2"),
        event("marked", f"{request} T2", name="listed"),
    )


def answered(request, connection="C1", status=200):
    """Return the events of a request that gives its connection back."""
    return (
        event("connection-checked-in", f"{connection} {request} T3"),
        event("request-ended", f"{request} T1", status=status),
    )


def request(name, session, connection="C1"):
    return (*inside(name, session, connection), *answered(name, connection))


def operation(name, *during, status=200, asked="done", observed="done", checked_out=0, held=()):
    """Return the events of an operation, after which what is left was looked at."""
    return (
        event("operation-started", "T1", name=name),
        *during,
        event("looked-up", "T1", checked_out=checked_out),
        *held,
        event("operation-ended", "T1", name=name, status=status, asked=asked, observed=observed),
    )


OVERLAP = operation(
    "at once",
    *inside("R2", "S2", "C1"),
    *inside("R3", "S3", "C2"),
    *answered("R2", "C1"),
    *answered("R3", "C2"),
)
LISTED = operation("list", *request("R1", "S1"))
VIEW_FAILED = event("exception-raised", "R4 T1", type="ViewFailed", text="the view failed")
RAISED = operation(
    "raise", *inside("R4", "S4"), VIEW_FAILED, *answered("R4", status=500), status=500
)
LOST = event("exception-raised", "R1 T1", type="RuntimeError", text="Event loop is closed")


def judge(claim, *events, **how):
    found = claim.check(history(*events, **how))
    return found.verdict, found.reason


# --- async-request-scoped -------------------------------------------------------------------------


def test_an_async_session_that_served_two_requests_is_named_with_them():
    seen = (*LISTED, *operation("again", *request("R2", "S1")))
    assert judge(claims.async_request_scoped, *seen) == ("refuted", "S1 served R1 and R2")


def test_an_async_session_for_each_request_is_supported_where_two_overlapped():
    assert judge(claims.async_request_scoped, *LISTED, *OVERLAP) == (
        "supported",
        "3 requests used 3 sessions, none of them in two requests;"
        " R2 and R3 were inside their views at once",
    )


def test_requests_that_did_not_overlap_show_nothing_of_an_overlap():
    one_after_the_other = operation("two", *request("R2", "S2"), *request("R3", "S3"))
    verdict, reason = judge(claims.async_request_scoped, *LISTED, *one_after_the_other)
    assert verdict == "inconclusive"
    assert reason == "no occasion: no two requests were inside their views at once"


def test_one_request_alone_gives_no_occasion_to_serve_two():
    assert judge(claims.async_request_scoped, *LISTED)[0] == "inconclusive"


# --- async-closed ---------------------------------------------------------------------------------


def test_nothing_left_after_views_that_ended_well_and_raised_is_supported():
    assert judge(claims.async_closed, *LISTED, *RAISED) == (
        "supported",
        "nothing was checked out, open or held after 1 operation that ended well,"
        " nor after 1 in which the view raised",
    )


def test_a_connection_that_was_not_given_back_is_named_with_its_session_and_the_error():
    left = operation("list", *inside("R1", "S1"), LOST)
    assert judge(claims.async_closed, *left) == (
        "refuted",
        "after 'list', still checked out: C1 by S1 (R1: RuntimeError: Event loop is closed)",
    )


def test_the_views_own_exception_is_not_why_a_connection_is_left():
    left = operation("raise", *inside("R4", "S4"), VIEW_FAILED, status=500)
    reason = "after 'raise', still checked out: C1 by S4"
    assert judge(claims.async_closed, *left) == ("refuted", reason)


def test_a_connection_that_only_the_pool_knows_of_is_counted():
    left = operation("list", *request("R1", "S1"), checked_out=1)
    reason = "after 'list', still checked out: 1 connection"
    assert judge(claims.async_closed, *left) == ("refuted", reason)


def test_a_connection_that_only_garbage_collection_gave_back_was_left():
    collected = event("connection-checked-in", "C1 T1")
    left = operation("list", *inside("R1", "S1"), checked_out=1, held=[collected])
    assert judge(claims.async_closed, *left)[0] == "refuted"


def test_an_async_session_that_is_still_held_is_refuted():
    held = event("session-held", "S1 T1", open=False, objects=0, pending=0)
    left = operation("list", *request("R1", "S1"), held=[held])
    assert judge(claims.async_closed, *left) == ("refuted", "after 'list', still held: S1")


def test_without_a_view_that_raised_closing_had_half_its_occasion():
    assert judge(claims.async_closed, *LISTED)[0] == "inconclusive"


def test_a_request_that_failed_for_another_reason_gives_no_occasion():
    failed = operation("list", *inside("R1", "S1"), LOST, *answered("R1", status=500), status=500)
    assert judge(claims.async_closed, *failed, *RAISED) == (
        "inconclusive",
        "no occasion: 'list' was answered 500; R1: RuntimeError: Event loop is closed",
    )


def test_a_session_that_never_had_a_connection_gives_no_occasion():
    idle = operation("idle", event("session-used", "S1 R1 T2", by="async_application"))
    assert judge(claims.async_closed, *idle, *RAISED)[0] == "inconclusive"


# --- async-works ----------------------------------------------------------------------------------


def test_operations_that_did_what_they_were_asked_work():
    assert judge(claims.async_works, *LISTED)[0] == "supported"


def test_an_operation_that_did_something_else_is_refuted_with_the_error():
    lost = operation("list", *inside("R1", "S1"), LOST, asked="Ann", observed="", status=500)
    verdict, reason = judge(claims.async_works, *lost)
    assert verdict == "refuted"
    assert "answered 500 with '' (RuntimeError: Event loop is closed)" in reason


# --- A session that could not be set up -----------------------------------------------------------


def test_a_session_that_could_not_be_set_up_says_nothing_and_why():
    seen = History("raised", "ImportError: no greenlet", ())
    for claim in (claims.async_request_scoped, claims.async_closed, claims.async_works):
        found = claim.check(seen)
        assert found.verdict == "inconclusive"
        assert found.reason == ("no occasion: the session was not set up: ImportError: no greenlet")
