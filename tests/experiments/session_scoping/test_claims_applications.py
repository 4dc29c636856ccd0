"""The claim on several applications of one process, on histories written by hand."""

import pytest

from casebook.record import Event, History
from experiments.session_scoping import claims

INSIDE = {
    "R1": "first",
    "R2": "second",
    "R3": "second",
    "R4": "first",
    "R5": "first",
    "R6": "second",
}


def event(kind, labels="T1", **details):
    return Event(kind, tuple(labels.split()), details)


def pair(outer, inner, sessions, closer=None, status=200):
    """Return the events of two requests, of which the second ran while the first was inside."""
    used = {one: sessions.get(one, f"S{one[1:]}") for one in (outer, inner)}
    closed = [event("session-closed", f"{used[outer]} {closer} T1")] if closer else []
    return (
        event("request-started", f"{outer} T1"),
        event("session-used", f"{used[outer]} {outer} T1", by="view"),
        event("inside", f"{outer} T1", application=INSIDE[outer]),
        event("request-started", f"{inner} T2"),
        event("session-used", f"{used[inner]} {inner} T2", by="view"),
        event("inside", f"{inner} T2", application=INSIDE[inner]),
        *closed,
        event("request-ended", f"{inner} T2", status=status),
        event("request-ended", f"{outer} T1", status=200),
    )


def two_applications(names="User of the second", titles="Post of the second", **differing):
    sessions, pairs = differing.pop("sessions", {}), [("R3", "R4"), ("R5", "R6")]
    return History(
        "completed",
        "",
        (
            *pair("R1", "R2", sessions, **differing),
            *(one for two in pairs for one in pair(*two, sessions)),
            event("shown", application="first", names="User of the first, Ben"),
            event("shown", application="second", names=names),
            event("stored", application="first", titles="Post of the first"),
            event("stored", application="second", titles=titles),
        ),
    )


def found(**differing):
    return claims.applications_apart.check(two_applications(**differing))


def test_applications_with_sessions_and_rows_of_their_own_are_apart():
    assert found().verdict == "supported"
    assert found().reason.startswith("6 requests of two applications used 6 sessions")


def test_applications_that_showed_or_stored_nothing_give_no_occasion():
    assert found(names="").verdict == "inconclusive"
    assert found(titles="").verdict == "inconclusive"


def test_a_session_that_serves_both_applications_is_refuted():
    assert (found(sessions={"R2": "S1"}).verdict, found(sessions={"R2": "S1"}).reason) == (
        "refuted",
        "S1 served requests of both applications",
    )


def test_a_session_that_serves_two_requests_of_one_application_is_judged_elsewhere():
    assert found(sessions={"R4": "S1"}).verdict == "supported"


def test_rows_of_the_other_database_are_refuted():
    seen = found(names="User of the first")
    assert seen.verdict == "refuted"
    assert "'User of the first', which is not in its database" in seen.reason


def test_a_row_that_went_to_the_other_database_is_refuted():
    seen = found(titles="Post of the second, Post of the first")
    assert seen.verdict == "refuted"
    assert "got a post that was created in the other" in seen.reason


def test_a_request_that_closes_a_session_of_the_other_application_is_refuted():
    assert (found(closer="R2").verdict, found(closer="R2").reason) == (
        "refuted",
        "R2 of the second application closed S1, with which the other was in progress",
    )


def test_a_request_that_failed_gives_no_occasion_where_the_first_did_not_work_alone():
    assert found(status=500).verdict == "inconclusive"
    seen = with_one_alone(500, status=500)
    assert seen.verdict == "inconclusive"
    assert "the first application did not work alone" in seen.reason


def test_a_request_that_failed_with_two_applications_alone_is_refuted():
    seen = with_one_alone(200, status=500)
    assert (seen.verdict, seen.reason) == (
        "refuted",
        "with two applications, R2 was answered 500; the first alone worked",
    )


def with_one_alone(alone, **differing):
    """Return the verdict where the first application was used before the second was set up."""
    seen = two_applications(**differing)
    used = event("request-ended", "R0 T1", status=alone)
    before = (event("wiring-started"), used, event("wiring-started"))
    return claims.applications_apart.check(
        History(seen.outcome, seen.reason, (*before, *seen.events))
    )


@pytest.mark.parametrize("kept", [slice(9, None), slice(0, -1)], ids=["no overlap", "no rows"])
def test_what_is_missing_gives_no_occasion(kept):
    seen = two_applications()
    history = History(seen.outcome, seen.reason, seen.events[kept])
    assert claims.applications_apart.check(history).verdict == "inconclusive"
