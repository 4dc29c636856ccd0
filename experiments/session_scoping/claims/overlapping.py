"""Operations that overlap, judged by their sessions and by the rows that are left."""

from __future__ import annotations

from casebook.claim import Verdict, claim, refuted, supported
from casebook.record import Event, History
from experiments.session_scoping.claims.histories import (
    PLAIN,
    REMOVED,
    count,
    no_occasion,
    one_line,
)


@claim(
    experiments=("operations-at-once",),
    supported_by=(REMOVED, PLAIN),
    refuted_by={"app-lifetime-session": "one session"},
    otherwise="shared between overlapping operations",
)
def operations_isolated(history: History) -> Verdict:
    """No two operations that overlap touch one session.

    Flask-Admin's operations (list, details, edit form, AJAX lookup, export, create, edit, edit in
    the list, edit inline, delete, bulk delete) and the application's own route, two and three at
    once, then all of them: each beside every other one. A session is touched when it is used,
    committed, rolled back or closed.
    """
    overlapped, failed = list(history.of("overlapped")), failed_alone(history)
    if failed:
        return failed
    sharing = [one for one in overlapped if one["shared"]]
    if sharing:
        return refuted(
            f"in {len(sharing)} of {count(len(overlapped), 'schedule')} two operations touched one"
            f" session, such as {named(sharing[0])}",
            *sharing[:10],
        )
    met = [one for one in overlapped if not one["no_connection"]]
    if 2 * len(met) <= len(overlapped) or not all(one["overlapped"] for one in met):
        return no_occasion(history, "not all operations overlapped")
    lacking = len(overlapped) - len(met)
    besides = f"; in {lacking} more the pool had no connection left" if lacking else ""
    return supported(
        f"in {count(len(met), 'schedule')} operations overlapped, and no two of them touched one"
        f" session{besides}",
        *met[:10],
    )


@claim(
    experiments=("operations-at-once",),
    supported_by=(REMOVED, PLAIN),
    refuted_by={
        "app-lifetime-session": "comes out of no order",
        "one-connection": "comes out of no order",
    },
    otherwise="overlapping operations spoil each other's work",
)
def overlaps_serializable(history: History) -> Verdict:
    """Operations that overlap come out as if they had run one after the other.

    Of two that write the same row, one is preempted when it has changed it, and the other runs; of
    three, two are preempted; beside one that has flushed, others run, those that read among them.
    Where two operations do the same to a row, such as a deletion and a bulk deletion, either is
    preempted and one of them stands for both where it runs meanwhile. Then all operations run at
    once, each on rows of its own. What each operation answered, and the rows that are left, must be
    what comes out of some order, in which one that was over before another began stands before it.

    Databases do not promise that much: a second writer may be refused, and what was read may be
    overwritten. So a schedule that comes out otherwise is run again in plain code, each operation
    with a session of its own and without Flask-Admin: where the same comes out, it is the
    database's doing and not the pattern's.
    """
    overlapped, failed = list(history.of("overlapped")), failed_alone(history)
    if failed:
        return failed
    otherwise = [one for one in overlapped if not in_some_order(one)]
    differ = [one for one in otherwise if one["plain"] != one["observed"]]
    wrong = [one for one in differ if not one["no_connection"]]
    if wrong:
        first = wrong[0]
        error = f" ({one_line(first['error'])})" if first["error"] else ""
        return refuted(
            f"what came out of {len(wrong)} of {count(len(overlapped), 'schedule')} comes out of no"
            f" order of the operations, such as {named(first)}: {one_line(first['observed'])}"
            f"{error}; in plain code: {one_line(first['plain'])}",
            *wrong[:10],
        )
    if differ:
        return no_occasion(history, "the pool had no connection left", differ[0])
    for one in history.of("afterwards"):
        if not in_some_order(one):
            return refuted(
                f"afterwards, {one['name']} alone comes out of no order: {one['observed']}"
                f" ({one_line(one['error'])})",
                one,
            )
    if not all(one["overlapped"] for one in overlapped):
        return no_occasion(history, "not all operations overlapped")
    if 2 * len(otherwise) > len(overlapped):
        return no_occasion(history, "most schedules come out of no order, in plain code neither")
    theirs = f"; the other {len(otherwise)} come out so in plain code, too" if otherwise else ""
    return supported(
        f"{len(overlapped) - len(otherwise)} of {count(len(overlapped), 'schedule')} come out as"
        f" some order of the operations does{theirs}",
        *overlapped[:5],
        *otherwise[:5],
    )


# --- How histories are read ----------------------------------------------------------------------


def failed_alone(history: History) -> Verdict | None:
    """Return that overlaps show nothing if there are none, or an operation fails even alone."""
    for one in history.of("alone"):
        if not in_some_order(one):
            return no_occasion(history, f"{one['name']!r} alone: {one['observed']}", one)
    if history.first("overlapped") is None:
        return no_occasion(history, "no operations overlapped")
    return None


def in_some_order(schedule: Event) -> bool:
    """Return whether what came out of a schedule comes out of some order of its operations."""
    return schedule["observed"] in str(schedule["asked"]).split(" | ")


def named(schedule: Event) -> str:
    """Return a schedule's name in words, short where many operations ran in one."""
    first, *others = str(schedule["name"]).split(", ")
    if len(others) < 3:
        return " with ".join([f"{first}", " and ".join(others)])
    return f"{first} with {count(len(others), 'other operation')}"
