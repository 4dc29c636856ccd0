"""What grows as an application serves."""

from __future__ import annotations

from itertools import takewhile

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
    uses,
)

TWELVE = 12
"""How many requests or jobs are many."""

GOES_ON = ("request-started", "context-pushed", "measured")
"""What shows that a look is over; connections may come back while it lasts."""


@claim(
    experiments=("many-requests",),
    supported_by=(REMOVED, "scoped-session-by-context", PLAIN),
    refuted_by={
        "scope-per-access": "sessions",
        "app-lifetime-session": "objects",
        "rows-kept": "instances",
    },
    otherwise="memory grows with each request",
)
def memory_bounded(history: History) -> Verdict:
    """What is held does not grow with the number of requests.

    Sessions that something holds, the objects that they hold, instances of the models that anything
    holds, also outside of sessions, and connections that are checked out, after three requests and
    after twelve: on one thread, on three threads that stay alive, where each view raises after its
    work, and where each request leaves a new object neither flushed nor committed; and after three
    and twelve jobs in application contexts of their own. What one request leaves is judged
    elsewhere; here it is judged whether more is left by more of them.
    """
    measured: dict[str, list[Event]] = {}
    for event in history.of("measured"):
        measured.setdefault(str(event["name"]), []).append(event)
    pairs = [(found[0], found[-1]) for found in measured.values() if len(found) > 1]
    for few, many in pairs:
        before, after = left_at(history, few), left_at(history, many)
        grown = [what for what in before if after[what] > before[what]]
        if grown:
            return refuted(
                f"{many['times']} {many['name']} left {spelled(after, grown)} where"
                f" {few['times']} left {spelled(before, grown)}",
                *found_at(history, few)[:3],
                *found_at(history, many)[:6],
            )
    errors = list(history.of("exception-raised"))
    meant = labels([error for error in errors if error["type"] == "ViewFailed"], "R")
    raised = next((error for error in errors if error["type"] != "ViewFailed"), None)
    failed = next(
        (
            end
            for end in history.of("request-ended")
            if end["status"] not in (200, 302) and end.label("R") not in meant
        ),
        None,
    )
    if failed or raised:
        return no_occasion(history, "not every request and job did its work", failed or raised)
    if any("raises" in name for name in measured) and len(meant) < TWELVE:
        return no_occasion(history, "not every view raised that was to")
    if not pairs or not uses(history):
        return no_occasion(history, "no session was used")
    return supported(
        "twelve left no more than three did: " + listed([str(few["name"]) for few, _ in pairs]),
        *history.of("measured"),
    )


# --- How histories are read ----------------------------------------------------------------------


def found_at(history: History, measured: Event) -> list[Event]:
    """Return what the look right after a measurement found."""
    after = history.events[position(history, measured) + 1 :]
    look = takewhile(lambda event: event.kind not in GOES_ON, after)
    kinds = ("looked-up", "session-held", "instances-counted")
    return [event for event in look if event.kind in kinds]


def left_at(history: History, measured: Event) -> dict[str, int]:
    """Return how many sessions, objects, instances and connections were left at a measurement."""
    found = found_at(history, measured)
    held = [event for event in found if event.kind == "session-held"]
    return {
        "session": len(held),
        "object": sum(int(str(e["objects"])) + int(str(e["pending"])) for e in held),
        "instance": sum(int(str(e["number"])) for e in found if e.kind == "instances-counted"),
        "connection": sum(int(str(e["checked_out"])) for e in found if e.kind == "looked-up"),
    }


def spelled(left: dict[str, int], what: list[str]) -> str:
    """Return numbers with their nouns: "3 sessions and 2 connections"."""
    return listed([count(left[one], one) for one in what])
