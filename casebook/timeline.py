"""A history's rows and stays: what was open when, and in which lane, before it has a place.

Nothing here knows a kind or a pixel: `plan.Diagram` says what opens, closes and touches what.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from casebook.excerpt import Excerpt
from casebook.plan.investigation import Bar as BarRule
from casebook.plan.investigation import Diagram
from casebook.record import Event, History, Scalar

WHOLE = Excerpt()
"""All of a history."""


@dataclass(slots=True)
class Row:
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
        """Return the label of this rule's letter, or None."""
        return self.event.label(rule.label)

    @property
    def numbers(self) -> str:
        """The events of this row, as a page shows them."""
        return str(self.first) if self.first == self.last else f"{self.first}…"

    @property
    def summary(self) -> str:
        """The details; of a marker only the texts, which say what it is about."""
        if not self.marker:
            return describe(self.details)
        return " ".join(value for value in self.details.values() if isinstance(value, str))


@dataclass(slots=True)
class Stay:
    """A time during which a label was open, in one lane. A guest stays in another's lane."""

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
    """What `read` makes of a history: its rows, and its stays, homes before their guests."""

    diagram: Diagram
    rows: tuple[Row, ...]
    stays: tuple[Stay, ...]

    @property
    def lanes(self) -> list[str]:
        """The labels of the lanes, in the order of their numbers."""
        return sorted({row.lane for row in self.rows}, key=natural)

    @property
    def homes(self) -> list[Stay]:
        """The stays that are no guests."""
        return [stay for stay in self.stays if not stay.guest]

    @property
    def unclosed(self) -> list[Stay]:
        """The stays that nothing closed."""
        return [stay for stay in self.homes if not stay.closed]

    def rule(self, stay: Stay) -> BarRule:
        """Return how a stay is drawn."""
        return self.diagram.bars[stay.rule]

    def concerned(self, row: Row) -> tuple[str, ...]:
        """Return the labels whose bars a row opens, closes or touches; a marker's are all."""
        if row.marker:
            return tuple(label for label in row.event.labels if label != row.lane)
        labels = (row.label(self.diagram.bars[position]) for position in row.rules)
        return tuple(label for label in labels if label is not None)


def read(history: History, diagram: Diagram, excerpt: Excerpt = WHOLE) -> Timeline:
    """Return what the diagram shows of a history, or of an excerpt from it."""
    rows = tuple(_rows(history, diagram, excerpt))
    return Timeline(diagram, rows, tuple(_stays(rows, diagram)))


def part(time: Timeline, rows: Iterable[Row]) -> Timeline:
    """Return what remains of a timeline when these of its rows remain, in order."""
    remaining = tuple(rows)
    return Timeline(time.diagram, remaining, tuple(_stays(remaining, time.diagram)))


def _rows(history: History, diagram: Diagram, excerpt: Excerpt) -> Iterator[Row]:
    concerned: dict[str, list[int]] = {}
    for position, rule in enumerate(diagram.bars):
        for kind in {rule.opens, rule.closes, *rule.touches}:
            concerned.setdefault(kind, []).append(position)
    row: Row | None = None
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
        row = Row(event, lane, number, number, rules, marker, event.details)
    if row:
        yield row


def _same_touch(row: Row, event: Event, diagram: Diagram) -> bool:
    turning = {kind for rule in diagram.bars for kind in (rule.opens, rule.closes)}
    return (
        not row.marker
        and event.kind not in turning
        and (row.event.kind, row.event.labels) == (event.kind, event.labels)
    )


def _stays(rows: tuple[Row, ...], diagram: Diagram) -> list[Stay]:
    """Return each label's stays, homes before their guests, in order of their first row.

    What is touched or closed after it was closed is open again: a stay begins anew.
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
    """Extend the guest of `home` in this lane to the row, or begin it there."""
    for stay in stays:
        if stay.home is home and stay.lane == lane:
            stay.end = number
            return
    stays.append(Stay(home.label, home.rule, lane, number, number, True, True, home))


def describe(details: dict[str, Scalar]) -> str:
    """Return an event's details in one line: texts as they are, other values with their names."""
    return " ".join(
        value if isinstance(value, str) else f"{name}={value}"
        for name, value in details.items()
        if value is not None and value != ""
    )


def natural(label: str) -> tuple[str, int]:
    """Return what puts `T2` before `T10`."""
    letters = label.rstrip("0123456789")
    return letters, int(label[len(letters) :] or 0)
