"""What the engine's isolation level promises, and requests that the database refuses for it."""

from __future__ import annotations

from casebook.claim import Verdict, claim, refuted, supported
from casebook.record import Event, History
from experiments.session_scoping.claims.histories import (
    PLAIN,
    REMOVED,
    because,
    count,
    described,
    is_wrong,
    labels,
    listed,
    no_occasion,
    one_line,
    position,
)
from experiments.session_scoping.claims.overlapping import in_some_order

REFUSED = "could not serialize access"
"""How PostgreSQL begins, whatever it was that could not be serialized."""

LEVELS = ("repeatable-read", "serializable")


@claim(
    experiments=LEVELS,
    supported_by=(REMOVED,),
    refuted_by={"one-connection": "comes out of no order"},
    otherwise="overlapping requests escape the isolation level",
)
def isolation_level_holds(history: History) -> Verdict:
    """Where the engine's isolation level is REPEATABLE READ or SERIALIZABLE, no change is lost.

    Two requests change one row: edit beside edit, edit beside delete, the application's own route
    that reads and writes beside itself and beside the admin; or one creates a row while the other
    lists. The first is preempted before it writes, or else before it commits, and the second runs
    as a whole. What both answered, and the rows that are left, must be what comes out of some order
    of the two; one that PostgreSQL refuses must say so, and must have done nothing.
    """
    schedules = list(history.of("schedule-ended"))
    wrong = [one for one in schedules if one["overlapped"] and not in_some_order(one)]
    if wrong:
        return refuted(
            f"what came out of {len(wrong)} of {count(len(schedules), 'schedule')} comes out of no"
            f" order of the requests, such as {wrong[0]['name']}: {one_line(wrong[0]['observed'])}",
            *wrong,
        )
    if not schedules or not all(one["overlapped"] for one in schedules):
        return no_occasion(history, "not all requests overlapped")
    failures = unserialized(history)
    if not failures:
        return no_occasion(history, "no two requests met on a row", *schedules[:1])
    return supported(
        f"{count(len(schedules), 'schedule')} came out as some order of the requests does;"
        f" PostgreSQL refused {answered(history, failures)}",
        *schedules,
        *failures[:4],
    )


@claim(
    experiments=LEVELS,
    supported_by=(REMOVED, PLAIN),
    refuted_by={
        "scoped-session-kept": REFUSED,
        "removed-on-success-only": "PendingRollbackError",
    },
    otherwise="fails at REPEATABLE READ and SERIALIZABLE",
    unless=("outer-context-safe",),
)
def recovers_from_serialization_failure(history: History) -> Verdict:
    """After a request that PostgreSQL cannot serialize, the next ones work; alone, none is refused.

    At REPEATABLE READ and SERIALIZABLE, PostgreSQL answers "could not serialize access" to a change
    of a row that was changed since the transaction began. That a request which overlaps another one
    meets that is the database's promise, and the application must try again. A session that is kept
    after its request keeps its transaction, too: then a request that overlaps nothing is refused,
    or fails with what another one left. So another program changes a row before it is edited, and
    each pair of requests that overlapped is followed by a list and by the application's own route,
    on the thread of the one that was refused.
    """
    failures = unserialized(history)
    if not failures:
        return no_occasion(history, "no request was refused")
    ended = list(history.of("operation-ended"))
    later = [end for end in ended if position(history, end) > position(history, failures[0])]
    if any(map(is_wrong, ended[: len(ended) - len(later)])):
        return no_occasion(history, "not every request worked before one was refused")
    for end in filter(is_wrong, later):
        return refuted(
            f"{end['name']!r} overlapped no other request and failed{because(history, end)}", end
        )
    if not later:
        return no_occasion(history, "no request followed one that was refused", failures[0])
    return supported(
        f"{answered(history, failures)} met {one_line(described(failures[0]), 90)!r}, and"
        f" {count(len(later), 'later request')} worked",
        *failures[:4],
        *later[:4],
    )


def unserialized(history: History) -> list[Event]:
    """Return the exceptions of requests that PostgreSQL could not serialize."""
    return [
        event
        for event in history.of("exception-raised")
        if REFUSED in str(event["text"]) and event.label("R")
    ]


def answered(history: History, failures: list[Event]) -> str:
    """Return the requests of these exceptions, as text, with how each was answered."""
    status = {end.label("R"): end["status"] for end in history.of("request-ended")}
    met = labels(failures, "R")
    return listed([f"{one} (answered {status.get(one) or 500})" for one in met])
