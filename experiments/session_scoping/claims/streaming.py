"""Answers whose body is sent after the view has returned."""

from __future__ import annotations

from casebook.claim import Verdict, claim, refuted, supported
from casebook.record import Event, History
from experiments.session_scoping.claims.histories import (
    PLAIN,
    REMOVED,
    count,
    described,
    labels,
    left,
    listed,
    no_occasion,
    one_line,
)

WITHOUT_CONTEXT = "without stream_with_context"
"""What the name of a stream ends with that Flask's `stream_with_context` does not wrap."""


@claim(
    experiments=("streamed",),
    supported_by=(REMOVED, "removed-after-streaming", PLAIN),
    refuted_by={"begun-with-request": "AttributeError: scope"},
    otherwise="no session while streaming",
)
def session_while_streaming(history: History) -> Verdict:
    """A body that asks for the session while it is sent arrives whole.

    The view has returned, and the body, a generator inside Flask's `stream_with_context`, asks for
    the session and queries it while a client reads it piece by piece. Through the application's own
    session and through the one that the view resolves. Without `stream_with_context` there is no
    application context, as Flask documents; what a body then meets is told and not judged.
    """
    return arrived_whole(history, "asked for a session")


@claim(
    experiments=("streamed", "streamed-lazily"),
    supported_by=("removed-after-streaming",),
    refuted_by={"removed-before-streaming": "DetachedInstanceError"},
    required=False,
    weighs=False,
    otherwise="lazy loads fail in streamed bodies",
)
def streaming_works(history: History) -> Verdict:
    """Every streamed body arrives whole, also one that loads more of what the view had loaded.

    Streams of the application's own, and Flask-Admin's CSV export of a relationship that its query
    does not join. To load it, the session that the view used must still be open, so that what
    decides is when it is ended and when Flask lets the application context end: before the body or
    after it. It changes no grade: the way in which a session is handed over decides neither.
    """
    return arrived_whole(history, "used a session")


@claim(
    experiments=("streamed", "streamed-lazily"),
    supported_by=(REMOVED, "removed-after-streaming", PLAIN),
    refuted_by={"scoped-session-kept": "still", "removed-before-streaming": "still"},
    otherwise="not closed after a streamed body",
)
def closed_after_streaming(history: History) -> Verdict:
    """After a streamed body is closed, no session is open or registered and no connection out.

    Looked at when a client has read the whole body and closed it, and when it has gone away in the
    middle, also where the body broke off. Bodies inside Flask's `stream_with_context` are judged;
    what one without it leaves is told.
    """
    ended = judged(history)
    for end in ended:
        during = between(history, end)
        still, events = left(during)
        if still:
            return refuted(f"after {end['name']!r}, still {still}", *events)
    unused = [str(end["name"]) for end in ended if not uses(between(history, end))]
    if not ended or unused:
        return no_occasion(history, f"no session was used by {listed(unused) or 'any stream'}")
    failed = next((end for end in ended if end["status"] != 200), None)
    if failed:
        return no_occasion(history, f"{failed['name']!r} was answered {failed['status']}", failed)
    sent = [end for end in ended if uses(body(history, end))]
    return supported(
        f"after each of {count(len(ended), 'stream')} nothing was checked out, open or registered;"
        f" {len(sent)} used a session while the body was sent{left_without_context(history)}",
        *ended,
    )


# --- How histories are read ----------------------------------------------------------------------


def arrived_whole(history: History, did: str) -> Verdict:
    """Return whether each judged stream arrived as it was asked, each having used a session."""
    ended = judged(history)
    failed = next((end for end in ended if end["status"] != 200), None)
    if not ended or failed:
        why = f"{failed['name']!r} was answered {failed['status']}" if failed else "no stream"
        return no_occasion(history, why, failed)
    for end in ended:
        if end["asked"] != end["observed"]:
            errors = [e for e in between(history, end) if e.kind == "exception-raised"]
            because = f": {described(errors[0])}" if errors else ""
            early = closed_before_body(history, end)
            closed = f"; {listed(labels(early, 'S'))} was closed before the body" if early else ""
            return refuted(
                f"{end['name']!r} broke off after {lines(end['observed'])} of"
                f" {count(lines(end['asked']), 'line')}{because}{closed}",
                *early,
                *errors[:1],
                end,
            )
    unused = [str(end["name"]) for end in ended if not uses(body(history, end))]
    if unused:
        return no_occasion(history, f"no session was used in the body of {listed(unused)}")
    return supported(
        f"{count(len(ended), 'body').replace('bodys', 'bodies')} {did} while being sent and arrived"
        f" as asked{broke_without_context(history)}",
        *ended,
    )


def judged(history: History) -> list[Event]:
    """Return the ends of the streams that Flask's `stream_with_context` wraps."""
    ended = history.of("stream-ended")
    return [end for end in ended if not str(end["name"]).endswith(WITHOUT_CONTEXT)]


def without_context(history: History) -> Event | None:
    """Return the end of the stream that nothing wraps, where there was one."""
    ended = history.of("stream-ended")
    return next((end for end in ended if str(end["name"]).endswith(WITHOUT_CONTEXT)), None)


def broke_without_context(history: History) -> str:
    """Return, as text, what a body without an application context met."""
    end = without_context(history)
    if end is None:
        return ""
    errors = [e for e in between(history, end) if e.kind == "exception-raised"]
    met = one_line(described(errors[0]), 60) if errors else "the body arrived, too"
    return f"; {WITHOUT_CONTEXT}: {met}"


def left_without_context(history: History) -> str:
    """Return, as text, what a body without an application context left."""
    end = without_context(history)
    still = left(between(history, end))[0] if end else ""
    return f"; {WITHOUT_CONTEXT}, still {still}" if still else ""


def between(history: History, end: Event) -> tuple[Event, ...]:
    """Return what happened during the stream that `end` ends."""
    start = next(e for e in history.of("stream-started") if e["name"] == end["name"])
    return history.between(start, end)


def body(history: History, end: Event) -> tuple[Event, ...]:
    """Return what happened while a stream's body was read."""
    begun = next((e for e in between(history, end) if e.kind == "body-begun"), None)
    return history.between(begun, end) if begun else ()


def uses(events: tuple[Event, ...]) -> list[Event]:
    """Return the uses of a session among events, in a request."""
    return [event for event in events if event.kind == "session-used" and event.label("R")]


def closed_before_body(history: History, end: Event) -> list[Event]:
    """Return the first closing of a session between a stream's start and its body."""
    before = between(history, end)[: -len(body(history, end)) or None]
    return [event for event in before if event.kind == "session-closed"][:1]


def lines(text: object) -> int:
    """Return how many lines a text has."""
    return len(str(text).splitlines())
