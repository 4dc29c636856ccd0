"""What processes share that gunicorn forks from a loaded application."""

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
)


@claim(
    experiments=("gunicorn-preloaded",),
    supported_by=(REMOVED, PLAIN),
    refuted_by={"queried-when-wired": "C1 served R1 with S1 in P2"},
    otherwise="shared between workers of gunicorn --preload",
)
def forked_workers_apart(history: History) -> Verdict:
    """Workers that gunicorn forks from a loaded application share no connection.

    With `gunicorn --preload` the application is loaded once, in the process of which its workers
    are copies. Whatever was opened by then is in each of them, and two processes then talk through
    one connection. Nothing but the pattern runs before the fork here. Two workers answer in turn,
    each through a socket of its own. On SQLite alone: no environment here has both gunicorn and
    a driver of PostgreSQL.
    """
    return apart(history)


@claim(
    experiments=("gunicorn-preloaded-after-use",),
    supported_by=("disposed-after-fork",),
    refuted_by={
        REMOVED: "C1 served R2 with S3 in P2",
        "app-lifetime-session": "C1 served R2 with S1 in P2 and R4 with S1 in P3",
    },
    required=False,
    weighs=False,
    otherwise="one connection for all workers if used before gunicorn --preload forks",
)
def use_before_fork_safe(history: History) -> Verdict:
    """The application may use its database before gunicorn forks its workers.

    A module does so when it makes its tables or reads its settings while it is imported, and
    `gunicorn --preload` imports it once for all workers. The session is closed by then, but the
    engine's pool has kept the connection, and each worker has a copy of that pool. Call
    `engine.dispose(close=False)` in each worker, from gunicorn's hook `post_fork` or by
    `os.register_at_fork`, as the control `disposed-after-fork` does. Here one query in an
    application context and one list of users come before the fork.
    """
    if not any(event.label("P") == LOADING for event in history.of("session-used")):
        return no_occasion(history, "no session was used before the fork")
    return apart(history)


# --- How histories are read ----------------------------------------------------------------------

LOADING = "P1"
"""The process that loads the application; the others are its workers."""

ENDS = ("session-committed", "session-rolled-back", "session-closed")
"""What ends the transaction of a session, which then carries no connection."""


def apart(history: History) -> Verdict:
    """Return whether no connection served requests in two workers."""
    served = connections_in_workers(history)
    for connection, events in served.items():
        first = first_in_each(labels(events, "P"), events)
        if len(first) > 1:
            told = [f"{one.label('R')} with {one.label('S')} in {one.label('P')}" for one in first]
            opened = [one for one in history.of("session-begun") if connection in one.labels]
            return refuted(f"{connection} served {listed(told)}", *opened[:1], *first)
    events = [event for events in served.values() for event in events]
    workers = labels(events, "P")
    if len(workers) < 2:
        return no_occasion(history, "fewer than two workers used a connection")
    return supported(
        f"{listed(workers)} used {count(len(labels(events, 'S')), 'session')} on"
        f" {listed(list(served))}, none of them in two processes",
        *first_in_each(workers, events),
    )


def connections_in_workers(history: History) -> dict[str, list[Event]]:
    """Return for each connection the events in which a session used it in a request to a worker.

    A worker is a copy of the process that loads: a transaction that was open there is open in it.
    """
    carries: dict[tuple[str | None, str | None], str] = {}
    served: dict[str, list[Event]] = {}
    for event in history.events:
        process, session = event.label("P"), event.label("S")
        if event.kind == "session-begun":
            carries[process, session] = event.label("C") or ""
        elif event.kind in ENDS:
            carries[process, session] = ""
        if event.kind in ("session-begun", "session-used") and event.label("R"):
            inherited = carries.get((LOADING, session), "")
            connection = carries.get((process, session), inherited)
            if connection and process != LOADING:
                served.setdefault(connection, []).append(event)
    return served


def first_in_each(processes: list[str], events: list[Event]) -> list[Event]:
    """Return the first of these events in each process."""
    return [next(event for event in events if one in event.labels) for one in processes]
