"""Several applications of one process."""

from __future__ import annotations

from casebook.claim import Verdict, claim, refuted, supported
from casebook.record import Event, History
from experiments.session_scoping.claims.histories import (
    PLAIN,
    RIGHT,
    count,
    described,
    first_uses,
    labels,
    no_occasion,
    of_request,
    one_line,
    position,
    sessions_by_request,
    uses,
)
from experiments.session_scoping.claims.scoping import at_once, closed_by_another

APPLICATIONS = ("first", "second")


@claim(
    experiments=("two-applications",),
    supported_by=(*RIGHT, "app-lifetime-session", PLAIN),
    refuted_by={
        "session-of-the-process": "served requests of both applications",
        "registry-of-the-process": "showed",
    },
    otherwise="mixes up two applications of a process",
)
def applications_apart(history: History) -> Verdict:
    """Two applications of one process share no session, and each sees its own database.

    The pattern is set up once for each of two applications, which have databases of their own; the
    first is used before there is a second. Then they are used in turn, at once on two threads, and
    the second inside a view of the first. Each lists users and creates posts. What the first can do
    alone, both must do. Neither closes a session with which the other is in progress.
    """
    served, inside = sessions_by_request(history), inside_of(history)
    for session in labels(uses(history), "S"):
        who = {inside[one] for one in served if session in served[one] and one in inside}
        if len(who) > 1:
            return refuted(
                f"{session} served requests of both applications", *first_uses(history, session)
            )
    for event in history.of("shown"):
        if event["names"] and f"User of the {event['application']}" not in str(event["names"]):
            return refuted(
                f"the {event['application']} application showed {one_line(event['names'])!r},"
                " which is not in its database",
                event,
            )
    for event in history.of("stored"):
        if any(f"Post of the {other}" in str(event["titles"]) for other in others(event)):
            return refuted(
                f"the database of the {event['application']} application got a post that was"
                " created in the other",
                event,
            )
    together = [pair for pair in at_once(history) if {*map(inside.get, pair)} == set(APPLICATIONS)]
    for first, second in together:
        closed = closed_by_another(history, first, second)
        if closed:
            return refuted(
                f"{closed.label('R')} of the {inside[str(closed.label('R'))]} application closed"
                f" {closed.label('S')}, with which the other was in progress",
                closed,
            )
    alone, both = before_the_second(history)
    if failed := next(filter(is_failure, both), None):
        if not alone or any(map(is_failure, alone)):
            return no_occasion(history, "the first application did not work alone", failed)
        raised = of_request(history, failed, "exception-raised")
        why = f": {described(raised[0])}" if raised else ""
        return refuted(
            f"with two applications, {failed.label('R')} was answered {failed['status']}{why}; the"
            " first alone worked",
            *raised[:1],
            failed,
        )
    if {e["application"] for e in history.of("stored")} != set(APPLICATIONS):
        return no_occasion(history, "not every application was used to the end")
    mine = all(f"Post of the {e['application']}" in str(e["titles"]) for e in history.of("stored"))
    if not mine or not all(e["names"] for e in history.of("shown")):
        return no_occasion(history, "not every application showed its users and stored its posts")
    if len(together) < 3 or not set(inside) <= set(served):
        return no_occasion(history, "the applications were not used at once")
    sessions = count(len(labels(uses(history), "S")), "session")
    return supported(
        f"{count(len(inside), 'request')} of two applications used {sessions}, none of them in"
        " both; each showed and stored what is its own, also at once and one inside the other",
        *history.of("shown", "stored"),
    )


# --- How histories are read ----------------------------------------------------------------------


def inside_of(history: History) -> dict[str, str]:
    """Return the application of each request that reached a marked point."""
    return {str(e.label("R")): str(e["application"]) for e in history.of("inside") if e.label("R")}


def before_the_second(history: History) -> tuple[list[Event], list[Event]]:
    """Return the ends of requests before the second application was set up, and after."""
    wired = list(history.of("wiring-started"))[1:]
    ends = list(history.of("request-ended"))
    if not wired:
        return [], ends
    place = position(history, wired[0])
    early = [end for end in ends if position(history, end) < place]
    return early, ends[len(early) :]


def is_failure(end: Event) -> bool:
    """Return whether a request was answered with an error."""
    return end["status"] not in (200, 302)


def others(event: Event) -> list[str]:
    """Return the applications other than that of an event."""
    return [one for one in APPLICATIONS if one != event["application"]]
