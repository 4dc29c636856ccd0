"""The claim on work beside the session, on histories written by hand."""

from casebook.record import Event, History
from experiments.session_scoping import claims


def event(kind, labels, **details):
    return Event(kind, tuple(labels.split()), details)


def request(*events, path="/admin/user/"):
    return (
        event("request-started", "R1 T1", method="GET", path=path),
        *events,
        event("request-ended", "R1 T1", status=200),
    )


def out(connection, request="R1"):
    return event("connection-checked-out", f"{connection} {request} T1")


def back(connection):
    return event("connection-checked-in", f"{connection} R1 T1")


def begun(connection, session="S1"):
    return event("session-begun", f"{session} {connection} R1 T1")


def check(*events):
    return claims.works_in_session.check(History("completed", "", events))


def test_connections_of_sessions_alone_are_supported():
    found = check(*request(out("C1"), begun("C1"), back("C1"), out("C1"), begun("C1"), back("C1")))
    assert found.verdict == "supported"
    assert found.reason == "each of 2 connections given to R1 was for a session"


def test_a_connection_beside_the_sessions_is_refuted():
    found = check(*request(out("C1"), begun("C1"), out("C2"), back("C2"), back("C1")))
    assert (found.verdict, found.reason) == (
        "refuted",
        "R1 (/admin/user/) used C2 beside its session",
    )


def test_a_connection_that_was_a_sessions_before_can_be_used_beside_it_later():
    found = check(*request(out("C1"), begun("C1"), back("C1"), out("C1"), back("C1")))
    assert found.verdict == "refuted"


def test_a_connection_that_never_comes_back_and_no_session_has_is_refuted():
    assert check(*request(out("C1"))).verdict == "refuted"


def test_what_the_applications_own_routes_do_is_not_judged():
    found = check(*request(out("C1"), back("C1"), path="/names"))
    assert found.verdict == "inconclusive"


def test_requests_without_a_connection_give_no_occasion():
    assert check(*request()).verdict == "inconclusive"
