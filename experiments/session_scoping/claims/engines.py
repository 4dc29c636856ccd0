"""A second engine of one application."""

from __future__ import annotations

from casebook.claim import Verdict, claim, refuted, supported
from casebook.record import History
from experiments.session_scoping.claims.closing import closed_after_each
from experiments.session_scoping.claims.histories import (
    count,
    done_as_asked,
    listed,
    no_occasion,
    not_wired,
    sessions_by_request,
    uses_in,
)

ABOUT = "engines"
ENGINES_REMOVED = "engines-removed"
"""The control that is right: a scoped_session with both engines, removed at teardown."""


@claim(
    about=ABOUT,
    experiments=("second-engine",),
    supported_by=(ENGINES_REMOVED,),
    refuted_by={"engine-for-all": "did something else", "engines-kept": "still"},
    otherwise="fails with a second engine",
)
def second_engine(history: History) -> Verdict:
    """Rows of a second engine are read and stored there, in one session that is closed.

    Notes are stored in another database than users and posts. The admin lists, creates, edits and
    deletes them; the application's own route and an action of the admin add a user and a note in
    one request. Each request uses one session, and after it nothing is left of either engine.
    """
    if failed := not_wired(history):
        return failed
    done = done_as_asked(history)
    if done.verdict == "refuted":
        return done
    for request, sessions in sessions_by_request(history).items():
        if len(sessions) > 1:
            return refuted(f"{request} used {listed(sessions)}", *uses_in(history, request))
    closed = closed_after_each(history, well=True)
    if closed.verdict != "supported":
        return closed
    return supported(f"{done.reason}, each with one session; {closed.reason}", *done.events)


@claim(
    about=ABOUT,
    experiments=("second-engines",),
    supported_by=(ENGINES_REMOVED,),
    refuted_by={"engines-of-the-process": "did something else"},
    otherwise="mixes up the second engines of two applications",
)
def second_engines_apart(history: History) -> Verdict:
    """The second engine of one application is not that of another in the same process.

    The pattern is set up once for each of two applications, as tests do with an application
    factory. Each has databases of its own for users and for notes, lists its notes and creates one.
    """
    if failed := not_wired(history):
        return failed
    wired = list(history.of("wiring-ended"))
    done = done_as_asked(history)
    if done.verdict != "supported":
        return done
    ended = list(history.of("operation-ended"))
    if len(wired) < 2 or len(ended) < 2 * len(wired):
        return no_occasion(history, "not both applications were used")
    return supported(
        f"{count(len(ended), 'operation')} in two applications showed and stored the notes of the"
        " application's own database",
        *ended,
    )
