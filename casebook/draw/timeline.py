"""The rows and stays of a history: when each label was open, and in which lane.

No event kind or pixel is built in: `plan.Diagram` says which events open, close and touch a label.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from casebook.plan.investigation import Bar as BarRule
from casebook.plan.investigation import Diagram
from casebook.record import Event, History, Scalar


@dataclass(frozen=True, slots=True)
class Excerpt:
    """A stretch of a history, or all of it by default.

    It begins with the first event that `since` names, and ends with the first that `until` names,
    or just before the first that `before` names. A name is an event's kind or a label; if it is a
    label, `until` means the last event that has it. A label that is open at the beginning or the
    end of the stretch keeps the events that open and close it.
    """

    since: str = ""
    until: str = ""
    before: str = ""

    def __str__(self) -> str:
        """The stretch in words, or "" for a whole history."""
        words = {"since": self.since, "until": self.until, "before": self.before}
        return ", ".join(f"{word} {name}" for word, name in words.items() if name)

    def numbers(self, history: History, diagram: Diagram) -> tuple[int, ...]:
        """Return the numbers of the stretch's events, counted from 1."""
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
        """Return the position after the stretch's last event."""
        before = [at for at in _named(events, self.before) if at >= start]
        if before:
            return before[0]
        until = [at for at in _named(events, self.until) if at >= start]
        if not until:
            return len(events)
        return until[0 if events[until[0]].kind == self.until else -1] + 1


WHOLE = Excerpt()
"""All of a history."""


@dataclass(slots=True)
class TimelineRow:
    """One row: an event, or several equal touches in sequence, numbered from 1.

    `rules` are the positions of the bars that the event opens, closes or touches.
    """

    event: Event
    lane: str
    first: int
    last: int
    rules: tuple[int, ...]
    marker: bool
    details: dict[str, Scalar]

    def label(self, rule: BarRule) -> str | None:
        """Return the event's label of the rule's letter, or None."""
        return self.event.label(rule.label)

    @property
    def numbers(self) -> str:
        """The numbers of the row's events, as a page shows them."""
        return str(self.first) if self.first == self.last else f"{self.first}…"

    @property
    def summary(self) -> str:
        """The details; a marker shows only its texts, which say what it is about."""
        if not self.marker:
            return describe(self.details)
        return " ".join(value for value in self.details.values() if isinstance(value, str))


@dataclass(slots=True)
class Stay:
    """The rows during which a label was open in one lane; a guest was opened in another lane."""

    label: str
    rule: int
    lane: str
    start: int
    end: int
    closed: bool
    guest: bool
    home: Stay | None = None
    touched: list[int] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Timeline:
    """The rows and stays of a history; `stays` lists homes before their guests."""

    diagram: Diagram
    rows: tuple[TimelineRow, ...]
    stays: tuple[Stay, ...]

    @property
    def lanes(self) -> list[str]:
        """The labels of the lanes, in the order of their numbers."""
        return sorted({row.lane for row in self.rows}, key=natural)

    @property
    def homes(self) -> list[Stay]:
        """The stays that are not guests."""
        return [stay for stay in self.stays if not stay.guest]

    @property
    def unclosed(self) -> list[Stay]:
        """The homes that no event closed."""
        return [stay for stay in self.homes if not stay.closed]

    def rule(self, stay: Stay) -> BarRule:
        """Return the rule by which a stay is drawn."""
        return self.diagram.bars[stay.rule]

    def concerned(self, row: TimelineRow) -> tuple[str, ...]:
        """Return the labels whose bars a row opens, closes or touches, or all of a marker's."""
        if row.marker:
            return tuple(label for label in row.event.labels if label != row.lane)
        labels = (row.label(self.diagram.bars[position]) for position in row.rules)
        return tuple(label for label in labels if label is not None)


def read_timeline(history: History, diagram: Diagram, excerpt: Excerpt = WHOLE) -> Timeline:
    """Return the timeline that the diagram shows of a history, or of an excerpt from it."""
    rows = tuple(_rows(history, diagram, excerpt))
    return Timeline(diagram, rows, tuple(_stays(rows, diagram)))


def has_rows(history: History, diagram: Diagram) -> bool:
    """Return whether the diagram shows any event of a history."""
    return next(_rows(history, diagram, WHOLE), None) is not None


def part_of(time: Timeline, rows: Iterable[TimelineRow]) -> Timeline:
    """Return a timeline reduced to these of its rows, in order."""
    remaining = tuple(rows)
    return Timeline(time.diagram, remaining, tuple(_stays(remaining, time.diagram)))


def _rows(history: History, diagram: Diagram, excerpt: Excerpt) -> Iterator[TimelineRow]:
    concerned: dict[str, list[int]] = {}
    for position, rule in enumerate(diagram.bars):
        for kind in {rule.opens, rule.closes, *rule.touches}:
            concerned.setdefault(kind, []).append(position)
    row: TimelineRow | None = None
    for number in excerpt.numbers(history, diagram):
        event = history.events[number - 1]
        rules = tuple(
            position
            for position in concerned.get(event.kind, ())
            if event.label(diagram.bars[position].label)
        )
        marker = event.kind in diagram.markers
        if not rules and not marker:
            continue
        if row and _same_touch(row, event, diagram):
            row.last = number
            row.details = dict(row.details.items() & event.details.items())
            continue
        if row:
            yield row
        lane = event.label(diagram.lane) or ""
        row = TimelineRow(event, lane, number, number, rules, marker, event.details)
    if row:
        yield row


def _same_touch(row: TimelineRow, event: Event, diagram: Diagram) -> bool:
    turning = {kind for rule in diagram.bars for kind in (rule.opens, rule.closes)}
    return (
        not row.marker
        and event.kind not in turning
        and (row.event.kind, row.event.labels) == (event.kind, event.labels)
    )


def _stays(rows: tuple[TimelineRow, ...], diagram: Diagram) -> list[Stay]:
    """Return each label's stays, homes before their guests, in order of their first row.

    A label that is touched or closed after it was closed begins a new stay.
    """
    stays: list[Stay] = []
    for position, rule in enumerate(diagram.bars):
        open_stays: dict[str, Stay] = {}
        for number, row in enumerate(rows):
            label = row.label(rule) if position in row.rules else None
            if label is None:
                continue
            stay = open_stays.get(label)
            if stay is None:
                stay = Stay(label, position, row.lane, number, len(rows), False, False)
                open_stays[label] = stay
                stays.append(stay)
            if row.lane != stay.lane:
                _visit(stay, row.lane, number, stays)
            stay.touched.append(number)
            if row.event.kind == rule.closes:
                stay.end, stay.closed = number, True
                del open_stays[label]
    return stays


def _visit(home: Stay, lane: str, number: int, stays: list[Stay]) -> None:
    """Extend the guest stay of `home` in this lane to the row, or begin one there."""
    for stay in stays:
        if stay.home is home and stay.lane == lane:
            stay.end = number
            return
    stays.append(Stay(home.label, home.rule, lane, number, number, True, True, home))


def describe(details: dict[str, Scalar]) -> str:
    """Return an event's details on one line: texts as they are, other values with their names."""
    return " ".join(
        value if isinstance(value, str) else f"{name}={value}"
        for name, value in details.items()
        if value is not None and value != ""
    )


def natural(label: str) -> tuple[str, int]:
    """Return a sort key that puts `T2` before `T10`."""
    letters = label.rstrip("0123456789")
    return letters, int(label[len(letters) :] or 0)


# --- Excerpts ------------------------------------------------------------------------------------


def _named(events: Sequence[Event], name: str) -> Iterator[int]:
    """Yield the positions of the events that have this kind or label."""
    return (at for at, event in enumerate(events) if name and name in (event.kind, *event.labels))


def _open(events: Sequence[Event], diagram: Diagram) -> dict[str, int]:
    """Return each label that is open after these events, and the position of its opening event."""
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
    """Yield the positions of the events that close a label, from `start` on."""
    closing = {rule.closes for rule in diagram.bars if label.rstrip("0123456789") == rule.label}
    return (at for at in _named(events, label) if at >= start and events[at].kind in closing)
