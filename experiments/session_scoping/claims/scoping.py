"""Whose session it is: one for each request, one in a request, one for each thread."""

from __future__ import annotations

from casebook.record import History, Verdict, claim, refuted, supported
from experiments.session_scoping.claims.histories import (
    RIGHT,
    count,
    first_uses,
    labels,
    listed,
    no_occasion,
    one_use_each,
    parts,
    position,
    sessions_by_request,
    uses,
    uses_in,
    who_used,
)


@claim(
    experiments=("three-requests", "reused-addresses", "operations", "overlap"),
    supported_by=RIGHT,
    refuted_by={"app-lifetime-session": "served R"},
)
def request_scoped(history: History) -> Verdict:
    """No session serves two requests.

    A session serves a request when anything uses it while the request is handled: a query, a
    change, a flush, a commit. Sessions are told apart by a tag on the object itself, never by its
    address. One experiment gives contexts the address of a dead one, as the allocator may do at any
    time: a scope that is an address must not outlive what had it.
    """
    served = sessions_by_request(history)
    if len(served) < 2:
        return no_occasion(history, "fewer than two requests used a session")
    pushed = [event for event in history.of("context-pushed") if event.label("R")]
    meant = [event for event in pushed if "at_the_address_of" in event.details]
    if meant and not any(event["at_the_address_of"] for event in meant):
        return no_occasion(history, "no context got the address of an earlier one")
    for session in labels(uses(history), "S"):
        requests = [request for request, sessions in served.items() if session in sessions]
        if len(requests) > 1:
            return refuted(
                f"{session} served {listed(requests)}",
                *first_uses(history, session),
            )
    return supported(
        f"{count(len(served), 'request')} used {count(len(labels(uses(history), 'S')), 'session')},"
        " none of them in two requests",
        *one_use_each(history, served),
    )


@claim(
    experiments=("operations",),
    supported_by=(*RIGHT, "app-lifetime-session"),
    refuted_by={"scope-per-access": "used S"},
)
def one_session_per_request(history: History) -> Verdict:
    """All of Flask-Admin's code in one request uses one session.

    Lists, forms, the `Unique` validator, inline forms, relation fields and AJAX loaders included:
    whichever part of Flask-Admin asks for a session while one request is handled gets the same one.
    """
    served = sessions_by_request(history)
    for request, sessions in served.items():
        if len(sessions) > 1:
            return refuted(
                f"{request} used {listed(sessions)}: " + who_used(history, request),
                *uses_in(history, request),
            )
    shared = [request for request in served if len(parts(uses_in(history, request))) > 1]
    if not shared:
        return no_occasion(history, "no request in which two parts of Flask-Admin used a session")
    return supported(
        f"each of {count(len(served), 'request')} used one session, also where several parts of"
        f" Flask-Admin used it ({listed(shared[:3])}); parts seen:"
        f" {', '.join(sorted(parts(uses(history))))}",
        *uses_in(history, shared[0]),
    )


@claim(
    experiments=("overlap",),
    supported_by=RIGHT,
    refuted_by={"app-lifetime-session": "both R1 and R2"},
)
def thread_isolated(history: History) -> Verdict:
    """Two requests that overlap on two threads never share a session.

    A baton lets one request run at a time and hands over inside the views, so that both requests
    are in progress at once and the order is the same each time.
    """
    served = sessions_by_request(history)
    starts = list(history.of("request-started"))
    ends = list(history.of("request-ended"))
    inside = [event for event in history.of("marked") if event["name"] in ("changed", "listed")]
    if len(served) < 2 or len(labels(inside, "R")) < 2:
        return no_occasion(history, "not both requests used a session inside their view")
    if position(history, starts[1]) > position(history, ends[0]):
        return no_occasion(history, "the requests did not overlap")
    first, second = (served[str(start.label("R"))] for start in starts)
    both = [session for session in first if session in second]
    if both:
        return refuted(f"{both[0]} served both R1 and R2 at once", *first_uses(history, both[0]))
    return supported(
        f"R1 and R2 were inside their views at once, R1 with {listed(first)}"
        f" and R2 with {listed(second)}",
        *inside,
        *one_use_each(history, served),
    )
