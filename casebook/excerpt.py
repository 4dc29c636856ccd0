"""Of which of a history's events a diagram is drawn, so that a figure shows one thing."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from casebook.plan.investigation import Diagram
from casebook.record import Event, History


@dataclass(frozen=True, slots=True)
class Excerpt:
    """A stretch of a history; all of it where nothing is said.

    It begins with the first event that `since` names, and ends with the first that `until` names
    or just before the first that `before` names. A name is an event's kind or a label; with a
    label, `until` is the last event that has it. What was open when the stretch begins, or is when
    it ends, keeps the event that opened it and the one that closes it.
    """

    since: str = ""
    until: str = ""
    before: str = ""

    def __str__(self) -> str:
        """Which stretch it is, in words, empty for all of a history."""
        words = {"since": self.since, "until": self.until, "before": self.before}
        return ", ".join(f"{word} {name}" for word, name in words.items() if name)

    def numbers(self, history: History, diagram: Diagram) -> tuple[int, ...]:
        """Return the numbers of its events, counted from 1."""
        events = history.events
        if not str(self):
            return tuple(range(1, len(events) + 1))
        start = next(_named(events, self.since), 0)
        end = self._end(events, start)
        opened = _open(events[:start], diagram).values()
        left = _open(events[:end], diagram)
        closing = (next(_closes(events, end, label, diagram), None) for label in left)
        outside = {*opened, *(at for at in closing if at is not None)}
        return tuple(at + 1 for at in sorted({*range(start, end), *outside}))

    def _end(self, events: Sequence[Event], start: int) -> int:
        """Return the position after its last event."""
        before = [at for at in _named(events, self.before) if at >= start]
        if before:
            return before[0]
        until = [at for at in _named(events, self.until) if at >= start]
        if not until:
            return len(events)
        return until[0 if events[until[0]].kind == self.until else -1] + 1


def _named(events: Sequence[Event], name: str) -> Iterator[int]:
    """Yield the positions of the events of this kind, or with this label."""
    return (at for at, one in enumerate(events) if name and name in (one.kind, *one.labels))


def _open(events: Sequence[Event], diagram: Diagram) -> dict[str, int]:
    """Return each label that is open after these events, and the position of what opened it."""
    found: dict[str, int] = {}
    for at, event in enumerate(events):
        for rule in diagram.bars:
            label = event.label(rule.label)
            if label and event.kind == rule.closes:
                found.pop(label, None)
            elif label and event.kind in (rule.opens, *rule.touches):
                found.setdefault(label, at)
    return found


def _closes(events: Sequence[Event], start: int, label: str, diagram: Diagram) -> Iterator[int]:
    """Yield the positions from `start` on of the events that close a label."""
    closing = {rule.closes for rule in diagram.bars if label.rstrip("0123456789") == rule.label}
    return (at for at in _named(events, label) if at >= start and events[at].kind in closing)
