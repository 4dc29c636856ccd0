"""Which connection carries whose transaction."""

from __future__ import annotations

from casebook.claim import Verdict, claim, refuted, supported
from casebook.record import Event, History
from experiments.session_scoping.claims.contexts import BY_CONTEXT, PLAIN_BY_CONTEXT
from experiments.session_scoping.claims.histories import count, listed, no_occasion

ENDS = ("session-committed", "session-rolled-back", "session-closed")
"""The kinds of events with which a session's transaction ends."""


@claim(
    experiments=("overlap", "overlap-again", "nested-in-action", "nested-in-route"),
    supported_by=(BY_CONTEXT, PLAIN_BY_CONTEXT),
    refuted_by={"one-connection": "carried S"},
    otherwise="two sessions on one connection at once",
)
def connection_per_session(history: History) -> Verdict:
    """No connection carries the transactions of two sessions at once.

    If one does, what the one session commits includes what the other has flushed, and what the one
    rolls back takes the other's work along: a session of its own is no protection then. Two
    requests overlap on two threads, and a context is pushed inside a request; each of the two
    sessions is in a transaction while the other is.
    """
    carried: dict[str, dict[str, Event]] = {}  # of each connection, who began a transaction on it
    beside: dict[str, Event] = {}
    for event in history.events:
        session, connection = str(event.label("S")), str(event.label("C"))
        if event.kind == "session-begun" and event.label("C"):
            carried.setdefault(connection, {})[session] = event
            if len(carried[connection]) > 1:
                return refuted(
                    f"{connection} carried {listed(list(carried[connection]))} at once",
                    *carried[connection].values(),
                )
            begun = {name: one for on in carried.values() for name, one in on.items()}
            beside |= begun if len(begun) > 1 else {}
        elif event.kind in ENDS:
            for sessions in carried.values():
                sessions.pop(session, None)
        elif event.kind == "connection-checked-in":
            carried.pop(connection, None)
    if not beside:
        return no_occasion(history, "no two sessions were in a transaction at once")
    where = [f"{session} on {one.label('C')}" for session, one in beside.items()]
    return supported(
        f"{count(len(beside), 'session')} were in a transaction while another was, each on a"
        f" connection of its own: {listed(where)}",
        *beside.values(),
    )
