"""Whose session it is: one for each request, one in a request, one for each thread."""

from __future__ import annotations

from casebook.claim import Verdict, claim, refuted, supported
from casebook.record import Event, History
from experiments.session_scoping.claims.histories import (
    PLAIN,
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
    experiments=(
        "three-requests",
        "reused-addresses",
        "operations",
        "operations-with-options",
        "second-admin",
        "overlap",
        "overlap-again",
    ),
    supported_by=(*RIGHT, PLAIN),
    refuted_by={"app-lifetime-session": "served R"},
    otherwise="shared across requests",
    unless=("outer-context-safe",),
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
    experiments=("operations", "operations-with-options", "second-admin"),
    supported_by=(*RIGHT, "app-lifetime-session", PLAIN),
    refuted_by={"scope-per-access": "used S"},
    otherwise="more than one session in a request",
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
    experiments=("overlap", "overlap-again"),
    supported_by=(*RIGHT, PLAIN),
    refuted_by={"app-lifetime-session": "both R1 and R2"},
    otherwise="shared between overlapping threads",
)
def thread_isolated(history: History) -> Verdict:
    """Two requests that overlap on two threads never share a session, and neither closes another's.

    A baton lets one request run at a time and hands over inside the views, so that both requests
    are in progress at once and the order is the same each time. Once each thread serves one
    request, and once each of them serves two, so that the second ones overlap, too.
    """
    served = sessions_by_request(history)
    pairs = at_once(history)
    if not pairs:
        return no_occasion(history, "the requests did not overlap")
    inside = [event for event in history.of("marked") if event["name"] in ("changed", "listed")]
    for pair in pairs:
        if not set(pair) <= set(served) or not set(pair) <= set(labels(inside, "R")):
            return no_occasion(history, "not both requests used a session inside their view")
    for first, second in pairs:
        both = [session for session in served[first] if session in served[second]]
        if both:
            return refuted(
                f"{both[0]} served both {first} and {second} at once",
                *first_uses(history, both[0]),
            )
        closed = closed_by_another(history, first, second)
        if closed:
            return refuted(
                f"{closed.label('R')} closed {closed.label('S')} while"
                f" {second if closed.label('R') == first else first} was in progress with it",
                closed,
            )
    ones = list(dict.fromkeys(request for pair in pairs for request in pair))
    overlapped = ", then ".join(listed(list(pair)) for pair in pairs)
    return supported(
        f"{overlapped} were inside their views at once,"
        f" {listed([f'{one} with {listed(served[one])}' for one in ones])}",
        *inside,
        *one_use_each(history, served),
    )


# --- How histories are read ----------------------------------------------------------------------


def at_once(history: History) -> list[tuple[str, str]]:
    """Return the pairs of requests of which the second began before the first had ended."""
    starts = {str(one.label("R")): position(history, one) for one in history.of("request-started")}
    ends = {str(one.label("R")): position(history, one) for one in history.of("request-ended")}
    return [
        (first, second)
        for first in starts
        for second in starts
        if starts[first] < starts[second] < ends.get(first, len(history.events))
    ]


def closed_by_another(history: History, first: str, second: str) -> Event | None:
    """Return where one of two requests closed a session of the other, which had not ended."""
    served = sessions_by_request(history)
    ends = {end.label("R"): position(history, end) for end in history.of("request-ended")}
    for event in history.of("session-closed"):
        for user, closer in ((first, second), (second, first)):
            in_progress = position(history, event) < ends.get(user, len(history.events))
            used = event.label("S") in served.get(user, ())
            if event.label("R") == closer and used and in_progress:
                return event
    return None
