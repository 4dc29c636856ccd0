"""The claims on workers that are forked, on histories written by hand."""

from casebook.record import Event, History
from experiments.session_scoping import claims


def event(kind, labels, **details):
    return Event(kind, tuple(labels.split()), details)


def history(*events):
    return History("completed", "", events)


def request(number, process, session, connection):
    """Return the events of a request, in which a session begins on a connection and is closed."""
    where = f"R{number} {process}"
    return (
        event("session-used", f"{session} {where}", by="view"),
        event("session-begun", f"{session} {connection} {where}"),
        event("session-closed", f"{session} {where}"),
        event("request-ended", where, status=200),
    )


BEFORE = (
    event("session-used", "S1 P1", by="application"),
    event("session-begun", "S1 C1 P1"),
)
CLOSED = event("session-closed", "S1 P1")

both = (claims.forked_workers_apart, claims.use_before_fork_safe)


def test_workers_with_connections_of_their_own_are_apart():
    found = claims.forked_workers_apart.check(
        history(*request(1, "P2", "S1", "C1"), *request(2, "P3", "S2", "C2"))
    )
    assert found.verdict == "supported"
    assert found.reason == "P2 and P3 used 2 sessions on C1 and C2, none of them in two processes"


def test_a_connection_of_the_pool_that_was_copied_refutes():
    events = (*BEFORE, CLOSED, *request(1, "P2", "S2", "C1"), *request(2, "P3", "S3", "C1"))
    for claim in both:
        found = claim.check(history(*events))
        assert found.verdict == "refuted"
        assert found.reason == "C1 served R1 with S2 in P2 and R2 with S3 in P3"
        assert found.events[0] is BEFORE[1]


def test_a_transaction_that_was_open_before_the_fork_is_open_in_each_worker():
    used = [event("session-used", f"S1 R{one} P{one + 1}", by="view") for one in (1, 2)]
    found = claims.use_before_fork_safe.check(history(*BEFORE, *used))
    assert found.verdict == "refuted"
    assert found.reason == "C1 served R1 with S1 in P2 and R2 with S1 in P3"


def test_a_session_that_was_copied_and_begins_anew_shares_nothing():
    events = (*BEFORE, CLOSED, *request(1, "P2", "S1", "C2"), *request(2, "P3", "S1", "C3"))
    assert claims.use_before_fork_safe.check(history(*events)).verdict == "supported"


def test_one_worker_alone_says_nothing():
    events = (*BEFORE, CLOSED, *request(1, "P2", "S2", "C1"), *request(2, "P2", "S3", "C1"))
    for claim in both:
        found = claim.check(history(*events))
        assert found.verdict == "inconclusive"
        assert "fewer than two workers used a connection" in found.reason


def test_where_nothing_was_used_before_the_fork_there_is_no_occasion():
    events = (*request(1, "P2", "S1", "C1"), *request(2, "P3", "S2", "C2"))
    found = claims.use_before_fork_safe.check(history(*events))
    assert found.verdict == "inconclusive"
    assert "no session was used before the fork" in found.reason
