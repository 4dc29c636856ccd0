"""The claims on streamed answers, on histories written by hand."""

from experiments.session_scoping import claims
from tests.experiments.session_scoping.test_claims import event, history, verdict

WHOLE = "one\ntwo\nthree\n"


def stream(name, number, *, view="S1", body="S2", observed=WHOLE, left=(), error=None, status=200):
    """Return the events of a streamed answer, after which `left` was looked at."""
    place = f"R{number} T1"
    failed = [event("exception-raised", place, type=error, text="why")] if error else []
    return (
        event("stream-started", "T1", name=name),
        event("request-started", place),
        *([event("session-used", f"{view} {place}", by="tasks")] if view else []),
        event("session-closed", f"{view} {place}"),
        event("body-begun", place),
        *([event("session-used", f"{body} {place}", by="tasks")] if body else []),
        *failed,
        event("request-ended", place, status=status),
        event("looked-up", "T1", checked_out=0),
        *left,
        event("stream-ended", "T1", name=name, status=status, asked=WHOLE, observed=observed),
    )


def test_a_body_that_used_a_session_and_arrived_is_supported():
    found = claims.session_while_streaming.check(history(*stream("own route", 1)))
    assert found.verdict == "supported"


def test_a_body_that_broke_off_is_refuted_with_how_far_it_came_and_why():
    seen = history(*stream("export", 1, body=None, observed="one\n", error="DetachedInstanceError"))
    found = claims.streaming_works.check(seen)
    assert found.verdict == "refuted"
    assert found.reason == (
        "'export' broke off after 1 of 3 lines: DetachedInstanceError: why; S1 was closed before"
        " the body"
    )


def test_a_body_that_breaks_off_without_an_exception_is_refuted():
    found = claims.session_while_streaming.check(history(*stream("a", 1, observed="one\n")))
    assert found.verdict == "refuted"


def test_a_body_that_used_no_session_could_not_have_been_cut_off():
    found = claims.session_while_streaming.check(history(*stream("own route", 1, body=None)))
    assert found.verdict == "inconclusive"
    assert found.reason == "no occasion: no session was used in the body of own route"


def test_a_view_that_failed_says_nothing_of_its_body():
    seen = history(*stream("own route", 1, status=500, observed=""))
    assert verdict(claims.session_while_streaming, seen) == "inconclusive"
    assert verdict(claims.closed_after_streaming, seen) == "inconclusive"


def test_what_a_body_without_context_meets_is_told_and_not_judged():
    held = event("session-held", "S4 T1", open=True, objects=0, pending=0)
    alone = stream(
        "own route, without stream_with_context", 2, observed="", error="RuntimeError", left=[held]
    )
    seen = history(*stream("own route", 1), *alone)
    works = claims.session_while_streaming.check(seen)
    closed = claims.closed_after_streaming.check(seen)
    assert works.verdict == closed.verdict == "supported"
    assert works.reason.endswith("; without stream_with_context: RuntimeError: why")
    assert closed.reason.endswith("; without stream_with_context, still open: S4")


def test_a_session_left_when_the_body_was_closed_is_refuted():
    held = event("session-held", "S2 T1", open=False, objects=0, pending=0)
    seen = history(*stream("own route", 1), *stream("left in the middle", 2, left=[held]))
    found = claims.closed_after_streaming.check(seen)
    assert (found.verdict, found.reason) == (
        "refuted",
        "after 'left in the middle', still registered: S2",
    )


def test_a_connection_out_when_the_body_was_closed_is_refuted():
    events = list(stream("own route", 1))
    events[-2] = event("looked-up", "T1", checked_out=1)
    found = claims.closed_after_streaming.check(history(*events))
    assert found.reason == "after 'own route', still checked out: 1 connection"


def test_a_stream_that_used_no_session_had_none_to_leave():
    seen = history(*stream("own route", 1, view=None, body=None))
    assert verdict(claims.closed_after_streaming, seen) == "inconclusive"


def test_a_body_that_broke_off_still_shows_what_its_view_left():
    seen = history(*stream("export", 1, body=None, observed="", error="DetachedInstanceError"))
    assert verdict(claims.closed_after_streaming, seen) == "supported"


def test_no_stream_is_no_occasion():
    for claim in (claims.session_while_streaming, claims.streaming_works):
        assert verdict(claim, history()) == "inconclusive"
    assert verdict(claims.closed_after_streaming, history()) == "inconclusive"
