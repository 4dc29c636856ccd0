"""The claims on real servers, on histories written by hand."""

import pytest

from casebook.record import Event, History
from experiments.session_scoping import claims

THREADS = ("T2", "T3")
GREENLETS = ("G2 T1", "G3 T1")


def event(kind, labels="", **details):
    return Event(kind, tuple(labels.split()), details)


def used(session, request, place):
    return event("session-used", f"{session} {request} {place}", by="view")


def overlapping(first, second, places=THREADS):
    """Return a history in which two requests overlap, each with a session in a place."""
    one, two = places
    return History(
        "completed",
        "",
        (
            event("request-started", f"R1 {one}"),
            used(first, "R1", one),
            event("marked", f"R1 {one}", name="changed"),
            event("request-started", f"R2 {two}"),
            used(second, "R2", two),
            event("marked", f"R2 {two}", name="listed"),
            event("request-ended", f"R1 {one}", status=302),
            event("request-ended", f"R2 {two}", status=200),
        ),
    )


def without(history, *positions):
    events = (one for number, one in enumerate(history.events) if number not in positions)
    return History("completed", "", tuple(events))


both_claims = pytest.mark.parametrize(
    ("claim", "places"),
    [(claims.server_threads_isolated, THREADS), (claims.greenlet_isolated, GREENLETS)],
)


@both_claims
def test_requests_with_sessions_of_their_own_are_isolated(claim, places):
    assert claim.check(overlapping("S1", "S2", places)).verdict == "supported"


@both_claims
def test_requests_that_follow_each_other_say_nothing(claim, places):
    first, *rest = overlapping("S1", "S1", places).events
    one_by_one = History("completed", "", (first, *rest[:2], rest[5], *rest[2:5], rest[6]))
    found = claim.check(one_by_one)
    assert (found.verdict, found.reason) == (
        "inconclusive",
        "no occasion: the requests did not overlap",
    )


@both_claims
def test_a_request_that_never_came_to_its_mark_shows_no_isolation(claim, places):
    assert claim.check(without(overlapping("S1", "S2", places), 5)).verdict == "inconclusive"


@both_claims
def test_a_session_that_was_shared_is_shared_though_a_request_failed_of_it(claim, places):
    assert claim.check(without(overlapping("S1", "S1", places), 5)).verdict == "refuted"


@both_claims
def test_a_session_that_is_used_again_when_the_other_request_is_over_was_not_shared(claim, places):
    events = overlapping("S1", "S2", places).events
    later = History("completed", "", (*events[:7], used("S1", "R2", places[1]), events[7]))
    assert claim.check(later).verdict == "supported"


@both_claims
def test_a_run_without_requests_says_nothing(claim, places):
    assert claim.check(History("raised", "RuntimeError", ())).verdict == "inconclusive"


def test_a_shared_session_is_named_with_its_threads():
    found = claims.server_threads_isolated.check(overlapping("S1", "S1"))
    assert found.reason == "S1 served both R1 and R2 at once, on threads T2 and T3"


def test_a_shared_session_is_named_with_its_greenlets():
    found = claims.greenlet_isolated.check(overlapping("S1", "S1", GREENLETS))
    assert found.reason == "S1 served both R1 and R2 at once, in greenlets G2 and G3 of T1"


def test_two_requests_on_one_thread_say_nothing_of_threads():
    found = claims.server_threads_isolated.check(overlapping("S1", "S1", ("T2", "T2")))
    assert found.verdict == "inconclusive"


def test_requests_on_threads_of_their_own_say_nothing_of_greenlets():
    found = claims.greenlet_isolated.check(overlapping("S1", "S2", ("G2 T2", "G3 T3")))
    assert (found.verdict, found.reason) == (
        "inconclusive",
        "no occasion: the requests ran on threads T2 and T3",
    )


def test_requests_in_one_greenlet_say_nothing():
    found = claims.greenlet_isolated.check(overlapping("S1", "S1", ("G2 T1", "G2 T1")))
    assert found.verdict == "inconclusive"
