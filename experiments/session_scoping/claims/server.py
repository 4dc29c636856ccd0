"""What the database's server has to bear, and what its failures leave behind."""

from __future__ import annotations

from casebook.claim import Verdict, claim, refuted, supported
from casebook.record import History
from experiments.session_scoping.claims.histories import (
    PLAIN,
    REMOVED,
    because,
    count,
    is_wrong,
    labels,
    listed,
    no_occasion,
    operations_by,
    position,
)


@claim(
    experiments=("idle-transactions",),
    supported_by=(REMOVED, PLAIN),
    refuted_by={
        "scoped-session-kept": "idle in a transaction",
        "app-lifetime-session": "idle in a transaction",
        "removed-on-success-only": "answered 500, the server found 1 connection idle",
    },
    otherwise="leaves transactions open",
    unless=("outer-context-safe",),
)
def no_idle_transaction(history: History) -> Verdict:
    """After a response, the server finds no connection idle in a transaction.

    PostgreSQL is asked through a connection of the experiment's own (`pg_stat_activity`) inside
    each view and after each response: after requests that ended well, after views that raised,
    after flushes that failed and after values that the server refused. An open transaction keeps
    its locks and hinders `VACUUM`.
    """
    asked = list(history.of("server-asked"))
    for event in asked:
        if event["place"] == "after the response" and event["idle_in_transaction"]:
            earlier = history.events[: position(history, event)]
            end = [one for one in earlier if one.kind == "request-ended"][-1]
            return refuted(
                f"after {end.label('R')} was answered {end['status']}, the server found"
                f" {count(int(str(event['idle_in_transaction'])), 'connection')} idle in a"
                " transaction",
                end,
                event,
            )
    open_inside = [event for event in asked if event["idle_in_transaction"]]
    ends = {end.label("R"): end for end in history.of("request-ended")}
    started = {start.label("R"): str(start["path"]) for start in history.of("request-started")}
    admins = [request for request in labels(open_inside, "R") if "/admin/" in started[request]]
    met = [ends[request] for request in admins if request in ends]
    well = [end for end in met if end["status"] in (200, 302)]
    failed = [end for end in met if end["status"] == 500]
    if not well or not failed:
        return no_occasion(
            history,
            "no transaction was open in both an admin's view that ended well and one that raised",
        )
    return supported(
        f"the server found a transaction open inside {listed(labels(open_inside, 'R'))}"
        f" and none after any of {count(len(ends), 'response')}",
        *open_inside,
        *met,
    )


@claim(
    experiments=("lost-connection",),
    supported_by=(REMOVED, PLAIN),
    refuted_by={
        "scoped-session-kept": "PendingRollbackError",
        "app-lifetime-session": "PendingRollbackError",
    },
    otherwise="fails after a lost connection",
)
def recovers_from_lost_connection(history: History) -> Verdict:
    """Each time the server ends the application's connections, at most one request fails.

    The server ends them (`pg_terminate_backend`) between two requests, when the pool holds two of
    them, then inside a list and inside a create. SQLAlchemy
    promises, where connections are not tested before each use (`pool_pre_ping`), that who meets a
    dead connection fails and that the pool then makes new ones: the request that meets it may fail,
    those after it must work.
    """
    losses = list(history.of("connections-ended"))
    before, *stretches = operations_by(history, losses)
    if not before or any(map(is_wrong, before)):
        return no_occasion(history, "not every request worked before a connection was ended")
    for loss, stretch in zip(losses, stretches, strict=True):
        wrong = list(filter(is_wrong, stretch))
        if loss["number"] and len(wrong) > 1:
            return refuted(
                f"{count(int(str(loss['number'])), 'connection')} ended: {wrong[0]['name']!r} met"
                f" that, and {wrong[1]['name']!r} failed, too{because(history, wrong[1])}",
                loss,
                *wrong,
            )
    if len(losses) < 2 or not all(loss["number"] for loss in losses):
        return no_occasion(history, "no connection was there to be ended", *losses)
    later = [end for stretch in stretches for end in stretch]
    wrong = list(filter(is_wrong, later))
    names = listed([repr(end["name"]) for end in wrong])
    return supported(
        f"the application's connections were ended {len(losses)} times:"
        f" {names + ' met that' if wrong else 'no request failed'},"
        f" and {count(len(later) - len(wrong), 'other request')} worked",
        *losses,
        *later,
    )


@claim(
    experiments=("database-error",),
    supported_by=(REMOVED, PLAIN),
    refuted_by={
        "scoped-session-kept": "InFailedSqlTransaction",
        "app-lifetime-session": "InFailedSqlTransaction",
    },
    otherwise="fails after a database error",
)
def recovers_from_database_error(history: History) -> Verdict:
    """After a request with a value that the server refuses, the next ones work.

    A page is asked for whose address names an id that is out of the server's range, in the admin
    and in the application's own route. The statement fails and aborts its transaction, in which
    PostgreSQL then refuses every other statement.
    """
    refused = [
        event
        for event in history.of("exception-raised")
        if event["type"] == "DataError" and event.label("R")
    ]
    before, *stretches = operations_by(history, refused)
    if not before or any(map(is_wrong, before)):
        return no_occasion(history, "not every request worked before the server refused a value")
    for event, stretch in zip(refused, stretches, strict=True):
        for end in filter(is_wrong, stretch):
            return refuted(
                f"after the server refused the value of {event.label('R')}, {end['name']!r}"
                f" failed{because(history, end)}",
                event,
                end,
            )
    later = [end for stretch in stretches for end in stretch]
    if len(labels(refused, "R")) < 2 or not all(stretches):
        return no_occasion(history, "the server did not refuse a value twice", *refused)
    return supported(
        f"the server refused the values of {listed(labels(refused, 'R'))}, and"
        f" {count(len(later), 'later request')} worked",
        *refused,
        *later,
    )
