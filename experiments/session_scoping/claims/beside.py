"""What a request does beside its session."""

from __future__ import annotations

from casebook.claim import Verdict, claim, refuted, supported
from casebook.record import Event, History
from experiments.session_scoping.claims.histories import (
    PLAIN,
    REMOVED,
    count,
    labels,
    listed,
    no_occasion,
    position,
)

HELD_BY = "session-begun"
"""What shows that a session, and nobody else, got the connection that was checked out before."""


@claim(
    experiments=("operations",),
    supported_by=(REMOVED, PLAIN),
    refuted_by={"engine-beside-session": "beside its session"},
    otherwise="works beside the session",
)
def works_in_session(history: History) -> Verdict:
    """The admin's requests reach the database through sessions alone.

    Each connection that the pool gives out while one of Flask-Admin's operations runs must be for
    a session's transaction: a statement on the engine, or on a connection of its own, would neither
    see what the session has not committed nor be undone with it. A connection that is opened past
    the engine's pool is not seen.
    """
    admins = {
        str(start.label("R")): start
        for start in history.of("request-started")
        if str(start["path"]).startswith("/admin/")
    }
    given = [
        event for event in history.of("connection-checked-out") if str(event.label("R")) in admins
    ]
    for event in given:
        if next_of(history, event).kind != HELD_BY:
            request = str(event.label("R"))
            return refuted(
                f"{request} ({admins[request]['path']}) used {event.label('C')} beside its session",
                admins[request],
                event,
            )
    if not given:
        return no_occasion(history, "no request of the admin used a connection")
    served = labels(given, "R")
    return supported(
        f"each of {count(len(given), 'connection')} given to {listed(served)} was for a session",
        *given,
    )


def next_of(history: History, given: Event) -> Event:
    """Return what happened next to a connection that was checked out; if nothing, itself."""
    later = history.events[position(history, given) + 1 :]
    return next((one for one in later if given.label("C") in one.labels), given)
