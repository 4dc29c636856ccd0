"""The lifecycle in a citation: a history as Mermaid text, cut to what shows the verdict."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from casebook.draw import mermaid
from casebook.draw.timeline import Stay, Timeline, TimelineRow, part_of, read_timeline
from casebook.plan.investigation import Diagram
from casebook.record import Event, History

STEPS = 60
"""The most messages and notes in a lifecycle: GitHub draws many more, but nobody reads them."""

COLUMNS = 12
"""The most columns in a lifecycle besides the lanes: more would be too small to read."""


@dataclass(frozen=True, slots=True)
class Lifecycle:
    """A history as Mermaid text, with the number of steps it shows and has."""

    mermaid: str
    shown: int
    steps: int


def lifecycle(history: History, diagram: Diagram, events: Sequence[int]) -> Lifecycle | None:
    """Return the lifecycle that shows these events of a history, or None if it has no steps.

    Events are positions counted from 0. A long or wide lifecycle is cut: to the events themselves,
    then to the stays of the labels they concern, then to the rows nearest to the first event, as
    far as there is room. Each row is shown with the rows that open and close its bars.
    """
    time = read_timeline(history, diagram)
    steps = _steps(time)
    if not steps:
        return None
    if steps > STEPS or len({stay.label for stay in time.homes}) > COLUMNS:
        time = part_of(time, _Cut(time).rows(history, events))
    return Lifecycle(mermaid.written(time), _steps(time), steps)


def _steps(time: Timeline) -> int:
    return sum(map(_weight, time.rows)) + len(time.unclosed)


def _weight(row: TimelineRow) -> int:
    """Return the number of messages and notes that a row becomes."""
    return len(row.rules) + row.marker


class _Cut:
    """Chooses rows of a timeline until there are enough."""

    def __init__(self, time: Timeline) -> None:
        self.time = time
        self.homes = time.homes
        self.chosen: set[int] = set()
        self.weight = 0
        self.labels: set[str] = set()
        self.touching: dict[int, list[Stay]] = {}
        for stay in self.homes:
            for number in stay.touched:
                self.touching.setdefault(number, []).append(stay)

    def rows(self, history: History, events: Sequence[int]) -> tuple[TimelineRow, ...]:
        """Return the rows that show these events and any others that fit, in order."""
        self.add_each(self.about(at, history.events[at]) for at in events)
        known = [stay for stay in self.homes if stay.start in self.chosen]
        self.add_each({row} for row in sorted({row for stay in known for row in stay.touched}))
        self.add_each({row} for row in self.around(events[0] if events else 0))
        return tuple(self.time.rows[row] for row in sorted(self.chosen))

    def about(self, at: int, event: Event) -> set[int]:
        """Return the row of an event, if it has one, and the rows that open its labels."""
        rows = self.time.rows
        shown = (number for number, row in enumerate(rows) if row.first <= at + 1 <= row.last)
        return {*shown, *(stay.start for stay in self.homes if self.open_at(stay, at, event))}

    def open_at(self, stay: Stay, at: int, event: Event) -> bool:
        """Return whether a stay belongs to one of the event's labels and was open at the event."""
        if stay.label not in event.labels or self.time.rows[stay.start].first > at + 1:
            return False
        return not stay.closed or at + 1 <= self.time.rows[stay.end].last

    def around(self, at: int) -> list[int]:
        """Return all rows, the nearest to an event first."""
        rows = self.time.rows
        middle = sum(row.first <= at for row in rows)
        return sorted(range(len(rows)), key=lambda row: abs(row - middle))

    def add_each(self, groups: Iterable[set[int]]) -> None:
        """Add these rows, group by group, while there is room."""
        for group in groups:
            if not self.add(group):
                return

    def add(self, rows: set[int]) -> bool:
        """Add rows, with the rows that open and close their bars, if there is room for them all."""
        found: set[int] = set()
        stays: dict[tuple[str, int], Stay] = {}
        while rows := rows - found - self.chosen:
            found |= rows
            touched = [stay for row in rows for stay in self.touching.get(row, ())]
            stays |= {(stay.label, stay.start): stay for stay in touched}
            rows = {end for stay in touched for end in _ends(stay)}
        weight = self.weight + sum(_weight(self.time.rows[row]) for row in found)
        weight += sum(not stay.closed and stay.start in found for stay in stays.values())
        labels = self.labels | {label for label, _ in stays}
        if weight > STEPS or len(labels) > COLUMNS:
            return False
        self.chosen |= found
        self.weight, self.labels = weight, labels
        return True


def _ends(stay: Stay) -> set[int]:
    return {stay.start, stay.end} if stay.closed else {stay.start}
