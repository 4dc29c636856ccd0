"""Work in a shell, whose application context stays, and requests beside it."""

from __future__ import annotations

from casebook.claim import Verdict, claim, refuted, supported
from casebook.record import Event, History
from experiments.session_scoping.claims.contexts import checked_out
from experiments.session_scoping.claims.histories import (
    PLAIN,
    REMOVED,
    first_uses,
    labels,
    listed,
    no_occasion,
    one_use_each,
    sessions_by_request,
)

TYPED = "Typed"
"""The name of the user whom the shell adds, and commits only later."""

STALE = ["Ann", "Ann", "Anna", "Anna"]
"""What the shell prints of a name: as read, when a request has changed it, rolled back, at last."""


@claim(
    experiments=("flask-shell",),
    supported_by=(REMOVED, PLAIN),
    refuted_by={
        "app-lifetime-session": "S1, with which the shell worked, served R1",
        "scoped-session-kept": "after the shell had ended, still open",
    },
    otherwise="a shell shares its session, or leaves it open",
)
def shell_apart_from_requests(history: History) -> Verdict:
    """What is done in `flask shell` and what requests do meanwhile keep apart.

    The lines are typed into a real `flask shell`, and a server's threads answer requests meanwhile.
    No request uses the shell's session, closes it or shows its uncommitted row; what the shell
    commits is stored; and when it ends, its session is closed. The context of a command
    (`@app.cli.command`) is the same. That the shell goes on showing what it has read, though a
    request has changed it, is no fault: any session does, until it commits or rolls back.
    """
    served = sessions_by_request(history)
    worked = [use for use in history.of("session-used", "session-begun") if not use.label("R")]
    own = labels(in_shell(history, worked), "S")
    for session in own:
        used = first_uses(history, session)
        if used:
            requests = listed(labels(used, "R"))
            return refuted(f"{session}, with which the shell worked, served {requests}", *used)
        for closed in history.of("session-closed"):
            if closed.label("S") == session and closed.label("R"):
                return refuted(f"{closed.label('R')} closed {session}, the shell's", closed)
    for seen in history.of("listed-beside"):
        if TYPED in str(seen["names"]):
            return refuted(f"a request listed {seen['names']}, which the shell had not saved", seen)
    ended, stored = history.first("shell-ended"), history.first("stored")
    if not own or len(served) < 2 or ended is None or stored is None:
        return no_occasion(history, "the shell and two requests did not all use a session")
    if stored["asked"] != stored["observed"]:
        return refuted(f"stored was {stored['observed']} in place of {stored['asked']}", stored)
    held = [event for event in history.of("session-held") if event.label("S") in own]
    out = [event for session in own for event in checked_out(history.events, session)]
    if held or out:
        state = "open" if out or held[0]["open"] else "registered"
        still = f"{state}: {listed(labels([*out, *held], 'S'))}"
        return refuted(f"after the shell had ended, still {still}", ended, *out, *held)
    printed = list(history.of("printed"))
    stale = [one["text"] for one in printed] == STALE
    until = ", and showed what it had read until it rolled back" if stale else ""
    return supported(
        f"the shell worked with {listed(own)}, which was closed at its end{until};"
        f" meanwhile {listed(list(served))} used other sessions",
        *in_shell(history, worked)[:1],
        *printed,
        *one_use_each(history, served),
        ended,
    )


def in_shell(history: History, events: list[Event]) -> list[Event]:
    """Return those of the events that happened while the shell was there."""
    start, end = history.first("shell-started"), history.first("shell-ended")
    during = history.between(start, end) if start and end else ()
    return [event for event in events if any(event is one for one in during)]
