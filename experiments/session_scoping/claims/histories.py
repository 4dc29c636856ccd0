"""How claims read histories, and the controls that several of them name."""

from __future__ import annotations

from collections.abc import Sequence

from casebook.claim import Verdict, inconclusive, refuted, supported
from casebook.record import Event, History

REMOVED = "scoped-session-removed"
"""The control that is right in every respect but for a deprecation."""

PLAIN = "plain-views"
"""The same as REMOVED without Flask-Admin: what fails with REMOVED alone is Flask-Admin's fault.

Claims that concern sessions name it where their experiments send what plain views answer.
"""

RIGHT = (REMOVED, "scoped-session-as-db")
"""The controls that are right, where Flask-Admin's way to a session could make them differ."""


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


def uses_of_operation(history: History, end: Event) -> list[Event]:
    """Return the uses of a session during the operation that `end` ends."""
    return [e for e in of_operation(history, end, "session-used") if e.label("R")]


def of_operation(history: History, end: Event, kind: str) -> list[Event]:
    """Return the events of a kind during the operation that `end` ends."""
    return [event for event in during(history, end) if event.kind == kind]


def during(history: History, end: Event) -> tuple[Event, ...]:
    """Return what happened during the operation that `end` ends."""
    start = next(e for e in history.of("operation-started") if e["name"] == end["name"])
    return history.between(start, end)


def operations_by(history: History, marks: list[Event]) -> list[list[Event]]:
    """Return the ends of operations before the first mark, then those after each mark."""
    parts: list[list[Event]] = [[] for _ in range(len(marks) + 1)]
    places = [position(history, mark) for mark in marks]
    for end in history.of("operation-ended"):
        parts[sum(place < position(history, end) for place in places)].append(end)
    return parts


def is_wrong(end: Event) -> bool:
    """Return whether an operation did something else than it was asked."""
    return end["asked"] != end["observed"]


def because(history: History, end: Event) -> str:
    """Return, as text in brackets, the first error that was met in an operation."""
    errors = of_operation(history, end, "exception-raised")
    return f" ({described(errors[0])})" if errors else ""


def done_as_asked(history: History) -> Verdict:
    """Return whether what was observed of each operation is what it was asked for."""
    ended = list(history.of("operation-ended"))
    wrong = list(filter(is_wrong, ended))
    if wrong:
        first = wrong[0]
        return refuted(
            f"{count(len(wrong), 'operation')} of {len(ended)} did something else:"
            f" {', '.join(str(event['name']) for event in wrong)}; {first['name']!r} was asked"
            f" for {one_line(first['asked'])!r} and answered {first['status']} with"
            f" {one_line(first['observed'])!r}{because(history, first)}",
            *of_operation(history, first, "exception-raised")[:1],
            *wrong,
        )
    if not ended:
        return no_occasion(history, "no operation was performed")
    if not uses(history):
        return no_occasion(history, "no operation used a session")
    return supported(f"{count(len(ended), 'operation')} did what they were asked", *ended)


def of_request(history: History, end: Event, kind: str) -> list[Event]:
    """Return the events of a kind while the request that `end` ends was handled."""
    return [event for event in history.of(kind) if event.label("R") == end.label("R")]


def left(events: Sequence[Event]) -> tuple[str, list[Event]]:
    """Return what the first look among events found left, as text, and the events that show it."""
    looked = next((event for event in events if event.kind == "looked-up"), None)
    held = [event for event in events if event.kind == "session-held"]
    if looked and looked["checked_out"]:
        out = count(int(str(looked["checked_out"])), "connection")
        by = "".join(f", by {event.label('S')}" for event in held[:1])
        return f"checked out: {out}{by}", [looked, *held]
    if held:
        state = "open" if any(event["open"] for event in held) else "registered"
        return f"{state}: {listed(labels(held, 'S'))}", held
    return "", []


def not_wired(history: History) -> Verdict | None:
    """Return that wiring raised or crashed, or did not end in time; None where it ended."""
    if history.first("wiring-ended"):
        return None
    first_line = history.reason.partition("\n")[0]
    if history.outcome == "timed-out":
        return inconclusive(f"whether it can be wired is open: {first_line}")
    return refuted(f"wiring {history.outcome} {first_line}", *history.of("wiring-started"))


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
