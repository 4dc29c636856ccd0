"""What is claimed of streamed answers: pure functions of histories."""

from __future__ import annotations

from collections.abc import Iterator

from casebook.claim import Verdict, claim, inconclusive, refuted, supported
from casebook.record import Event, History

RIGHT = "closed-with-response"
"""The control whose session the response closes: right in every respect, on every release."""

SERVERS = {"breaks-off": "arrived", "closed-at-the-last-line": "still checked out"}
"""The controls that must fail behind a server, and the words that say in which of the two ways."""


@claim(
    experiments=("read-to-the-end",),
    supported_by=(RIGHT, "session-of-the-body"),
    refuted_by={"raises-when-wired": "nothing streams here"},
    gate=True,
)
def can_be_set_up(history: History) -> Verdict:
    """The application can be set up with it.

    Where it cannot, nothing else is asked.
    """
    wired = history.first("wiring-ended")
    return supported("it was set up", wired) if wired else refuted(history.reason)


@claim(
    experiments=("read-to-the-end",),
    supported_by=(RIGHT, "session-of-the-body"),
    refuted_by={"breaks-off": "2 of 4 rows arrived"},
    otherwise="the body breaks off",
)
def arrives_whole(history: History) -> Verdict:
    """The whole body arrives.

    A view answers with four rows, and a client reads them piece by piece to the end. Each row is a
    post and its author, which are two tables.
    """
    ends = list(history.of("answer-ended"))
    return all_arrived(history, ends) or supported(arrived(ends), *ends)


@claim(
    experiments=("read-to-the-end",),
    supported_by=(RIGHT,),
    refuted_by={"ended-with-view": "was closed before"},
    required=False,
    weighs=False,
    otherwise="without the view's session",
)
def keeps_its_session(history: History) -> Verdict:
    """The session that the view used stays open until the last piece is sent.

    The rows that the view loaded are still attached to it, and what it has not committed is still
    there. A body that asks for a session once more may be given another one: then it may arrive
    whole, and the view's session is gone all the same. It changes no grade: what ends the session
    is Flask, at the release that is installed.
    """
    begun = history.first("body-begun")
    if begun is None or (used := session_of_view(history, begun)) is None:
        return no_occasion(history, "the view used no session")
    in_body = between(history, begun, "session-used")
    broke = history.first("body-broke-off")
    if not in_body and not broke:
        return no_occasion(history, "the body used no session", begun)
    last = ([*history.of("piece-yielded")] or [begun])[-1]
    session = str(used.label("S"))
    for closed in (one for one in history.of("session-closed") if one.label("S") == session):
        if position(history, closed) < position(history, last) or broke:
            when = "the body" if position(history, closed) < position(history, begun) else "its end"
            then = told_of_body(history, session, in_body)
            shown = [*in_body[:1], *list(history.of("exception-raised"))[:1]]
            said = f"{session}, which the view used, was closed before {when}{then}"
            return refuted(said, closed, *shown)
    return supported(f"{session}, which the view used, was open until the last piece", used, last)


@claim(
    experiments=("read-to-the-end",),
    supported_by=(RIGHT, "session-of-the-body"),
    refuted_by={"never-closed": "still checked out"},
    otherwise="a connection stays checked out",
)
def nothing_left_at_the_end(history: History) -> Verdict:
    """When the body is closed, no session is open and no connection is checked out.

    Looked at once the client has read all that came, whether it was the whole body or broke off.
    """
    return nothing_left(history)


@claim(
    experiments=("left-in-the-middle",),
    supported_by=(RIGHT, "session-of-the-body"),
    refuted_by={"closed-at-the-last-line": "still checked out"},
    otherwise="a connection stays checked out when a client leaves",
)
def nothing_left_when_a_client_leaves(history: History) -> Verdict:
    """When a client has left in the middle, no session is open and no connection is checked out.

    The client leaves after the first piece; the server closes the body, as WSGI asks of it, and
    never asks for the rest.
    """
    left = nothing_left(history)
    if left.verdict == "supported" and history.first("client-left") is None:
        return no_occasion(history, "the body was over before the client left")
    return left


@claim(
    experiments=("werkzeug-server",),
    supported_by=(RIGHT, "session-of-the-body"),
    refuted_by=SERVERS,
    required=False,
    weighs=False,
    otherwise="fails behind Werkzeug's server",
)
def works_behind_werkzeug(history: History) -> Verdict:
    """Over HTTP from Werkzeug's own server, the body arrives whole and leaves nothing behind.

    Two requests: one client reads to the end, the other resets its connection after the first
    piece. `flask run` starts this server, which has a thread for each request. What differs from
    a client in the same process is the server's doing, so it changes no grade.
    """
    return works_behind(history)


@claim(
    experiments=("waitress-server",),
    supported_by=(RIGHT, "session-of-the-body"),
    refuted_by=SERVERS,
    required=False,
    weighs=False,
    otherwise="fails behind waitress",
)
def works_behind_waitress(history: History) -> Verdict:
    """Over HTTP from waitress, the body arrives whole and leaves nothing behind.

    Two requests: one client reads to the end, the other resets its connection after the first
    piece. waitress looks for clients that have left, as `channel_request_lookahead=1` tells it to.
    What differs from a client in the same process is the server's doing, so it changes no grade.
    """
    return works_behind(history)


# --- How histories are read ----------------------------------------------------------------------


def works_behind(history: History) -> Verdict:
    """Return whether what was read to the end is whole, and nothing left after any answer."""
    ends = [end for end in history.of("answer-ended") if end["name"] == "read to the end"]
    missing = all_arrived(history, ends)
    if missing:
        return missing
    left = nothing_left(history)
    if left.verdict != "supported":
        return left
    begun, closed = (list(history.of(kind)) for kind in ("body-begun", "body-closed"))
    if len(closed) < len(begun):
        return refuted("the server did not close a body", *begun, *closed)
    return supported(f"{arrived(ends)}; {left.reason}", *ends, *left.events)


def all_arrived(history: History, ends: list[Event]) -> Verdict | None:
    """Return how an answer failed to arrive as it should, or None where all arrived whole."""
    if not ends:
        return no_occasion(history, "nothing was answered")
    for end in ends:
        if end["status"] != 200 and not history.first("body-broke-off"):
            return no_occasion(history, f"it was answered {end['status']}", end)
        if end["arrived"] != end["rows"]:
            errors = list(history.of("exception-raised"))[:1]
            why = f": {described(errors[0])}" if errors else ""
            return refuted(f"{arrived([end])}{why}", *errors, end)
    return None


def nothing_left(history: History) -> Verdict:
    """Return whether nothing was left when a body was closed, in requests that used a session."""
    looks = list(history.of("looked-up"))
    for look in looks:
        open_now = [held for held in after(history, look) if held.get("open")]
        sessions = ", ".join(str(held.label("S")) for held in open_now)
        if look["checked_out"]:
            by = f", by {sessions}" if sessions else ""
            out = counted(look["checked_out"], "connection")
            return refuted(f"still checked out: {out}{by}", look, *open_now)
        if open_now:
            return refuted(f"still open: {sessions}", look, *open_now)
    used = list(history.of("session-used"))
    if not looks or not used:
        return no_occasion(history, "no session was used")
    failed = next((one for one in history.of("answer-ended") if one["status"] != 200), None)
    if failed and not history.first("body-broke-off"):
        return no_occasion(history, f"it was answered {failed['status']}", failed)
    times = f" after each of {counted(len(looks), 'answer')}" if len(looks) > 1 else ""
    return supported(f"nothing was open or checked out{times}", *looks)


def session_of_view(history: History, begun: Event) -> Event | None:
    """Return the first use of a session before the body, in a request."""
    uses = (one for one in history.of("session-used") if one.label("R"))
    first = next(uses, None)
    return first if first and position(history, first) < position(history, begun) else None


def between(history: History, begun: Event, kind: str) -> list[Event]:
    """Return the events of a kind after the body began, in a request."""
    start = position(history, begun)
    return [one for one in history.of(kind) if one.label("R") and position(history, one) > start]


def told_of_body(history: History, session: str, uses: list[Event]) -> str:
    """Return, as text, what the body then did with which session."""
    errors = list(history.of("exception-raised"))
    if errors and history.first("body-broke-off"):
        return f", and the body broke off: {described(errors[0])}"
    if uses and uses[0].label("S") == session:
        return ", and the body opened it again"
    return f", and the body used {uses[0].label('S')}" if uses else ""


def after(history: History, look: Event) -> Iterator[Event]:
    """Yield the sessions that one look found."""
    for event in history.events[position(history, look) + 1 :]:
        if event.kind != "session-held":
            return
        yield event


def position(history: History, wanted: Event) -> int:
    """Return where an event stands in its history."""
    return next(number for number, event in enumerate(history.events) if event is wanted)


def arrived(ends: list[Event]) -> str:
    """Return, as text, how many rows arrived, at the first of these ends."""
    return f"{ends[0]['arrived']} of {ends[0]['rows']} rows arrived"


def described(error: Event) -> str:
    """Return, as text, what was raised: its type, and the first sentence of its text."""
    text = str(error["text"]).partition("\n")[0].partition("; ")[0]
    return f"{error['type']}: {text}"[:160]


def counted(number: object, word: str) -> str:
    """Return a number of things, in words."""
    return f"{number} {word}{'' if number == 1 else 's'}"


def no_occasion(history: History, why: str, *events: Event) -> Verdict:
    """Return that the claim could not have been refuted, with the first error as the cause."""
    errors = list(history.of("exception-raised"))[:1]
    cause = f"; {described(errors[0])}" if errors else ""
    return inconclusive(f"no occasion: {why}{cause}", *events, *errors)
