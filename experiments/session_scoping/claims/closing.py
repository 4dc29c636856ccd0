"""What is left when a request is over."""

from __future__ import annotations

from casebook.claim import Verdict, claim, refuted, supported
from casebook.record import Event, History
from experiments.session_scoping.claims.histories import (
    PLAIN,
    REMOVED,
    RIGHT,
    count,
    during,
    labels,
    left,
    listed,
    no_occasion,
    of_operation,
    of_request,
    position,
    sessions_by_request,
    uses_of_operation,
)

STREAMED = "export"
"""The operation whose answer is a body inside Flask's `stream_with_context`."""


@claim(
    experiments=("operations", "operations-with-options", "second-admin"),
    supported_by=(*RIGHT, "removed-on-success-only", PLAIN),
    refuted_by={"scoped-session-kept": "still", "app-lifetime-session": "still"},
    otherwise="not closed after a response",
    unless=("outer-context-safe",),
)
def closed_on_success(history: History) -> Verdict:
    """After a response, no session is open or registered and no connection is checked out.

    Looked at after the response of each of Flask-Admin's operations and of the application's own
    routes. First the pool is asked as it is, without collecting garbage: a session that was dropped
    and not closed still has its connection. Then garbage is collected, and what is still alive is
    held by something and would be met again. The reason says whether what was left was closed late,
    with the collection or by a later operation.
    """
    return closed_after_each(history, well=True)


@claim(
    experiments=("operations-failing",),
    supported_by=(REMOVED, PLAIN),
    refuted_by={"removed-on-success-only": "still", "scoped-session-kept": "still"},
    otherwise="not closed after an exception",
    unless=("outer-context-safe",),
)
def closed_on_error(history: History) -> Verdict:
    """The same holds where the view raises an exception.

    Each view does its work and then raises, before it can answer, so that the request ends with an
    error while its session is in use; then a flush fails, in an action and in the own route. Of the
    view that has a streamed answer in hand, another claim tells: `closed-on-unsent-stream`.
    """
    ended = [end for end in history.of("operation-ended") if end["name"] != STREAMED]
    return closed_after_each(history, well=False, of=ended)


@claim(
    experiments=("operations-failing",),
    supported_by=("removed-after-streaming",),
    refuted_by={"removed-on-success-only": "still", "scoped-session-kept": "still"},
    required=False,
    weighs=False,
    otherwise="not closed after a streamed answer that is never sent",
    unless=("outer-context-safe",),
)
def closed_on_unsent_stream(history: History) -> Verdict:
    """After a view that raises with a streamed answer in hand, nothing is open or checked out.

    Flask-Admin's CSV export is a body inside Flask's `stream_with_context`, and the view raises
    when it has made it, so that nobody sends it, and no server closes it. What decides is whether
    Flask lets the application context end all the same. Where the body keeps the context, what is
    ended with it is ended when the body is collected as garbage. It changes no grade: the way in
    which a session is handed over does not decide it.
    """
    ended = [end for end in history.of("operation-ended") if end["name"] == STREAMED]
    return closed_after_each(history, well=False, of=ended)


@claim(
    experiments=("living-threads",),
    supported_by=(REMOVED, PLAIN),
    refuted_by={"scoped-session-kept": "no free connection"},
    otherwise="runs out of connections",
)
def pool_bounded(history: History) -> Verdict:
    """Requests one after the other never wait for a connection.

    Three times as many requests as the pool has connections, each on a thread of its own that stays
    alive, as the threads of a server do. A request that finds no free connection fails at once.
    """
    served = sessions_by_request(history)
    ends = list(history.of("request-ended"))
    for end in ends:
        for event in of_request(history, end, "exception-raised"):
            if event["type"] == "TimeoutError":
                return refuted(
                    f"{end.label('R')} found no free connection: TimeoutError: {event['text']}",
                    event,
                    end,
                )
    failed = next((end for end in ends if end["status"] != 200), None)
    if failed or len(served) < len(ends) or len(ends) < 2:
        return no_occasion(history, "not every request used a session and was answered", failed)
    return supported(
        f"{count(len(ends), 'request')} on {count(len(labels(ends, 'T')), 'thread')} used"
        f" {count(len(labels(history.of('connection-checked-out'), 'C')), 'connection')}"
        " and none had to wait",
        *ends,
    )


# --- How histories are read ----------------------------------------------------------------------


def closed_after_each(history: History, well: bool, of: list[Event] | None = None) -> Verdict:
    """Return whether nothing was left after each operation, ended well or with an exception.

    `of` are the ends of the operations that are judged; without it, those of all are.
    """
    ended = list(history.of("operation-ended")) if of is None else of
    for end in ended:
        still, events = left(during(history, end))
        if still:
            late = closed_late(history, end, events)
            return refuted(f"after {end['name']!r}, still {still}{late}", *events)
    used = [e for e in ended if any(u.label("R") for u in uses_of_operation(history, e))]
    failed = [e for e in ended if e["status"] == 500]
    if not used:
        return no_occasion(history, "no operation used a session")
    if well and failed:
        return no_occasion(history, f"{failed[0]['name']!r} was answered 500", failed[0])
    if not well and len(failed) < len(ended):
        answered = next(event for event in ended if event["status"] != 500)
        return no_occasion(history, f"the view of {answered['name']!r} did not raise", answered)
    without = [str(event["name"]) for event in ended if event not in used]
    if without:
        return no_occasion(history, f"no session was used by {listed(without)}")
    after = f"each of {len(ended)} operations" if len(ended) > 1 else repr(ended[0]["name"])
    return supported(
        f"after {after} nothing was checked out, open or registered",
        *ended,
    )


def closed_late(history: History, end: Event, found: list[Event]) -> str:
    """Return, as text, when what a look found was given up after it, or "" if it never was.

    A session that nothing holds gives its connection back with the collection that follows the
    look. One that is held is gone when the look after a later operation no longer finds it.
    """
    held = set(labels([event for event in found if event.kind == "session-held"], "S"))
    if not held:
        given_back = of_operation(history, end, "connection-checked-in")
        collected = any(position(history, one) > position(history, found[0]) for one in given_back)
        return "; closed late, when garbage was collected" if collected else ""
    for later in history.of("operation-ended"):
        still = labels(of_operation(history, later, "session-held"), "S")
        if position(history, later) > position(history, end) and not held & set(still):
            return f"; closed late, with {later['name']!r}"
    return ""
