"""The claims on other contexts, on the application's code and on growth, on written histories."""

import pytest

from experiments.session_scoping import claims
from tests.experiments.session_scoping.test_claims import (
    event,
    history,
    operation,
    request,
    verdict,
)

# --- A context pushed inside a request ------------------------------------------------------------


def nested(inner="S2", again="S1", *, held=(), closed=("S2",), begun=(), stored=True, **after):
    """Return the events of a request that used S1 and, in a context pushed inside, `inner`."""
    place = "R1 T1"
    kept = {"pending": 1, "changed": True, "transaction": True, **after}
    rows = ("Outer, changed, Inner, changed", "Outer, added") if stored else ("Ann, Ben", "")
    return (
        event("session-used", f"S1 {place}", by="tasks"),
        event("outer-before", f"S1 {place}", pending=1),
        event("context-pushed", f"A2 {place}"),
        event("inner-used", f"{inner} {place}"),
        *(event("session-begun", f"{one} C2 {place}") for one in begun),
        *(event("session-closed", f"{one} {place}") for one in closed),
        event("context-popped", f"A2 {place}"),
        *(event("session-held", f"{one} {place}", open=True) for one in held),
        event("outer-after", f"{again} {place}", **kept),
        event("session-closed", f"S1 {place}"),
        event("request-ended", place, status=302),
        event("stored", "T1", status=302, changed=rows[0], added=rows[1]),
    )


def test_an_outer_session_that_keeps_all_beside_an_inner_one_is_supported():
    assert verdict(claims.nested_context_safe, history(*nested(held=("S1",)))) == "supported"


def test_a_context_that_uses_the_requests_session_shares_it():
    found = claims.nested_context_safe.check(history(*nested("S1", closed=())))
    assert found.verdict == "refuted"
    assert found.reason == "the context pushed inside R1 used S1, the request's own session"


def test_a_shared_session_that_is_closed_with_the_context_is_destroyed():
    found = claims.nested_context_safe.check(history(*nested("S1", "S2", closed=("S1",))))
    assert found.reason.endswith("the request's own session, and closed it when it was popped")


@pytest.mark.parametrize(
    ("spoilt", "reason"),
    [
        ({"again": "S3"}, "when the context was popped, R1 had S3 in place of S1"),
        ({"pending": 0}, "when the context was popped, S1 had lost its pending row"),
        ({"changed": False}, "when the context was popped, S1 had lost its change"),
        ({"transaction": False}, "when the context was popped, S1 had lost its transaction"),
        ({"held": ("S1", "S2")}, "S2 was left when its context was popped"),
        (
            {"closed": (), "begun": ("S2",)},
            "S2 was left when its context was popped, with C2 checked out",
        ),
        ({"stored": False}, "not all was stored"),
    ],
)
def test_what_a_popped_context_took_or_left_is_named(spoilt, reason):
    found = claims.nested_context_safe.check(history(*nested(**spoilt)))
    assert (found.verdict, found.reason) == ("refuted", reason)


def test_a_context_in_which_no_session_can_be_had_is_not_safe():
    events = nested()
    raised = event("exception-raised", "R1 T1", type="AttributeError", text="scope")
    found = claims.nested_context_safe.check(history(*events[:3], raised))
    assert found.verdict == "refuted"
    assert found.reason.endswith("pushed inside R1: AttributeError: scope")


def test_a_request_that_cannot_go_on_is_refuted_with_its_error():
    events = nested()
    raised = event("exception-raised", "R1 T1", type="InvalidRequestError", text="closed")
    found = claims.nested_context_safe.check(history(*events[:6], raised))
    assert found.reason == "R1 could not go on: InvalidRequestError: closed"


def test_a_request_that_used_no_session_has_none_to_lose():
    assert verdict(claims.nested_context_safe, history(*request(1, status=500))) == "inconclusive"


# --- A context pushed around requests, and hooks that end the session -----------------------------

OUTER = event("context-pushed", "A1 T1")
CREATED = operation("nothing ended", 1, "S1", asked="row 302", observed="row 302")
CALLED = event("hook-called", "R2 T1", ending="close")


def in_hook(observed="row 302", called=(CALLED,)):
    return operation("close in it", 2, "S2", asked="row 302", observed=observed, left=called)


def test_a_session_of_each_request_inside_a_context_is_supported():
    seen = history(OUTER, *request(1, "S1"), *request(2, "S2"))
    assert verdict(claims.outer_context_safe, seen) == "supported"


def test_requests_that_share_a_session_inside_a_context_are_named_with_what_was_met():
    looked = event("looked-up", "T1", checked_out=1)
    shown = event("shown", "T1", names="Uncommitted, Ben")
    found = claims.outer_context_safe.check(
        history(OUTER, *request(1, "S1"), *request(2, "S1"), looked, shown)
    )
    assert (found.verdict, found.reason) == (
        "refuted",
        "S1 served R1 and R2 inside A1; 1 connection stayed out; a row that one left"
        " uncommitted reached the next one",
    )


def test_sessions_apart_that_leave_their_connections_out_are_not_safe():
    looked = event("looked-up", "T1", checked_out=2)
    found = claims.outer_context_safe.check(
        history(OUTER, *request(1, "S1"), *request(2, "S2"), looked)
    )
    assert (found.verdict, found.reason) == ("refuted", "inside A1, 2 connections stayed out")


def test_requests_that_had_contexts_of_their_own_alone_leave_it_open():
    pushed = event("context-pushed", "A1 R1 T1")
    seen = history(pushed, *request(1, "S1"), *request(2, "S1"))
    assert verdict(claims.outer_context_safe, seen) == "inconclusive"


def test_a_hook_that_loses_the_row_is_named():
    seen = history(*CREATED, *in_hook("no row 302"))
    found = claims.hooks_may_end_session.check(seen)
    assert found.verdict == "refuted"
    assert "close in it" in found.reason


def test_a_hook_that_loses_nothing_is_supported():
    assert verdict(claims.hooks_may_end_session, history(*CREATED, *in_hook())) == "supported"


def test_a_hook_that_is_not_called_leaves_it_open():
    seen = history(*CREATED, *in_hook("no row 500", called=()))
    assert verdict(claims.hooks_may_end_session, seen) == "inconclusive"


def test_a_post_that_is_not_created_without_such_a_hook_leaves_it_open():
    failed = operation("nothing ended", 1, "S1", asked="row 302", observed="no row 500")
    seen = history(*failed, *in_hook("no row 302"))
    assert verdict(claims.hooks_may_end_session, seen) == "inconclusive"


# --- The application's own session ----------------------------------------------------------------


def both(number, of_view, own):
    place = f"R{number} T1"
    return (
        event("session-used", f"{of_view} {place}", by="flask_admin.contrib.sqla.view"),
        event("session-taken", f"{own} {place}", by="own"),
    )


def test_one_session_of_the_admin_and_the_application_is_supported():
    seen = history(*both(1, "S1", "S1"), *both(2, "S2", "S2"))
    found = claims.shares_session_with_application.check(seen)
    assert found.verdict == "supported"
    assert found.reason.endswith(
        "R1 and R2 the application and the admin used one session: S1 and S2"
    )


def test_two_sessions_in_one_request_are_named_with_who_used_them():
    found = claims.shares_session_with_application.check(history(*both(1, "S1", "S2")))
    assert (found.verdict, found.reason) == (
        "refuted",
        "in R1 the application used S2 and the admin used S1",
    )


def test_requests_in_which_only_one_of_them_used_a_session_show_nothing():
    first, _ = both(1, "S1", "S1")
    _, last = both(2, "S2", "S2")
    assert verdict(claims.shares_session_with_application, history(first, last)) == "inconclusive"


def test_a_later_use_by_the_application_is_compared_too():
    taken = event("session-taken", "S3 R1 T1", by="own")
    found = claims.shares_session_with_application.check(history(*both(1, "S1", "S1"), taken))
    assert (found.verdict, found.reason) == (
        "refuted",
        "in R1 the application used S3 and the admin used S1",
    )


def test_a_request_in_which_the_application_used_no_session_leaves_it_open():
    of_admin, _ = both(2, "S2", "S2")
    seen = history(*both(1, "S1", "S1"), of_admin)
    assert verdict(claims.shares_session_with_application, seen) == "inconclusive"


# --- Jobs -----------------------------------------------------------------------------------------


def job(name, session, *, out=False, left=(), observed="new", error=None):
    """Return the events of a job that used a session; `out` leaves its connection checked out."""
    return (
        event("job-started", "T1", name=name),
        *([event("session-begun", f"{session} C1 T1")] if session else []),
        *([event("job-worked", f"{session} T1")] if session else []),
        *([] if out or not session else [event("connection-checked-in", "C1 T1")]),
        *([event("exception-raised", "T1", type=error, text="why")] if error else []),
        event("looked-up", "T1", checked_out=int(out)),
        *(event("session-held", f"{one} T1", open=False) for one in left),
        event("job-ended", "T1", name=name, asked="new", observed=observed),
    )


FAILED = job("f", "S9", error="JobFailed")
"""A job that failed, as it was to, and left nothing."""


def jobs(*during, after=FAILED):
    """Return a history of a request, then these jobs while another used S2, then others."""
    start, used, end = request(2, "S2")
    return history(*request(1, "S1"), start, used, *during, end, *after)


def test_jobs_with_sessions_of_their_own_that_left_nothing_are_supported():
    seen = jobs(*job("a", "S3", left=("S2",)), *job("b", "S4", left=("S2",)))
    assert verdict(claims.background_context, seen) == "supported"


@pytest.mark.parametrize(
    ("events", "reason"),
    [
        (job("a", "S1"), "the job 'a' used S1, which served R1"),
        (job("a", "S2"), "the job 'a' used S2, which served R2"),
        ((*job("a", "S3"), *job("b", "S3")), "the job 'b' used S3, which served the job 'a'"),
        (job("a", None, error="AttributeError"), "the job 'a' got no session: AttributeError: why"),
        (job("a", "S3", left=("S3",)), "after the job 'a', still registered: S3"),
        (job("a", "S3", out=True), "after the job 'a', still open: S3"),
        (
            (*job("a", "S3")[:3], event("session-closed", "S2 T1"), *job("a", "S3")[3:]),
            "the job 'a' closed S2, with which R2 was in progress",
        ),
        (job("a", "S3", out=True, error="JobFailed"), "after the job 'a', still open: S3"),
        (
            job("a", "S3", observed="old"),
            "the job 'a' was to store 'new' and there is 'old'",
        ),
    ],
)
def test_a_job_that_shares_fails_or_leaves_is_refuted(events, reason):
    found = claims.background_context.check(jobs(*events))
    assert (found.verdict, found.reason) == ("refuted", reason)


def test_a_job_gets_no_session_where_requests_get_none_either():
    start, _, end = request(2, "S2")
    seen = history(start, *job("a", None, error="TypeError"), *job("b", "S3"), end, *FAILED)
    found = claims.background_context.check(seen)
    assert found.verdict == "inconclusive"
    assert "neither a job nor a request got the view's session" in found.reason


def test_a_job_that_shares_is_refuted_also_where_another_got_no_session():
    start, _, end = request(2, "S2")
    events = (*job("a", None, error="TypeError"), *job("b", "S3"), *job("c", "S3"))
    found = claims.background_context.check(history(start, *events, end, *FAILED))
    assert (found.verdict, found.reason) == (
        "refuted",
        "the job 'c' used S3, which served the job 'b'",
    )


def test_jobs_after_requests_alone_say_nothing_of_jobs_during_one():
    seen = history(*request(1, "S1"), *job("a", "S2"))
    assert verdict(claims.background_context, seen) == "inconclusive"


def test_jobs_of_which_none_failed_say_nothing_of_one_that_does():
    assert verdict(claims.background_context, jobs(*job("a", "S3"), after=())) == "inconclusive"


def test_a_job_may_close_what_served_a_request_that_is_over():
    events = (*job("a", "S3")[:3], event("session-closed", "S1 T1"), *job("a", "S3")[3:])
    assert verdict(claims.background_context, jobs(*events)) == "supported"


# --- Growth ---------------------------------------------------------------------------------------


def measured(few, many, checked_out=0):
    """Return a history measured twice, with a session for each number of its objects."""

    def look(times, objects):
        return (
            event("measured", "T1", name="requests on one thread", times=times),
            event("looked-up", "T1", checked_out=checked_out),
            event("connection-checked-in", "C9 T1"),
            *(
                event("session-held", f"S{n} T1", objects=one, pending=0)
                for n, one in few_or(objects)
            ),
        )

    def few_or(objects):
        return enumerate(objects, start=1)

    return history(*request(1, "S1"), *look(3, few), *request(2, "S2"), *look(12, many))


def test_what_one_request_leaves_is_no_growth():
    assert verdict(claims.memory_bounded, measured([5], [5], checked_out=1)) == "supported"


def test_more_sessions_after_more_requests_are_growth():
    found = claims.memory_bounded.check(measured([0], [0, 0, 0]))
    assert found.verdict == "refuted"
    assert found.reason == "12 requests on one thread left 3 sessions where 3 left 1 session"


def test_more_objects_in_one_session_are_growth():
    found = claims.memory_bounded.check(measured([3], [12]))
    assert found.reason == "12 requests on one thread left 12 objects where 3 left 3 objects"


def test_more_instances_outside_of_sessions_are_growth():
    def counted(times, number):
        return (
            event("measured", "T1", name="requests on one thread", times=times),
            event("looked-up", "T1", checked_out=0),
            event("instances-counted", "T1", number=number),
        )

    found = claims.memory_bounded.check(
        history(*request(1, "S1"), *counted(3, 3), *request(2, "S2"), *counted(12, 12))
    )
    assert found.reason == "12 requests on one thread left 12 instances where 3 left 3 instances"


def test_requests_that_failed_could_not_leave_anything():
    seen = history(*request(1, "S1", status=500), *measured([], []).events)
    assert verdict(claims.memory_bounded, seen) == "inconclusive"


def test_requests_without_a_session_could_not_leave_anything():
    seen = history(*(e for e in measured([], []).events if e.kind != "session-used"))
    assert verdict(claims.memory_bounded, seen) == "inconclusive"


def failing(times):
    """Return the events of so many requests whose views raised, measured twice."""
    name = "requests whose view raises"
    return (
        *(
            one
            for number in range(2, 2 + times)
            for one in (
                *request(number, f"S{number}", status=500)[:2],
                event("exception-raised", f"R{number} T1", type="ViewFailed", text="why"),
                request(number, status=500)[-1],
            )
        ),
        *(event("measured", "T1", name=name, times=times) for times in (3, 12)),
    )


def test_requests_whose_views_were_to_raise_did_what_they_were_to():
    seen = history(*measured([], []).events, *failing(12))
    assert verdict(claims.memory_bounded, seen) == "supported"


def test_views_of_which_not_all_raised_leave_it_open():
    seen = history(*measured([], []).events, *failing(11))
    assert verdict(claims.memory_bounded, seen) == "inconclusive"
