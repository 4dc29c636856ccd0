"""Whose session it is behind real servers, whose requests overlap, and what they leave."""

from __future__ import annotations

from casebook.claim import Verdict, claim, refuted, supported
from casebook.record import Event, History
from experiments.session_scoping.claims.histories import (
    PLAIN,
    REMOVED,
    RIGHT,
    described,
    first_uses,
    labels,
    left,
    listed,
    no_occasion,
    one_use_each,
    position,
    sessions_by_request,
    uses,
)


@claim(
    experiments=("waitress-threads", "gunicorn-threads"),
    supported_by=(*RIGHT, "scoped-session-by-context", PLAIN),
    refuted_by={"app-lifetime-session": "both R1 and R2"},
    otherwise="shared between a server's threads",
)
def server_threads_isolated(history: History) -> Verdict:
    """Two requests that overlap on two threads of a real server never share a session.

    Over HTTP on localhost, once behind waitress and once behind gunicorn with its worker `gthread`.
    One request creates a post; when it is inside its view, the other is sent and lists the posts. A
    baton in the server hands over inside the views, so that the order is the same each time. What
    is left afterwards is judged by other claims.
    """
    places = labels(history.of("request-started"), "T")
    return never_shared(history, places, f"on threads {listed(places)}")


@claim(
    experiments=("gevent-unpatched", "gevent-patched"),
    supported_by=("scoped-session-by-context", "plain-views-by-context"),
    refuted_by={
        "app-lifetime-session": "both R1 and R2",
        REMOVED: "in greenlets G2 and G3 of T1 (in gevent-unpatched",
    },
    otherwise="shared between greenlets",
)
def greenlet_isolated(history: History) -> Verdict:
    """Two requests that overlap in two greenlets of one thread never share a session.

    Over HTTP on localhost, behind gevent's own WSGI server, once without `monkey.patch_all()` and
    once with it before every other import. Unpatched, what is local to a thread is shared by all of
    its greenlets. One request creates a post; when it is inside its view, the other is sent and
    lists the posts. A baton in the server hands over inside the views.
    """
    started = list(history.of("request-started"))
    places, threads = labels(started, "G"), labels(started, "T")
    if len(threads) > 1:
        return no_occasion(history, f"the requests ran on threads {listed(threads)}", *started)
    return never_shared(history, places, f"in greenlets {listed(places)} of {listed(threads)}")


@claim(
    experiments=("gevent-unpatched", "gevent-patched"),
    supported_by=("scoped-session-by-context", "plain-views-by-context"),
    refuted_by={
        "scoped-session-kept": "still checked out",
        "app-lifetime-session": "still checked out",
    },
    required=False,
    weighs=False,
    otherwise="fails or leaks under gevent",
)
def closed_after_greenlets(history: History) -> Verdict:
    """After requests that end at once in greenlets, no session is open, no connection out.

    The requests of *greenlet-isolated*. Each uses its view's session again after the view, so that
    it has a connection to give back, and both begin their teardown together: when one waits for
    something in it, the other goes on. Looked at when both are over: first the pool is asked as it
    is, without collecting garbage, which would bring back the connection of a session that was
    dropped and not closed; then what is still alive is looked for. It changes no grade: who does
    not serve with gevent is not concerned, and how the backend tears down decides as much as the
    way in which its session is handed over.
    """
    started = list(history.of("request-started"))
    places, threads = labels(started, "G"), labels(started, "T")
    if len(threads) > 1:
        return no_occasion(history, f"the requests ran on threads {listed(threads)}", *started)
    looked, ended = history.first("looked-up"), list(history.of("request-ended"))
    if looked is None or len(ended) < 2:
        return no_occasion(history, "two requests were not looked at when both were over")
    requests = labels(started, "R")
    ending = [
        event for event in both_in_progress(history).of("marked") if event["name"] == "ending"
    ]
    still, shown = left(history.events[position(history, looked) :])
    if still:
        failed = raised_after(history, ending)[:1]
        why = "".join(f"; {event.label('R')} raised {described(event)}" for event in failed)
        where = f"in greenlets {listed(places)} of {listed(threads)}"
        return refuted(
            f"after {listed(requests)}, {where}, still {still}{why}", *ending, *failed, *shown
        )
    if len(labels(ending, "G")) < 2:
        return no_occasion(history, "the requests did not end at once in two greenlets", *ended)
    if len(sessions_by_request(history)) < 2:
        return no_occasion(history, "not both requests used a session")
    return supported(
        f"after {listed(requests)}, which ended at once in greenlets {listed(places)} of"
        f" {listed(threads)}, nothing was checked out, open or registered",
        *ending,
        *ended,
        looked,
    )


# --- How histories are read ----------------------------------------------------------------------


def never_shared(history: History, places: list[str], where: str) -> Verdict:
    """Return whether no session served two requests while both were in progress.

    They must have run in different places, and for support both must have used a session inside
    their view meanwhile.
    """
    both = both_in_progress(history)
    started = list(both.of("request-started"))
    requests = labels(started, "R")
    if len(requests) < 2:
        return no_occasion(history, "the requests did not overlap")
    if len(places) < 2:
        return no_occasion(history, f"both requests ran {where}", *started)
    served = sessions_by_request(both)
    for session in labels(uses(both), "S"):
        users = [request for request, sessions in served.items() if session in sessions]
        if len(users) > 1:
            return refuted(
                f"{session} served both {listed(users)} at once, {where}",
                *history.of("served"),
                *first_uses(both, session),
            )
    inside = [event for event in both.of("marked") if event["name"] in ("changed", "listed")]
    if len(served) < 2 or len(labels(inside, "R")) < 2:
        return no_occasion(history, "not both requests used a session inside their view")
    with_sessions = [f"{request} with {listed(served[request])}" for request in requests]
    return supported(
        f"{listed(requests)} were inside their views at once, {where}, {listed(with_sessions)}",
        *history.of("served"),
        *inside,
        *one_use_each(both, served),
    )


def both_in_progress(history: History) -> History:
    """Return the history up to the first end of a request."""
    end = history.first("request-ended")
    events = history.events[: position(history, end)] if end else history.events
    return History(history.outcome, history.reason, events)


def raised_after(history: History, ending: list[Event]) -> list[Event]:
    """Return the exceptions that requests met when they had begun to end, in order."""
    since = {event.label("R"): position(history, event) for event in ending}
    return [
        event
        for event in history.of("exception-raised")
        if event.label("R") in since and position(history, event) > since[event.label("R")]
    ]
