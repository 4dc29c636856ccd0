"""Whose session it is behind real servers, whose requests overlap on threads or in greenlets."""

from __future__ import annotations

from casebook.record import History, Verdict, claim, refuted, supported
from experiments.session_scoping.claims.histories import (
    REMOVED,
    RIGHT,
    first_uses,
    labels,
    listed,
    no_occasion,
    one_use_each,
    position,
    sessions_by_request,
)


@claim(
    experiments=("waitress-threads", "gunicorn-threads"),
    supported_by=(*RIGHT, "scoped-session-per-context"),
    refuted_by={"app-lifetime-session": "both R1 and R2"},
)
def server_threads_isolated(history: History) -> Verdict:
    """Two requests that overlap on two threads of a real server never share a session.

    Over HTTP on localhost, once behind waitress and once behind gunicorn with its worker `gthread`.
    One request creates a post; when it is inside its view, the other is sent and lists the posts. A
    baton in the server hands over inside the views, so that the order is the same each time. What
    is left afterwards is judged by other claims.
    """
    return never_shared(history, "T", "on")


@claim(
    experiments=("gevent-unpatched", "gevent-patched"),
    supported_by=("scoped-session-per-context",),
    refuted_by={
        "app-lifetime-session": "both R1 and R2",
        REMOVED: "in gevent-unpatched: S1 served both R1 and R2",
    },
)
def greenlet_isolated(history: History) -> Verdict:
    """Two requests that overlap in two greenlets of one thread never share a session.

    Over HTTP on localhost, behind gevent's own WSGI server, once without `monkey.patch_all()` and
    once with it before every other import. Unpatched, what is local to a thread is shared by all of
    its greenlets. One request creates a post; when it is inside its view, the other is sent and
    lists the posts. A baton in the server hands over inside the views.
    """
    threads = labels(history.of("request-started"), "T")
    if len(threads) > 1:
        return no_occasion(history, f"the requests ran on {listed(threads)}")
    return never_shared(history, "G", "in")


# --- How histories are read ----------------------------------------------------------------------


def never_shared(history: History, letter: str, within: str) -> Verdict:
    """Return whether two requests that overlapped used sessions of their own.

    They must have run in different places, whose labels have this letter, and both must have used
    a session inside their view while the other was in progress.
    """
    served = sessions_by_request(history)
    starts = list(history.of("request-started"))
    ends = list(history.of("request-ended"))
    inside = [event for event in history.of("marked") if event["name"] in ("changed", "listed")]
    if len(served) < 2 or len(labels(inside, "R")) < 2:
        return no_occasion(history, "not both requests used a session inside their view")
    if position(history, starts[1]) > position(history, ends[0]):
        return no_occasion(history, "the requests did not overlap", starts[1], ends[0])
    places = labels(starts, letter)
    if len(places) < 2:
        return no_occasion(history, f"both requests ran {within} {listed(places)}", *starts)
    where = f"{within} {listed(places)}"
    first, second = (served[str(start.label("R"))] for start in starts)
    both = [session for session in first if session in second]
    if both:
        return refuted(
            f"{both[0]} served both R1 and R2 at once, {where}", *first_uses(history, both[0])
        )
    return supported(
        f"R1 and R2 were inside their views at once, {where}, R1 with {listed(first)}"
        f" and R2 with {listed(second)}",
        *inside,
        *one_use_each(history, served),
    )
