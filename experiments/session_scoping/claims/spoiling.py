"""What one request leaves behind that another could meet."""

from __future__ import annotations

from casebook.claim import Verdict, claim, refuted, supported
from casebook.record import History
from experiments.session_scoping.claims.histories import (
    PLAIN,
    REMOVED,
    count,
    described,
    labels,
    listed,
    no_occasion,
    of_request,
    one_line,
    sessions_by_request,
)


@claim(
    experiments=("uncommitted-in-action", "uncommitted-in-route"),
    supported_by=(REMOVED, PLAIN),
    refuted_by={"app-lifetime-session": "reached"},
    otherwise="shows another request's uncommitted rows",
    unless=("outer-context-safe",),
)
def uncommitted_isolated(history: History) -> Verdict:
    """What a request adds or changes and does not commit reaches nobody else.

    One request changes a row and adds another without a commit, once without and once with a flush;
    then others list the users and commit something else. Judged through the session that the view
    itself resolves, in a custom action, and through the application's own route.
    """
    for event in history.of("shown"):
        for name in ("Uncommitted", "Added"):
            if name in str(event["names"]):
                return refuted(f"the uncommitted name {name!r} reached another request", event)
    for event in history.of("stored"):
        for name in ("Uncommitted", "Added"):
            if name in str(event["users"]):
                return refuted(
                    f"the uncommitted name {name!r} reached the database with another"
                    " request's commit",
                    event,
                )
    left = [event for event in history.of("marked") if event["name"] == "left uncommitted"]
    shown = [event for event in history.of("shown") if event["names"]]
    stored = [event for event in history.of("stored") if "committed after" in str(event["posts"])]
    if len(left) < 2:
        return no_occasion(history, "not both requests left something uncommitted")
    if len(shown) < 4 or not stored or "committed after flush" not in str(stored[-1]["posts"]):
        return no_occasion(history, "not all of the other requests could list or commit")
    return supported(
        f"{listed(labels(left, 'R'))} left a change and a new row uncommitted; no later request"
        " showed or stored them",
        *left,
        *stored,
    )


@claim(
    experiments=("external-change", "external-change-everywhere"),
    supported_by=(REMOVED, PLAIN),
    refuted_by={"app-lifetime-session": "not shown"},
    otherwise="shows stale rows",
    unless=("outer-context-safe",),
)
def sees_external_changes(history: History) -> Verdict:
    """A row that another connection changed shows in the next request.

    Also while the application still holds an object that it loaded before, which keeps a session
    from loading the row anew. Asked of the admin's list and the application's own route; then of
    everything in which Flask-Admin shows a row: list, pager's count, filter, details, edit form,
    inline form, export, AJAX lookups, a relation's choices and the relations of a list and a form.
    Each has shown the row once before it is changed, so that it could have been kept.
    """
    changes = list(history.of("external-change"))
    shown = list(history.of("shown"))
    failed = next((event for event in changes if event["error"]), None)
    for event in shown:
        names, asked = str(event["names"] or ""), str(event["asked"])
        stale = names != asked if event.get("place") else asked not in names
        if names and stale and not failed:
            where = f" in the {event['place']}" if event.get("place") else ""
            return refuted(f"the new name {asked!r} was not shown{where}: {one_line(names)}", event)
    if failed or len(changes) < 2 or not all(event["names"] for event in shown) or not shown:
        return no_occasion(history, "not every row was changed and listed", failed)
    held = [e for e in history.of("request-ended") if e["status"] == 200]
    if len(held) < len(list(history.of("request-started"))):
        return no_occasion(history, "not every request was answered")
    return supported(
        f"{count(len(changes), 'row')} changed outside showed in"
        f" {count(len(shown), 'later answer')}, also while the application held one of them",
        *changes,
        *shown,
    )


@claim(
    experiments=("failed-flush-in-action", "failed-flush-in-route"),
    supported_by=(REMOVED, PLAIN),
    refuted_by={"app-lifetime-session": "PendingRollbackError"},
    otherwise="fails after a failed flush",
)
def recovers_from_failed_flush(history: History) -> Verdict:
    """After a request whose flush failed, the next ones work.

    The exception leaves the view without a rollback. Judged through the session that the view
    itself resolves, in a custom action, and through the application's own route. A list and a
    create before the failure must have worked, so that what fails after it fails because of it.
    """
    ends = list(history.of("request-ended"))
    failure = history.first("session-flush-failed")
    worked = [end["status"] for end in ends[:2]] == [200, 302]
    if not worked or not {"R1", "R2"} <= set(sessions_by_request(history)):
        return no_occasion(history, "the requests before the failure did not work")
    if failure is None or failure.label("R") != "R3":
        return no_occasion(history, "no flush failed in R3")
    failed = f"after the flush of {failure.label('S')} failed in R3"
    for end in ends[3:]:
        errors = of_request(history, end, "exception-raised")
        if errors or end["status"] not in (200, 302):
            because = "".join(f": {described(error)}" for error in errors[:1])
            return refuted(
                f"{failed}, {end.label('R')} was answered {end['status']}{because}",
                failure,
                *errors[:1],
                end,
            )
    for shown in history.of("shown"):
        if "Ann" not in str(shown["names"]):
            return refuted(f"{failed}, a later request did not list the users", failure, shown)
    stored = history.first("stored")
    if stored is None or "after" not in str(stored["posts"]):
        return refuted(
            f"{failed}, a later request did not store its row", failure, *history.of("stored")
        )
    return supported(
        f"the flush of {failure.label('S')} failed in R3; later requests listed the users and"
        " stored a row",
        failure,
        *ends[3:],
        stored,
    )
