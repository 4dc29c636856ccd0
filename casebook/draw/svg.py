"""Draws a history as an SVG: when each bar was open, and in which lane.

Time runs downward, with one row for each event that the investigation's `plan.Diagram` names, so no
event kind is built in. `draw` places everything; `figures/diagram.svg.j2` only writes it down.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from casebook.draw.mermaid import mermaid
from casebook.draw.timeline import (
    WHOLE,
    Excerpt,
    Stay,
    Timeline,
    TimelineRow,
    natural,
    read_timeline,
)
from casebook.plan.investigation import Diagram
from casebook.record import History
from casebook.templates import template
from casebook.text import one_line

__all__ = ["Drawing", "draw", "mermaid", "svg"]

NOTE_LENGTH = 44
"""The fewest characters of a row's details that a diagram may cut to; event tables show all."""

FULL_WIDTH = 716
"""The width, in pixels, that a drawing may fill with details if its lanes leave room."""

FAILED_STATUS = 500
"""A bar whose closing event has a `status` of at least this is marked as failed."""

MARGIN = 34
HEADER = 30
ROW = 21
COLUMN = 25
BAR = 22
GUTTER = 16
GAP = 14
CHARACTER = 6.65


@dataclass(frozen=True, slots=True)
class Lane:
    """The columns of one label of the letter `plan.Diagram.lane`."""

    label: str
    x: int
    width: int


@dataclass(frozen=True, slots=True)
class DrawnBar:
    """A rectangle: `label` was open here, from event `first` to event `last` (counted from 1).

    `rule` is the position of its `plan.Bar`. `closed` is false if no event closed it, `guest` is
    true in a lane that used what another lane had opened, `status` is the status if it failed.
    """

    label: str
    title: str
    rule: int
    lane: str
    x: int
    y: int
    height: int
    first: int
    last: int
    closed: bool
    guest: bool
    status: str


@dataclass(frozen=True, slots=True)
class Line:
    """A thin line that joins two bars of the same label."""

    label: str
    rule: int
    x1: int
    y1: int
    x2: int
    y2: int


@dataclass(frozen=True, slots=True)
class Tick:
    """An event that touched an open bar."""

    kind: str
    rule: int
    x: int
    y: int


@dataclass(frozen=True, slots=True)
class Mark:
    """A marker in its lane, for an event that a reader must not overlook."""

    kind: str
    x: int
    y: int


@dataclass(frozen=True, slots=True)
class Note:
    """The text of one row. `tone` is "", "marker", "failed" or, without a kind, "unclosed"."""

    number: str
    labels: tuple[str, ...]
    kind: str
    text: str
    tone: str
    y: int


@dataclass(frozen=True, slots=True)
class Drawing:
    """The laid-out elements of a drawing, in pixels from the upper left corner."""

    width: int
    height: int
    text_x: int
    bar_width: int
    lane_title: str
    outcome: str
    reason: str
    lanes: tuple[Lane, ...]
    bars: tuple[DrawnBar, ...]
    spines: tuple[Line, ...]
    links: tuple[Line, ...]
    ticks: tuple[Tick, ...]
    marks: tuple[Mark, ...]
    notes: tuple[Note, ...]
    legend: tuple[tuple[int, str, str], ...]

    @property
    def unclosed(self) -> tuple[str, ...]:
        """The labels that no event closed, in order."""
        return tuple(bar.label for bar in self.bars if not bar.closed and not bar.guest)


def draw(history: History, diagram: Diagram, excerpt: Excerpt = WHOLE) -> Drawing:
    """Return the history, or an excerpt from it, laid out by the investigation's diagram."""
    time = read_timeline(history, diagram, excerpt)
    lanes, columns, marked = place(time)
    text_x = (lanes[-1].x + lanes[-1].width if lanes else MARGIN) + GAP
    room = int((FULL_WIDTH - GAP - text_x) / CHARACTER)
    notes = (*_notes(time, room), *_unclosed_notes(time))
    longest = max((_note_length(note) for note in notes), default=0)
    return Drawing(
        width=round(text_x + longest * CHARACTER) + GAP,
        height=HEADER + ROW * max(len(notes), 1) + 6,
        text_x=text_x,
        bar_width=BAR,
        lane_title=diagram.lane_title,
        outcome=history.outcome,
        reason=history.reason,
        lanes=lanes,
        bars=tuple(_bar(stay, time, columns, len(notes)) for stay in time.stays),
        spines=tuple(_spines(time.homes, columns)),
        links=tuple(_links(time, columns)),
        ticks=tuple(_ticks(time, columns)),
        marks=tuple(
            Mark(row.event.kind, marked[row.lane], _y(number))
            for number, row in enumerate(time.rows)
            if row.marker
        ),
        notes=notes,
        legend=tuple(
            (number, rule.label, rule.title)
            for number, rule in enumerate(diagram.bars)
            if any(stay.rule == number for stay in time.stays)
        ),
    )


def svg(drawing: Drawing, title: str) -> str:
    """Return the drawing as an inline SVG, without ids so that a page can hold several."""
    return template("figures/diagram.svg.j2").render(drawing=drawing, title=title)


# --- From bars to places --------------------------------------------------------------------------

_Columns = dict[tuple[str, int, str], int]


def place(time: Timeline) -> tuple[tuple[Lane, ...], _Columns, dict[str, int]]:
    """Return the lanes, the x of each label's column in a lane, and the x of each lane's marks."""
    x = MARGIN
    lanes: list[Lane] = []
    columns: _Columns = {}
    marked: dict[str, int] = {}
    beside: dict[tuple[str, int], list[Stay]] = {}
    for stay in time.stays:
        beside.setdefault((stay.lane, stay.rule), []).append(stay)
    begins: dict[str, list[int]] = {}
    for stay in time.homes:
        begins.setdefault(stay.label, []).append(stay.start)
    for lane in time.lanes:
        start = x
        if any(row.marker for row in time.rows if row.lane == lane):
            marked[lane] = x + GUTTER // 2
            x += GUTTER
        for rule in range(len(time.diagram.bars)):
            taken: list[int] = []
            for label, (first, last) in _extents(beside.get((lane, rule), []), begins).items():
                column = next((at for at, end in enumerate(taken) if end < first), len(taken))
                taken[column : column + 1] = [last]
                columns[lane, rule, label] = x + column * COLUMN
            x += len(taken) * COLUMN
        width = max(x - start, COLUMN)
        lanes.append(Lane(lane, start, width))
        x = start + lanes[-1].width + GAP
    return tuple(lanes), columns, marked


def _extents(
    stays: Iterable[Stay], begins: Mapping[str, Sequence[int]]
) -> dict[str, tuple[int, int]]:
    """Return the first and last row between which each label of one lane needs its column.

    `begins` holds the first rows of a label's stays in all lanes, in order.
    """
    extents: dict[str, tuple[int, int]] = {}
    for stay in stays:
        first, last = extents.get(stay.label, (stay.start, stay.end))
        later = () if stay.guest else begins[stay.label]
        reach = next((start for start in later if start > stay.end), stay.end)
        extents[stay.label] = (min(first, stay.start), max(last, reach))
    return dict(sorted(extents.items(), key=lambda item: (item[1][0], natural(item[0]))))


def _y(row: int) -> int:
    return HEADER + row * ROW + ROW // 2


def _bar(stay: Stay, time: Timeline, columns: _Columns, height: int) -> DrawnBar:
    top = _y(stay.start) - 8
    bottom = _y(stay.end) + 8 if stay.closed else HEADER + ROW * height
    closing = time.rows[stay.end] if stay.closed and not stay.guest else None
    return DrawnBar(
        label=stay.label,
        title=time.rule(stay).title,
        rule=stay.rule,
        lane=stay.lane,
        x=columns[stay.lane, stay.rule, stay.label],
        y=top,
        height=bottom - top,
        first=time.rows[stay.start].first,
        last=time.rows[min(stay.end, len(time.rows) - 1)].last,
        closed=stay.closed,
        guest=stay.guest,
        status=_failed_status(closing),
    )


def _failed_status(row: TimelineRow | None) -> str:
    status = row.event.get("status") if row else None
    return str(status) if isinstance(status, int) and status >= FAILED_STATUS else ""


def _spines(segments: Iterable[Stay], columns: _Columns) -> Iterator[Line]:
    """Yield the lines that join each stay of a label to the next."""
    for before, after in _following(segments):
        x = columns[before.lane, before.rule, before.label] + BAR // 2
        yield Line(before.label, before.rule, x, _y(before.end) + 8, x, _y(after.start))


def _links(time: Timeline, columns: _Columns) -> Iterator[Line]:
    """Yield the lines that join the bars of one label across lanes."""
    moves = [pair for pair in _following(time.homes) if pair[0].lane != pair[1].lane]
    visits = [(stay.home, stay) for stay in time.stays if stay.home]
    for source, target in (*moves, *visits):
        x1 = columns[source.lane, source.rule, source.label]
        x2 = columns[target.lane, target.rule, target.label]
        edges = (x1 + BAR, x2) if x1 < x2 else (x1, x2 + BAR)
        y = _y(target.start)
        yield Line(source.label, source.rule, edges[0], y, edges[1], y)


def _following(segments: Iterable[Stay]) -> Iterator[tuple[Stay, Stay]]:
    by_label: dict[tuple[int, str], list[Stay]] = {}
    for stay in segments:
        by_label.setdefault((stay.rule, stay.label), []).append(stay)
    for stays in by_label.values():
        yield from pairwise(stays)


def _ticks(time: Timeline, columns: _Columns) -> Iterator[Tick]:
    for stay in time.stays:
        for number in stay.touched:
            row = time.rows[number]
            if row.event.kind in time.rule(stay).touches:
                x = columns[row.lane, stay.rule, stay.label]
                yield Tick(row.event.kind, stay.rule, x, _y(number))


def _notes(time: Timeline, room: int) -> Iterator[Note]:
    for number, row in enumerate(time.rows):
        labels = time.concerned(row)
        left = room - len(" ".join((*labels, row.event.kind, "")))
        yield Note(
            number=row.numbers,
            labels=labels,
            kind=row.event.kind,
            text=one_line(row.summary, max(left, NOTE_LENGTH)),
            tone="marker" if row.marker else "failed" if _failed_status(row) else "",
            y=_y(number),
        )


def _unclosed_notes(time: Timeline) -> Iterator[Note]:
    at = len(time.rows)
    for position, rule in enumerate(time.diagram.bars):
        labels = [stay.label for stay in time.unclosed if stay.rule == position]
        if labels:
            shown = one_line(", ".join(labels), NOTE_LENGTH)
            yield Note("", (shown,), "", rule.title, "unclosed", _y(at))
            at += 1


def _note_length(note: Note) -> int:
    return len(" ".join((*note.labels, note.kind or "never closed", note.text)))
