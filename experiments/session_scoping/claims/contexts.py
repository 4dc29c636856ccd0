"""Application contexts beside the request's own, and the application's code beside the admin."""

from __future__ import annotations

from itertools import dropwhile, takewhile

from casebook.claim import Verdict, claim, refuted, supported
from casebook.record import Event, History
from experiments.session_scoping.claims.histories import (
    PLAIN,
    REMOVED,
    RIGHT,
    count,
    described,
    labels,
    listed,
    no_occasion,
    parts,
    position,
    sessions_by_request,
    uses,
)

ADMIN = ("flask_admin.", "plain_views.", "view")
"""What the names of those begin with who use a session for the admin, or for plain views."""

BY_CONTEXT = "scoped-session-by-context"
"""The control whose scope is the application context, which a thread can have several of."""

PLAIN_BY_CONTEXT = "plain-views-by-context"
"""The same without Flask-Admin."""


@claim(
    experiments=("shared-sessions",),
    supported_by=(*RIGHT, "app-lifetime-session", PLAIN),
    refuted_by={"sessions-apart": "the admin used S"},
    otherwise="not the application's own session",
)
def shares_session_with_application(history: History) -> Verdict:
    """In one request, the application's own session is the admin's.

    So that what the application's code changes in an action, or in a hook such as
    `on_model_change`, is committed with what the admin changes, or not at all. In an action and in
    each of Flask-Admin's operations, inside the view and at its end: every use by Flask-Admin is
    compared with every use by the application.
    """
    own = [event for event in history.of("session-taken") if event["by"] == "own"]
    met: list[Event] = []
    for request in labels(history.of("session-used", "session-taken"), "R"):
        taken = [event for event in own if event.label("R") == request]
        of_admin = used_by_admin(history, request)
        for mine in taken:
            for event in of_admin:
                if event.label("S") != mine.label("S"):
                    return refuted(
                        f"in {request} the application used {mine.label('S')} and the admin used"
                        f" {event.label('S')}",
                        event,
                        mine,
                    )
        if of_admin and not taken:
            return no_occasion(history, f"the application used no session in {request}")
        if of_admin:
            met.append(taken[0])
    if not met:
        return no_occasion(history, "no request in which both used a session")
    return supported(
        f"in {listed(labels(met, 'R'))} the application and the admin used one session:"
        f" {listed(labels(met, 'S'))}",
        *met,
    )


@claim(
    experiments=("nested-in-action", "nested-in-route"),
    supported_by=(BY_CONTEXT, PLAIN_BY_CONTEXT),
    refuted_by={REMOVED: "the request's own session", "begun-with-request": "AttributeError"},
    otherwise="a nested context shares or closes its session",
)
def nested_context_safe(history: History) -> Verdict:
    """An application context pushed inside a request has a session of its own.

    The request has loaded and changed a row and added another when the context is pushed; inside,
    a row is changed and committed. When the context is popped, its session is closed, and the
    request still has its session with the pending row, the change and the transaction. In a custom
    action, through the session that the view resolves, and in the application's own route.
    """
    before, inner = history.first("outer-before"), history.first("inner-used")
    after, stored = history.first("outer-after"), history.first("stored")
    if before is None:
        return no_occasion(history, "no session was used before a context was pushed")
    outer, request = before.label("S"), before.label("R")
    errors = [
        event
        for event in history.of("exception-raised")
        if position(history, event) > position(history, before)
    ]
    because = f": {described(errors[0])}" if errors else ""
    if inner is None:
        return refuted(
            f"no session could be used in the context pushed inside {request}{because}",
            before,
            *errors[:1],
        )
    if inner.label("S") == outer:
        closed = [e for e in while_inside(history, "session-closed") if e.label("S") == outer]
        lost = ", and closed it when it was popped" if closed else ""
        return refuted(
            f"the context pushed inside {request} used {outer}, the request's own session{lost}",
            before,
            inner,
            *closed[:1],
        )
    kept = [e for e in history.of("session-held") if e.label("S") == inner.label("S")]
    out = checked_out(history.events[position(history, before) :], inner.label("S"))
    if kept or out:
        connection = f", with {out[0].label('C')} checked out" if out else ""
        return refuted(
            f"{inner.label('S')} was left when its context was popped{connection}",
            inner,
            *out,
            *kept[:1],
        )
    if after is None:
        return refuted(f"{request} could not go on{because}", before, inner, *errors[:1])
    if after.label("S") != outer:
        return refuted(
            f"when the context was popped, {request} had {after.label('S')} in place of {outer}",
            before,
            after,
        )
    lost_parts = [
        part
        for part, lost in (
            ("its pending row", after["pending"] != before["pending"]),
            ("its change", not after["changed"]),
            ("its transaction", not after["transaction"]),
        )
        if lost
    ]
    if lost_parts:
        return refuted(
            f"when the context was popped, {outer} had lost {listed(lost_parts)}", before, after
        )
    committed = "Outer, changed, Inner, changed", "Outer, added"
    if stored is None or (stored["changed"], stored["added"]) != committed:
        return refuted(f"not all was stored{because}", before, *errors[:1], *history.of("stored"))
    return supported(
        f"the context pushed inside {request} used {inner.label('S')}, which was closed with it;"
        f" {outer} kept its pending row, its change and its transaction, and committed them",
        before,
        inner,
        after,
        stored,
    )


@claim(
    experiments=("background-jobs", "threads-in-view"),
    supported_by=(REMOVED, BY_CONTEXT, PLAIN),
    refuted_by={
        "begun-with-request": "got no session: AttributeError",
        "app-lifetime-session": "which served R1",
        "scoped-session-kept": "which served R1",
    },
    otherwise="a job shares its session",
)
def background_context(history: History) -> Verdict:
    """A job in an application context of its own has a session of its own.

    After a request, on the thread that served it, and while a request is in progress on another:
    the job changes a row and commits it, and when its context ends its session is closed, and no
    other is; the same holds for a job that changes a row, does not commit it and raises. Through
    the application's own session and through the one that a view resolves.
    """
    ended = list(history.of("job-ended"))
    served = sessions_by_request(history)
    others: dict[str | None, str] = {}
    without = []
    for request, sessions in served.items():
        for one in sessions:
            others.setdefault(one, request)
    for end in ended:
        start = next(e for e in history.of("job-started") if e["name"] == end["name"])
        during = history.between(start, end)
        errors = [e for e in during if e.kind == "exception-raised"]
        because = f": {described(errors[0])}" if errors else ""
        worked = next((e for e in during if e.kind == "job-worked"), None)
        if worked is None and not parts(uses(history)):
            without.append(end)  # as the requests are: it is not for the job's context
            continue
        if worked is None:
            return refuted(f"the job {end['name']!r} got no session{because}", *errors[:1], end)
        session = worked.label("S")
        if session in others:
            return refuted(
                f"the job {end['name']!r} used {session}, which served {others[session]}",
                *[e for e in history.of("session-used") if e.label("S") == session][:1],
                worked,
            )
        others[session] = f"the job {end['name']!r}"
        if [e for e in errors if e["type"] != "JobFailed"] or end["observed"] != end["asked"]:
            return refuted(
                f"the job {end['name']!r} was to store {end['asked']!r} and there is"
                f" {end['observed']!r}{because}",
                worked,
                *errors[:1],
                end,
            )
        if others_closed := closed_in_progress(history, during):
            closed = others_closed[0]
            return refuted(
                f"the job {end['name']!r} closed {closed.label('S')}, with which"
                f" {others[closed.label('S')]} was in progress",
                worked,
                closed,
            )
        held = [e for e in during if e.kind == "session-held" and e.label("S") == session]
        out = checked_out(during, session)
        if held or out:
            state = "open" if out or held[0]["open"] else "registered"
            return refuted(
                f"after the job {end['name']!r}, still {state}: {session}", worked, *out, *held
            )
    if without:
        return no_occasion(history, "neither a job nor a request got the view's session", *without)
    if not ended or not during_a_request(history):
        return no_occasion(history, "no job worked while a request was using a session")
    if not any(e["type"] == "JobFailed" for e in history.of("exception-raised")):
        return no_occasion(history, "no job failed after it had used its session")
    return supported(
        f"{count(len(ended), 'job')} worked, each with a session of its own, which was closed when"
        f" its context ended: {listed(labels(history.of('job-worked'), 'S'))}",
        *history.of("job-worked"),
    )


# --- How histories are read ----------------------------------------------------------------------


def used_by_admin(history: History, request: str) -> list[Event]:
    """Return the uses of a session in a request by the admin and as the view resolves it."""
    return [
        event
        for event in history.of("session-used", "session-taken")
        if event.label("R") == request and str(event["by"]).startswith(ADMIN)
    ]


def while_inside(history: History, kind: str) -> list[Event]:
    """Return the events of a kind from the use inside a pushed context until it was popped."""
    inside = dropwhile(lambda event: event.kind != "inner-used", history.events)
    until = takewhile(lambda event: event.kind != "context-popped", inside)
    return [event for event in until if event.kind == kind]


def checked_out(during: tuple[Event, ...], session: str | None) -> list[Event]:
    """Return the beginnings of a session whose connection was out when the pools were looked at."""
    out: dict[str | None, Event] = {}
    for event in during:
        if event.kind == "session-begun" and event.label("S") == session:
            out[event.label("C")] = event
        elif event.kind == "connection-checked-in":
            out.pop(event.label("C"), None)
        elif event.kind == "looked-up":
            break
    return list(out.values())


def closed_in_progress(history: History, during: tuple[Event, ...]) -> list[Event]:
    """Return, among events, the closings of sessions of requests that were still in progress."""
    served = sessions_by_request(history)
    ends = {end.label("R"): position(history, end) for end in history.of("request-ended")}
    return [
        event
        for event in during
        if event.kind == "session-closed"
        and any(
            event.label("S") in sessions and ends.get(request, 0) > position(history, event)
            for request, sessions in served.items()
        )
    ]


def during_a_request(history: History) -> list[Event]:
    """Return the jobs' work that was done while a request that used a session was in progress."""
    served = sessions_by_request(history)
    open_requests: list[str | None] = []
    found = []
    for event in history.events:
        if event.kind == "session-used" and event.label("R") in served:
            open_requests.append(event.label("R"))
        elif event.kind == "request-ended":
            open_requests = [one for one in open_requests if one != event.label("R")]
        elif event.kind == "job-worked" and open_requests:
            found.append(event)
    return found
