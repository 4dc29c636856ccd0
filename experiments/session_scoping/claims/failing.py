"""What Flask-Admin's operations leave behind where they fail."""

from __future__ import annotations

from collections.abc import Callable

from casebook.claim import Verdict, claim, refuted, supported
from casebook.record import Event, History
from experiments.session_scoping.claims.histories import (
    PLAIN,
    REMOVED,
    because,
    count,
    described,
    is_wrong,
    listed,
    no_occasion,
    of_operation,
    one_line,
    operations_by,
)

REFUSALS = ("IntegrityError", "OperationalError", "DatabaseError", "InternalError")
"""The types of the errors with which SQLAlchemy reports what a database refused."""


@claim(
    experiments=(
        "refused-flushes",
        "refused-after-hooks",
        "refused-relations",
        "refused-commits",
        "refused-fast-delete",
        "lost-before-commit",
    ),
    supported_by=(REMOVED, PLAIN),
    refuted_by={
        "rolls-back-nothing": "its view raised",
        "kept-and-rolls-back-nothing": "after 'delete' failed",
    },
    otherwise="fails after a refused commit",
)
def recovers_from_refused_commit(history: History) -> Verdict:
    """Where the database refuses what an admin's operation writes, nothing of it stays.

    Users and posts are created, edited, deleted, deleted in bulk, and changed with their relations
    and inside their author's form, while the database refuses a row (by a trigger, by a key that
    another program took since the form was validated, or by a foreign key), the commit itself, or,
    on PostgreSQL, ends the connection right before the commit. Also where a hook added a row
    before, and where a bulk delete is one statement (`fast_mass_delete`). Flask-Admin must answer
    with its form or list again, the rows must be those that were there before, and the next list,
    create and own route must work.
    """
    return recovers(history, refusal, "the database refused")


@claim(
    experiments=("raising-hooks", "refusing-hooks"),
    supported_by=(REMOVED, PLAIN),
    refuted_by={
        "rolls-back-nothing": "stored: tag Left by a hook",
        "kept-and-rolls-back-nothing": "tag Left by a hook",
    },
    otherwise="keeps what a failed hook left",
)
def recovers_from_raising_hook(history: History) -> Verdict:
    """Where a hook of an admin's view raises before the commit, nothing of the operation stays.

    `on_model_change` and `on_model_delete` add a row to the session and raise: an exception of the
    application's own, or a `ValidationError`, whose text Flask-Admin shows. Flask-Admin must answer
    with its form or list again; neither what the hook added nor what the operation changed may be
    stored, also not by a later request; and the next list, create and own route must work.
    """
    return recovers(history, raised_by_hook, "a hook raised in")


@claim(
    experiments=("raising-after-hooks",),
    supported_by=(REMOVED, PLAIN),
    refuted_by={"app-lifetime-session": "tag Left by a hook"},
    otherwise="keeps what a hook after the commit left",
)
def recovers_from_hook_after_commit(history: History) -> Verdict:
    """Where a hook of an admin's view raises after the commit, only what was committed stays.

    `after_model_change` and `after_model_delete` add a row to the session and raise. Flask-Admin
    rolls nothing back then and passes the exception on, but for a `ValidationError` in a bulk
    delete. What the operation committed must be stored, what the hook added must not, also not by
    a later request; and the next list, create and own route must work.
    """
    return recovers(history, raised_by_hook, "a hook raised after", may_raise=True)


@claim(
    experiments=("raising-what-fails",),
    supported_by=(REMOVED, PLAIN),
    refuted_by={"app-lifetime-session": "PendingRollbackError"},
    otherwise="fails after an error that Flask-Admin raises",
)
def recovers_where_errors_are_raised(history: History) -> Verdict:
    """Where Flask-Admin is set to raise what fails, nothing of a refused operation stays.

    With `FLASK_ADMIN_RAISE_ON_VIEW_EXCEPTION`, Flask-Admin raises the error before it comes to its
    own rollback, and the request ends with it. The database refuses rows as it does for the claim
    `recovers-from-refused-commit`; the rows must be those that were there before, and the next
    list, create and own route must work.
    """
    return recovers(history, refusal, "the database refused", may_raise=True)


@claim(
    experiments=("refused-commit-in-route",),
    supported_by=("rolled-back-at-teardown",),
    refuted_by={"app-lifetime-session": "'own route and create' failed"},
    weighs=False,
    otherwise="keeps what a refused commit of an own route left",
)
def recovers_from_refused_commit_in_route(history: History) -> Verdict:
    """Where the database refuses the commit of an own route that rolls nothing back, nothing stays.

    The application's own route adds a row and commits, the database refuses the commit, and the
    exception ends the request. The row must not be stored, also not by a later request, nor may a
    lock keep others from reading; and the next list, create and own route must work. Who rolls
    back is the application's choice, in the route or at teardown: the claim changes no grade.
    """
    return recovers(history, refusal, "the database refused", may_raise=True)


# --- How histories are read ----------------------------------------------------------------------


def recovers(
    history: History,
    failure: Callable[[History, Event], Event | None],
    what: str,
    may_raise: bool = False,
) -> Verdict:
    """Return whether each attempt that met a failure left nothing, and what follows it worked.

    The view of an attempt must come to its end, unless it may raise.
    """
    attempts = list(history.of("attempted"))
    before, *stretches = operations_by(history, attempts)
    if not attempts or not before or any(map(is_wrong, before)):
        return no_occasion(history, "not every request worked before an operation was to fail")
    spared = []
    for attempt, *later in filter(None, stretches):
        met = failure(history, attempt)
        if met is None:
            spared.append(attempt)
            continue
        if is_wrong(attempt):
            return refuted(
                f"{attempt['name']!r} failed and left other rows than it was to:"
                f" {one_line(attempt['observed'])!r} where {one_line(attempt['asked'])!r} was right"
                f"{because(history, attempt)}",
                met,
                attempt,
            )
        for end in filter(is_wrong, later):
            return refuted(
                f"after {attempt['name']!r} failed, {end['name']!r} did something else:"
                f" {one_line(end['observed'])!r} where {one_line(end['asked'])!r} was right"
                f"{because(history, end)}",
                met,
                end,
            )
    # What is left by any comes before this, which may be Flask-Admin's doing alone.
    unanswered = () if may_raise else (attempt for attempt, *_ in filter(None, stretches))
    for attempt in unanswered:
        if attempt not in spared and not answered(history, attempt):
            raised = of_operation(history, attempt, "exception-raised")
            return refuted(
                f"{attempt['name']!r} failed and its view raised"
                f"{': ' + described(raised[-1]) if raised else ''}",
                *raised[-1:],
                attempt,
            )
    if spared or not all(stretches):
        names = listed([repr(end["name"]) for end in spared])
        return no_occasion(history, f"no failure in {names or 'an operation'}", *spared)
    if not all(len(stretch) > 1 for stretch in stretches):
        return no_occasion(history, "nothing was asked for after an operation had failed")
    ends = [end for stretch in stretches for end in stretch]
    return supported(
        f"{what} {listed([repr(end['name']) for end, *_ in stretches])}, of which nothing stayed,"
        f" and {count(len(ends) - len(stretches), 'later request')} worked",
        *ends,
    )


def refusal(history: History, attempt: Event) -> Event | None:
    """Return the first error with which the database refused what an operation wrote."""
    kinds = ("session-flush-failed", "statement-refused", "exception-raised")
    failed = (event for kind in kinds for event in of_operation(history, attempt, kind))
    return next((event for event in failed if event["type"] in REFUSALS), None)


def raised_by_hook(history: History, attempt: Event) -> Event | None:
    """Return the first exception that a hook raised in an operation."""
    return next(iter(of_operation(history, attempt, "hook-raised")), None)


def answered(history: History, attempt: Event) -> bool:
    """Return whether the view came to its end in an operation."""
    return any(mark["name"] == "viewed" for mark in of_operation(history, attempt, "marked"))
