"""The claims: what is asked of every pattern, each a pure function of recorded histories.

Every checker refuses to support what had no occasion to be refuted. Its docstring is what readers
see; its name is the claim's id.
"""

from __future__ import annotations

from itertools import takewhile

from casebook.record import Event, History, Verdict, claim, inconclusive, refuted, supported

REMOVED = "scoped-session-removed"
"""The control that is right in every respect but for a deprecation."""

RIGHT = (REMOVED, "scoped-session-as-db")
"""The controls that are right, where Flask-Admin's way to a session could make them differ."""


# --- The claims ----------------------------------------------------------------------------------


@claim(
    experiments=("three-requests",),
    supported_by=RIGHT,
    refuted_by={"raises-when-wired": "this pattern cannot be wired"},
    gate=True,
)
def wires(history: History) -> Verdict:
    """The pattern can be set up as written.

    The backend is set up as its documentation says and its views are added to the admin. The
    claim is refuted where an import, the backend or Flask-Admin raises meanwhile.
    """
    wired = history.first("wiring-ended")
    if wired is None:
        first_line = history.reason.partition("\n")[0]
        return refuted(f"wiring raised {first_line}", *history.of("wiring-started"))
    return supported("its views were added without an exception", wired)


@claim(
    experiments=("three-requests", "operations", "overlap"),
    supported_by=RIGHT,
    refuted_by={"app-lifetime-session": "served R"},
)
def request_scoped(history: History) -> Verdict:
    """No session serves two requests.

    A session serves a request when anything uses it while the request is handled: a query, a
    change, a flush, a commit. Sessions are told apart by a tag on the object itself, never by its
    address.
    """
    served = sessions_by_request(history)
    if len(served) < 2:
        return no_occasion(history, "fewer than two requests used a session")
    for session in labels(uses(history), "S"):
        requests = [request for request, sessions in served.items() if session in sessions]
        if len(requests) > 1:
            return refuted(
                f"{session} served {listed(requests)}",
                *first_uses(history, session),
            )
    return supported(
        f"{count(len(served), 'request')} used {count(len(labels(uses(history), 'S')), 'session')},"
        " none of them in two requests",
        *one_use_each(history, served),
    )


@claim(
    experiments=("operations",),
    supported_by=(*RIGHT, "app-lifetime-session"),
    refuted_by={"scope-per-access": "used S"},
)
def one_session_per_request(history: History) -> Verdict:
    """All of Flask-Admin's code in one request uses one session.

    Lists, forms, the `Unique` validator, inline forms, relation fields and AJAX loaders included:
    whichever part of Flask-Admin asks for a session while one request is handled gets the same one.
    """
    served = sessions_by_request(history)
    for request, sessions in served.items():
        if len(sessions) > 1:
            return refuted(
                f"{request} used {listed(sessions)}: " + who_used(history, request),
                *uses_in(history, request),
            )
    shared = [request for request in served if len(parts(uses_in(history, request))) > 1]
    if not shared:
        return no_occasion(history, "no request in which two parts of Flask-Admin used a session")
    return supported(
        f"each of {count(len(served), 'request')} used one session, also where several parts of"
        f" Flask-Admin used it ({listed(shared[:3])}); parts seen:"
        f" {', '.join(sorted(parts(uses(history))))}",
        *uses_in(history, shared[0]),
    )


@claim(
    experiments=("overlap",),
    supported_by=RIGHT,
    refuted_by={"app-lifetime-session": "both R1 and R2"},
)
def thread_isolated(history: History) -> Verdict:
    """Two requests that overlap on two threads never share a session.

    A baton lets one request run at a time and hands over inside the views, so that both requests
    are in progress at once and the order is the same each time.
    """
    served = sessions_by_request(history)
    starts = list(history.of("request-started"))
    ends = list(history.of("request-ended"))
    inside = [event for event in history.of("marked") if event["name"] in ("changed", "listed")]
    if len(served) < 2 or len(labels(inside, "R")) < 2:
        return no_occasion(history, "not both requests used a session inside their view")
    if position(history, starts[1]) > position(history, ends[0]):
        return no_occasion(history, "the requests did not overlap")
    first, second = (served[str(start.label("R"))] for start in starts)
    both = [session for session in first if session in second]
    if both:
        return refuted(f"{both[0]} served both R1 and R2 at once", *first_uses(history, both[0]))
    return supported(
        f"R1 and R2 were inside their views at once, R1 with {listed(first)}"
        f" and R2 with {listed(second)}",
        *inside,
        *one_use_each(history, served),
    )


@claim(
    experiments=("operations",),
    supported_by=(*RIGHT, "removed-on-success-only"),
    refuted_by={"scoped-session-kept": "still", "app-lifetime-session": "still"},
)
def closed_on_success(history: History) -> Verdict:
    """After a response, no session is open or registered and no connection is checked out.

    Looked at after the response of each of Flask-Admin's operations and of the application's own
    routes. First the pool is asked as it is, without collecting garbage: a session that was dropped
    and not closed still has its connection. Then garbage is collected, and what is still alive is
    held by something and would be met again.
    """
    return closed_after_each(history, well=True)


@claim(
    experiments=("operations-failing",),
    supported_by=(REMOVED,),
    refuted_by={"removed-on-success-only": "still", "scoped-session-kept": "still"},
)
def closed_on_error(history: History) -> Verdict:
    """The same holds where the view raises an exception.

    Each view does its work and then raises, before it can answer, so that the request ends with an
    error while its session is in use.
    """
    return closed_after_each(history, well=False)


@claim(
    experiments=("living-threads",),
    supported_by=(REMOVED,),
    refuted_by={"scoped-session-kept": "no free connection"},
)
def pool_bounded(history: History) -> Verdict:
    """Requests one after the other never wait for a connection.

    Three times as many requests as the pool has connections, each on a thread of its own that stays
    alive, as the threads of a server do. A request that finds no free connection fails at once.
    """
    served = sessions_by_request(history)
    ends = list(history.of("request-ended"))
    for end in ends:
        for event in of_request(history, end, "exception-raised"):
            if event["type"] == "TimeoutError":
                return refuted(
                    f"{end.label('R')} found no free connection: TimeoutError: {event['text']}",
                    event,
                    end,
                )
    failed = next((end for end in ends if end["status"] != 200), None)
    if failed or len(served) < len(ends) or len(ends) < 2:
        return no_occasion(history, "not every request used a session and was answered", failed)
    return supported(
        f"{count(len(ends), 'request')} on {count(len(labels(ends, 'T')), 'thread')} used"
        f" {count(len(labels(history.of('connection-checked-out'), 'C')), 'connection')}"
        " and none had to wait",
        *ends,
    )


@claim(
    experiments=("uncommitted-in-action", "uncommitted-in-route"),
    supported_by=(REMOVED,),
    refuted_by={"app-lifetime-session": "reached"},
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
    experiments=("external-change",),
    supported_by=(REMOVED,),
    refuted_by={"app-lifetime-session": "not shown"},
)
def sees_external_changes(history: History) -> Verdict:
    """A row that another connection changed shows in the next request.

    Also while the application still holds an object that it loaded before, which keeps a session
    from loading the row anew.
    """
    changes = list(history.of("external-change"))
    shown = list(history.of("shown"))
    failed = next((event for event in changes if event["error"]), None)
    for event in shown:
        if event["names"] and str(event["asked"]) not in str(event["names"]) and not failed:
            return refuted(
                f"the new name {event['asked']!r} was not shown: {one_line(event['names'])}", event
            )
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
    supported_by=(REMOVED,),
    refuted_by={"app-lifetime-session": "PendingRollbackError"},
)
def recovers_from_failed_flush(history: History) -> Verdict:
    """After a request whose flush failed, the next ones work.

    The exception leaves the view without a rollback. Judged through the session that the view
    itself resolves, in a custom action, and through the application's own route. A request before
    the failure must have worked, so that what fails after it fails because of it.
    """
    ends = list(history.of("request-ended"))
    failure = history.first("session-flush-failed")
    if not ends or ends[0]["status"] != 200 or "R1" not in sessions_by_request(history):
        return no_occasion(history, "the request before the failure did not work")
    if failure is None or failure.label("R") != "R2":
        return no_occasion(history, "no flush failed in R2")
    failed = f"after the flush of {failure.label('S')} failed in R2"
    for end in ends[2:]:
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
        f"the flush of {failure.label('S')} failed in R2; later requests listed the users and"
        " stored a row",
        failure,
        *ends[2:],
        stored,
    )


@claim(
    experiments=("operations",),
    supported_by=(*RIGHT, "app-lifetime-session"),
    refuted_by={"scope-per-access": "create"},
)
def admin_works(history: History) -> Verdict:
    """Each of Flask-Admin's operations does what it says.

    List, search, filter, sort, page, details, export, AJAX lookups, create, a refused duplicate,
    edit, edit in the list, relations, delete, bulk delete, and posts created, edited and deleted
    inline. Judged by rows and content, not by status codes, because Flask-Admin answers 200 to much
    that it did not do.
    """
    ended = list(history.of("operation-ended"))
    wrong = [event for event in ended if event["asked"] != event["observed"]]
    if wrong:
        first = wrong[0]
        errors = of_operation(history, first, "exception-raised")
        because = f" ({described(errors[0])})" if errors else ""
        return refuted(
            f"{count(len(wrong), 'operation')} of {len(ended)} did something else:"
            f" {', '.join(str(event['name']) for event in wrong)}; {first['name']!r} was asked"
            f" for {one_line(first['asked'])!r} and answered {first['status']} with"
            f" {one_line(first['observed'])!r}{because}",
            *errors[:1],
            *wrong,
        )
    if not ended:
        return no_occasion(history, "no operation was performed")
    if not list(uses(history)):
        return no_occasion(history, "no operation used a session")
    return supported(f"{count(len(ended), 'operation')} did what they were asked", *ended)


@claim(
    experiments=("three-requests",),
    supported_by=("scoped-session-as-db",),
    refuted_by={"warns-when-wired": "this pattern is deprecated"},
    required=False,
    baseline="scoped-session-as-db",
)
def no_deprecation_warnings(history: History, baseline: History) -> Verdict:
    """No deprecation is warned of while the pattern is wired.

    Beyond those that the control `scoped-session-as-db` meets too, which no pattern can avoid.
    Other warnings are listed and not judged.
    """
    wired = history.first("wiring-ended")
    if wired is None or baseline.first("wiring-ended") is None:
        return no_occasion(history, "wiring did not end")
    unavoidable = {event["text"] for event in warnings_of_wiring(baseline)}
    warned = [event for event in warnings_of_wiring(history) if event["text"] not in unavoidable]
    deprecations = [event for event in warned if event["deprecation"]]
    if deprecations:
        first = deprecations[0]
        return refuted(f"{first['category']}: {first['text']}", *deprecations)
    others = sorted({str(event["text"]) for event in warned})
    also = f"; other warnings: {'; '.join(others)}" if others else ""
    return supported(f"wired without a deprecation warning of its own{also}", wired)


# --- How histories are read ----------------------------------------------------------------------


def warnings_of_wiring(history: History) -> list[Event]:
    """Return the warnings that were raised before wiring ended."""
    wiring = takewhile(lambda event: event.kind != "wiring-ended", history.events)
    return [event for event in wiring if event.kind == "warning-raised"]


def uses(history: History) -> list[Event]:
    """Return the events in which somebody used a session while a request was handled."""
    return [event for event in history.of("session-used") if event.label("R")]


def sessions_by_request(history: History) -> dict[str, list[str]]:
    """Return the sessions that each request used, both in order of first use."""
    served: dict[str, list[str]] = {}
    for event in uses(history):
        sessions = served.setdefault(str(event.label("R")), [])
        if event.label("S") not in sessions:
            sessions.append(str(event.label("S")))
    return served


def uses_in(history: History, request: str) -> list[Event]:
    """Return the events in which somebody used a session in this request."""
    return [event for event in uses(history) if event.label("R") == request]


def parts(used: list[Event]) -> set[str]:
    """Return the parts of Flask-Admin that used a session in these events."""
    return {str(event["by"]) for event in used} - {"application"}


def who_used(history: History, request: str) -> str:
    """Return, as text, which part used which session in a request."""
    pairs = dict.fromkeys(
        f"{event['by']} used {event.label('S')}" for event in uses_in(history, request)
    )
    return ", ".join(list(pairs)[:6])


def first_uses(history: History, session: str) -> list[Event]:
    """Return the first use of a session in each request."""
    first = {
        event.label("R"): event for event in reversed(uses(history)) if session in event.labels
    }
    return sorted(first.values(), key=lambda event: position(history, event))


def one_use_each(history: History, served: dict[str, list[str]]) -> list[Event]:
    """Return the first use of a session in each request, ten at most."""
    first = {event.label("R"): event for event in reversed(uses(history))}
    return [first[request] for request in list(served)[:10]]


def closed_after_each(history: History, well: bool) -> Verdict:
    """Return whether nothing was left after each operation, ended well or with an exception."""
    ended = list(history.of("operation-ended"))
    for start, end in zip(history.of("operation-started"), ended, strict=False):
        during = history.between(start, end)
        looked = next((event for event in during if event.kind == "looked-up"), None)
        held = [event for event in during if event.kind == "session-held"]
        if looked and looked["checked_out"]:
            return refuted(
                f"after {end['name']!r}, still checked out:"
                f" {count(int(str(looked['checked_out'])), 'connection')}"
                + "".join(f", by {e.label('S')}" for e in held[:1]),
                looked,
                *held,
            )
        if held:
            state = "open" if any(event["open"] for event in held) else "registered"
            return refuted(
                f"after {end['name']!r}, still {state}: {listed(labels(held, 'S'))}", *held
            )
    used = [e for e in ended if any(u.label("R") for u in uses_of_operation(history, e))]
    failed = [e for e in ended if e["status"] == 500]
    if not used:
        return no_occasion(history, "no operation used a session")
    if well and failed:
        return no_occasion(history, f"{failed[0]['name']!r} was answered 500", failed[0])
    if not well and len(failed) < len(ended):
        answered = next(event for event in ended if event["status"] != 500)
        return no_occasion(history, f"the view of {answered['name']!r} did not raise", answered)
    without = [str(event["name"]) for event in ended if event not in used]
    if without:
        return no_occasion(history, f"no session was used by {listed(without)}")
    return supported(
        f"after each of {count(len(ended), 'operation')} nothing was checked out, open or"
        " registered",
        *ended,
    )


def uses_of_operation(history: History, end: Event) -> list[Event]:
    """Return the uses of a session during the operation that `end` ends."""
    return [e for e in of_operation(history, end, "session-used") if e.label("R")]


def of_operation(history: History, end: Event, kind: str) -> list[Event]:
    """Return the events of a kind during the operation that `end` ends."""
    start = next(e for e in history.of("operation-started") if e["name"] == end["name"])
    return [event for event in history.between(start, end) if event.kind == kind]


def of_request(history: History, end: Event, kind: str) -> list[Event]:
    """Return the events of a kind while the request that `end` ends was handled."""
    return [event for event in history.of(kind) if event.label("R") == end.label("R")]


def no_occasion(history: History, why: str, *events: Event | None) -> Verdict:
    """Return that the claim could not have been refuted, with the first error as the cause."""
    failed = [end for end in history.of("request-ended") if end["status"] == 500]
    errors = list(history.of("exception-raised"))
    cause = ""
    if errors:
        cause = f"; {errors[0].label('R') or 'before any request'}: {described(errors[0])}"
    elif failed:
        cause = f"; {failed[0].label('R')} was answered 500"
    shown = [event for event in events if event] or errors[:1] or failed[:1]
    return inconclusive(f"no occasion: {why}{cause}", *shown)


def position(history: History, event: Event) -> int:
    """Return an event's place in its history, found by identity."""
    return next(number for number, one in enumerate(history.events) if one is event)


def labels(events: object, letter: str) -> list[str]:
    """Return the labels of a letter among events, in order of first appearance."""
    return list(
        dict.fromkeys(e.label(letter) for e in events if e.label(letter))  # type: ignore[attr-defined]
    )


def described(event: Event) -> str:
    """Return an error as its type and text, and the error that it came out of."""
    during = f" (out of {one_line(event['during'])})" if event.get("during") else ""
    return f"{event['type']}: {one_line(event['text'])}{during}"


def one_line(text: object, width: int = 160) -> str:
    """Return a text on one line, cut where it is longer than `width`."""
    line = " ".join(str(text).split())
    return line if len(line) <= width else line[: width - 1] + "…"


def count(number: int, what: str) -> str:
    """Return a number with its noun: "1 session", "3 sessions"."""
    return f"{number} {what}{'' if number == 1 else 's'}"


def listed(items: list[str]) -> str:
    """Return items as English: "R1", "R1 and R2", "R1, R2 and R3", "R1, R2, R3 and 4 more"."""
    if len(items) > 4:
        return f"{', '.join(items[:3])} and {len(items) - 3} more"
    return " and ".join(filter(None, [", ".join(items[:-1]), *items[-1:]]))
