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


# --- What requests in greenlets leave -------------------------------------------------------------


ONE, TWO = GREENLETS

ENDINGS = (
    event("marked", f"R1 {ONE}", name="ending"),
    event("marked", f"R2 {TWO}", name="ending"),
)

ENDS = (
    event("request-ended", f"R2 {TWO}", status=200),
    event("request-ended", f"R1 {ONE}", status=302),
)

NOTHING_LEFT = (event("looked-up", "G4 T1", checked_out=0),)
ONE_LEFT = (event("looked-up", "G4 T1", checked_out=1),)


def ended(*after, endings=(*ENDINGS, *ENDS)):
    """Return a history in which two requests ended and what they left was looked up."""
    views = overlapping("S1", "S2", GREENLETS).events[:6]
    return History("completed", "", (*views, *endings, *after))


def left_by(history):
    found = claims.closed_after_greenlets.check(history)
    return found.verdict, found.reason


def test_requests_that_left_nothing_closed_what_they_used():
    assert left_by(ended(*NOTHING_LEFT)) == (
        "supported",
        "after R1 and R2, which ended at once in greenlets G2 and G3 of T1, nothing was checked"
        " out, open or registered",
    )


def test_a_connection_that_is_left_is_named_with_what_kept_its_request_from_closing():
    error = event("exception-raised", f"R1 {ONE}", type="RuntimeError", text="a loop is running")
    assert left_by(ended(*ONE_LEFT, endings=(*ENDINGS, error, *ENDS))) == (
        "refuted",
        "after R1 and R2, in greenlets G2 and G3 of T1, still checked out: 1 connection; R1 raised"
        " RuntimeError: a loop is running",
    )


def test_what_a_view_raised_is_not_named_as_what_kept_its_request_from_closing():
    error = event("exception-raised", f"R1 {ONE}", type="ValueError", text="no")
    assert "ValueError" not in left_by(ended(*ONE_LEFT, endings=(error, *ENDINGS, *ENDS)))[1]


def test_a_session_that_is_still_registered_is_named():
    held = event("session-held", "S1 G4 T1", open=False)
    verdict, reason = left_by(ended(*NOTHING_LEFT, held))
    assert verdict == "refuted"
    assert reason.endswith("still registered: S1")


def test_what_a_request_left_is_left_though_no_other_ended_at_once_with_it():
    apart = (ENDINGS[0], ENDS[1], ENDINGS[1], ENDS[0])
    assert left_by(ended(*ONE_LEFT, endings=apart))[0] == "refuted"


def test_requests_that_end_one_after_the_other_show_nothing_of_ends_at_once():
    apart = (ENDINGS[0], ENDS[1], ENDINGS[1], ENDS[0])
    assert left_by(ended(*NOTHING_LEFT, endings=apart)) == (
        "inconclusive",
        "no occasion: the requests did not end at once in two greenlets",
    )


def test_a_request_that_used_no_session_had_nothing_to_close():
    assert left_by(without(ended(*NOTHING_LEFT), 4)) == (
        "inconclusive",
        "no occasion: not both requests used a session",
    )


@pytest.mark.parametrize("after", [(), ONE_LEFT], ids=["not looked at", "one request"])
def test_nothing_is_said_before_both_are_over(after):
    one = ENDS[:1] if after else ENDS
    assert left_by(ended(*after, endings=(*ENDINGS, *one)))[0] == "inconclusive"


def test_what_requests_on_threads_left_is_nothing_that_greenlets_left():
    places = ("G2 T2", "G3 T3")
    views = overlapping("S1", "S2", places).events
    assert left_by(History("completed", "", (*views, *ONE_LEFT)))[0] == "inconclusive"
