"""A backend's async session, in an application's own `async def` views; Flask-Admin has no part.

The patterns are ways to get the session and the experiments are drivers of the database, so that
what hangs on a driver alone is seen by the experiment that the reason names.
"""

from __future__ import annotations

from casebook.claim import Verdict, claim, inconclusive, refuted, supported
from casebook.record import Event, History
from experiments.session_scoping.claims.histories import (
    count,
    described,
    done_as_asked,
    first_uses,
    labels,
    listed,
    no_occasion,
    of_operation,
    one_line,
    one_use_each,
    position,
    sessions_by_request,
    uses,
)

ABOUT = "async-session"
DRIVERS = ("async-aiosqlite", "async-psycopg", "async-asyncpg")
CLOSED = "async-session-closed"
"""The control that is right: a session for each view, closed in it, and no connection kept."""

KEPT = "async-session-of-the-application"
"""The control that is one session as long as the application lives."""


@claim(
    about=ABOUT,
    experiments=DRIVERS,
    supported_by=(CLOSED, "async-session-not-closed"),
    refuted_by={KEPT: "served R"},
    otherwise="async session shared across requests",
)
def async_request_scoped(history: History) -> Verdict:
    """No async session serves two requests.

    Neither one after the other nor at once: two requests also overlap on two threads, each in an
    event loop of its own, as Flask runs `async def` views. An async session is told by a tag on the
    session that it wraps.
    """
    if not history.first("wiring-ended"):
        return not_set_up(history)
    served = sessions_by_request(history)
    for session in labels(uses(history), "S"):
        requests = [request for request, sessions in served.items() if session in sessions]
        if len(requests) > 1:
            return refuted(f"{session} served {listed(requests)}", *first_uses(history, session))
    if len(served) < 2:
        return no_occasion(history, "fewer than two requests used an async session")
    inside = inside_at_once(history)
    if not inside:
        return no_occasion(history, "no two requests were inside their views at once")
    return supported(
        f"{count(len(served), 'request')} used {count(len(labels(uses(history), 'S')), 'session')},"
        f" none of them in two requests; {listed(labels(inside, 'R'))} were inside their views at"
        " once",
        *inside,
        *one_use_each(history, served),
    )


@claim(
    about=ABOUT,
    experiments=DRIVERS,
    supported_by=(CLOSED,),
    refuted_by={
        "async-session-not-closed": "still checked out",
        "async-session-closed-on-success-only": "in a view that fails', still checked out",
        KEPT: "still",
    },
    otherwise="async session not closed",
)
def async_closed(history: History) -> Verdict:
    """After a response, no async session is open or held and no connection is checked out.

    Looked at after views that ended well and after views that raised while their session was in
    use. Connections are first counted as they are, without collecting garbage; a session that is
    alive after a collection is held by something.
    """
    if not history.first("wiring-ended"):
        return not_set_up(history)
    ended = list(history.of("operation-ended"))
    for end in ended:
        if left := left_after(history, end):
            why = described_error(history, end)
            return refuted(f"after {end['name']!r}, still {left[0]}{why}", *left[1])
    raised = [end for end in ended if view_raised(history, end)]
    well = [end for end in ended if end not in raised]
    for end in well:
        if end["status"] != 200:
            return no_occasion(history, f"{end['name']!r} was answered {end['status']}", end)
    if not raised or not well:
        return no_occasion(history, "not both a view that ended well and one that raised")
    for end in ended:
        if not of_operation(history, end, "session-begun"):
            return no_occasion(history, f"no session had a connection during {end['name']!r}", end)
    return supported(
        f"nothing was checked out, open or held after {count(len(well), 'operation')} that ended"
        f" well, nor after {len(raised)} in which the view raised",
        *ended,
    )


@claim(
    about=ABOUT,
    experiments=DRIVERS,
    supported_by=(CLOSED,),
    refuted_by={"async-session-rolled-back": "create"},
    otherwise="the async session fails",
)
def async_works(history: History) -> Verdict:
    """Rows are stored and listed through the async session, request after request.

    Judged by the rows in the database and by what was answered. A pool keeps connections from one
    request to the next, and the next has another event loop: some drivers' connections do not work
    in it.
    """
    return done_as_asked(history) if history.first("wiring-ended") else not_set_up(history)


# --- How histories are read ----------------------------------------------------------------------


def not_set_up(history: History) -> Verdict:
    """Return that there was nothing to judge, with the error that set-up met."""
    why = f": {one_line(history.reason)}" if history.reason else ""
    return inconclusive(f"no occasion: the session was not set up{why}")


def inside_at_once(history: History) -> list[Event]:
    """Return a mark of each of two requests, both reached before the first of them ended."""
    for end in history.of("operation-ended"):
        marks = {mark.label("R"): mark for mark in of_operation(history, end, "marked")}
        ends = [one for one in of_operation(history, end, "request-ended") if one.label("R")]
        if len(marks) > 1 and all(
            position(history, m) < position(history, ends[0]) for m in marks.values()
        ):
            return list(marks.values())
    return []


def left_after(history: History, end: Event) -> tuple[str, list[Event]] | None:
    """Return what an operation left when it was looked up, in words and events, or None.

    A pool that keeps no connection cannot say how many are checked out: its events can.
    """
    looked = next(iter(of_operation(history, end, "looked-up")), None)
    connections: dict[str, Event] = {}
    users: dict[str, str] = {}
    for event in history.events[: position(history, looked or end)]:
        connection = str(event.label("C"))
        if event.kind == "connection-checked-out":
            connections[connection] = event
        elif event.kind == "connection-checked-in":
            connections.pop(connection, None)
        elif event.kind == "session-begun":
            users[connection] = str(event.label("S"))
    held = of_operation(history, end, "session-held")
    if connections:
        left = [f"{one} by {users[one]}" if one in users else one for one in connections]
        return f"checked out: {listed(left)}", [*connections.values(), *held]
    if looked and looked["checked_out"]:
        return f"checked out: {count(int(str(looked['checked_out'])), 'connection')}", [looked]
    if held:
        state = "open" if any(event["open"] for event in held) else "held"
        return f"{state}: {listed(labels(held, 'S'))}", held
    return None


def view_raised(history: History, end: Event) -> bool:
    """Return whether the application's own exception was raised in an operation's view."""
    errors = of_operation(history, end, "exception-raised")
    return any(error["type"] == "ViewFailed" for error in errors)


def described_error(history: History, end: Event) -> str:
    """Return, in brackets, the first error of an operation that is not the view's own, or ""."""
    for error in of_operation(history, end, "exception-raised"):
        if error["type"] != "ViewFailed":
            return f" ({error.label('R') or end['name']}: {described(error)})"
    return ""
