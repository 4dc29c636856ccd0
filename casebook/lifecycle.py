"""The lifecycle in a citation: a history as Mermaid text; of a long one, what shows the verdict."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from casebook import mermaid, timeline
from casebook.plan.investigation import Diagram
from casebook.record import Event, History
from casebook.timeline import Row, Stay, Timeline

STEPS = 60
"""The messages and notes of a lifecycle: GitHub draws many more, and nobody reads them."""

COLUMNS = 12
"""What a lifecycle shows beside one another, without the lanes: more is too small to read."""


@dataclass(frozen=True, slots=True)
class Lifecycle:
    """A history as Mermaid text, with how many of its steps are shown."""

    mermaid: str
    shown: int
    steps: int


def lifecycle(history: History, diagram: Diagram, events: Sequence[int]) -> Lifecycle | None:
    """Return the lifecycle that shows these events of a history, counted from 0.

    A long or wide one is cut to the first of them, to what became of what they concern, and to what
    happened before and after the first. What is shown is shown with what opened and closed it.
    None without a step.
    """
    time = timeline.read(history, diagram)
    steps = _steps(time)
    if not steps:
        return None
    if steps > STEPS or len({stay.label for stay in time.homes}) > COLUMNS:
        time = timeline.part(time, _Cut(time).rows(history, events))
    return Lifecycle(mermaid.written(time), _steps(time), steps)


def _steps(time: Timeline) -> int:
    return sum(map(_weight, time.rows)) + len(time.unclosed)


def _weight(row: Row) -> int:
    """Return how many messages and notes a row becomes."""
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

    def rows(self, history: History, events: Sequence[int]) -> tuple[Row, ...]:
        """Return the rows that show these events, then what else fits, in their order."""
        self.add_each(self.about(at, history.events[at]) for at in events)
        known = [stay for stay in self.homes if stay.start in self.chosen]
        self.add_each({row} for row in sorted({row for stay in known for row in stay.touched}))
        self.add_each({row} for row in self.around(events[0] if events else 0))
        return tuple(self.time.rows[row] for row in sorted(self.chosen))

    def about(self, at: int, event: Event) -> set[int]:
        """Return the row of an event, if it has one, and those that open what it concerns."""
        rows = self.time.rows
        shown = (number for number, row in enumerate(rows) if row.first <= at + 1 <= row.last)
        return {*shown, *(one.start for one in self.homes if self.open_at(one, at, event))}

    def open_at(self, stay: Stay, at: int, event: Event) -> bool:
        """Return whether a stay is of one of an event's labels and was open then."""
        if stay.label not in event.labels or self.time.rows[stay.start].first > at + 1:
            return False
        return not stay.closed or at + 1 <= self.time.rows[stay.end].last

    def around(self, at: int) -> list[int]:
        """Return all rows, those first that are nearest to an event."""
        rows = self.time.rows
        middle = sum(row.first <= at for row in rows)
        return sorted(range(len(rows)), key=lambda row: abs(row - middle))

    def add_each(self, groups: Iterable[set[int]]) -> None:
        """Choose these rows, group by group, while there is room."""
        for group in groups:
            if not self.add(group):
                return

    def add(self, rows: set[int]) -> bool:
        """Choose rows with all that opens and closes what they concern, where there is room."""
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
