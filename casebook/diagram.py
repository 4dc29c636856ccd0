"""A history drawn: which bars were open when, in which lane, laid out without knowing any kind.

Time runs downward, one row for each event that the investigation's `plan.Diagram` names. `draw`
places everything; the templates `diagram.svg.j2` and `diagram.mmd.j2` only write it down.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path
from typing import Any

import jinja2
from markupsafe import Markup

from casebook.plan import Bar as BarRule
from casebook.plan import Diagram
from casebook.record import Event, History, Scalar

TEMPLATES = Path(__file__).resolve().parent.parent / "docs" / "templates"

NOTE_LENGTH = 44
"""Characters of a row's details that a diagram shows at least; event tables show all of them."""

FULL_WIDTH = 716
"""The width up to which a drawing shows more of the details, where its lanes leave room."""

MERMAID_LENGTH = 80
"""Characters of a label in Mermaid text."""

FAILED_STATUS = 500
"""A bar whose closing event has a `status` of at least this is marked as failed."""

MARGIN = 34
HEADER = 30
ROW = 21
COLUMN = 28
BAR = 24
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
class Bar:
    """A rectangle: `label` was open here, from event `first` to event `last` (counted from 1).

    `rule` is the position of its `plan.Bar`. `closed` is false where nothing ever closed it,
    `guest` is true in a lane that used what another lane had opened, `status` is a failed one.
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
    """A thin line between two places where the same label is drawn."""

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
    """A marker in its lane: something that a reader must not overlook."""

    kind: str
    x: int
    y: int


@dataclass(frozen=True, slots=True)
class Note:
    """The words of one row. `tone` is "", "marker", "failed" or, without a kind, "unclosed"."""

    number: str
    labels: tuple[str, ...]
    kind: str
    text: str
    tone: str
    y: int


@dataclass(frozen=True, slots=True)
class Drawing:
    """Everything at its place, in pixels from the upper left corner."""

    width: int
    height: int
    text_x: int
    bar_width: int
    outcome: str
    reason: str
    lanes: tuple[Lane, ...]
    bars: tuple[Bar, ...]
    spines: tuple[Line, ...]
    links: tuple[Line, ...]
    ticks: tuple[Tick, ...]
    marks: tuple[Mark, ...]
    notes: tuple[Note, ...]
    legend: tuple[tuple[int, str, str], ...]

    @property
    def unclosed(self) -> tuple[str, ...]:
        """The labels that nothing closed, in order."""
        return tuple(bar.label for bar in self.bars if not bar.closed and not bar.guest)


def draw(history: History, diagram: Diagram) -> Drawing:
    """Return the history laid out as the investigation's diagram says."""
    rows = tuple(_rows(history, diagram))
    stays = _stays(rows, diagram)
    lanes, columns, marked = _place(rows, stays)
    text_x = (lanes[-1].x + lanes[-1].width if lanes else MARGIN) + GAP
    room = int((FULL_WIDTH - GAP - text_x) / CHARACTER)
    notes = (*_notes(rows, room, diagram), *_unclosed_notes(len(rows), stays, diagram))
    longest = max((_note_length(note) for note in notes), default=0)
    segments = [stay for stay in stays if not stay.guest]
    return Drawing(
        width=round(text_x + longest * CHARACTER) + GAP,
        height=HEADER + ROW * max(len(notes), 1) + 6,
        text_x=text_x,
        bar_width=BAR,
        outcome=history.outcome,
        reason=history.reason,
        lanes=lanes,
        bars=tuple(_bar(stay, rows, columns, len(notes), diagram) for stay in stays),
        spines=tuple(_spines(segments, columns)),
        links=tuple(_links(stays, columns)),
        ticks=tuple(_ticks(stays, rows, columns, diagram)),
        marks=tuple(
            Mark(row.event.kind, marked[row.lane], _y(number))
            for number, row in enumerate(rows)
            if row.marker
        ),
        notes=notes,
        legend=tuple(
            (number, rule.label, rule.title)
            for number, rule in enumerate(diagram.bars)
            if any(stay.rule == number for stay in stays)
        ),
    )


def svg(drawing: Drawing, title: str) -> str:
    """Return the drawing as an inline SVG without ids, so that several fit on one page."""
    return templates().get_template("diagram.svg.j2").render(drawing=drawing, title=title)


def mermaid(history: History, diagram: Diagram) -> str:
    """Return the history as the text of a Mermaid sequence diagram."""
    rows = tuple(_rows(history, diagram))
    stays = _stays(rows, diagram)
    return (
        templates()
        .get_template("diagram.mmd.j2")
        .render(
            participants=_participants(rows, stays, diagram),
            steps=tuple(_steps(rows, stays, diagram)),
            unclosed=[stay.label for stay in stays if not stay.closed and not stay.guest],
        )
    )


# --- Templates and untrusted text -----------------------------------------------------------------

_INVISIBLE = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ud800-\udfff\ufeff]"
)


def visible(value: Any) -> Any:
    r"""Return a text with each control or direction character as `\x..`; else the value itself.

    Line ends and tabs stay. Markup that a template made stays markup.
    """
    if not isinstance(value, str):
        return value
    shown = _INVISIBLE.sub(lambda found: _hexadecimal(found.group()), value)
    return Markup(shown) if isinstance(value, Markup) else shown


def one_line(text: str) -> str:
    r"""Return a text on one line, its line ends and tabs written as `\x..` too."""
    return re.sub(r"[\n\t]", lambda found: _hexadecimal(found.group()), visible(text))


def cut(text: str, length: int) -> str:
    """Return a text of at most `length` characters, with an ellipsis where it was longer."""
    return text if len(text) <= length else text[: length - 1] + "…"


def _hexadecimal(character: str) -> str:
    code = ord(character)
    return f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}"


_MERMAID = str.maketrans(
    {"#": "#35;", ";": ",", "<": "#60;", ">": "#62;", "&": "#38;", "%": "#37;"}
)


def mermaid_text(text: str) -> str:
    """Return a text that Mermaid shows as it is, apart from `;`, which becomes a comma."""
    return cut(one_line(text), MERMAID_LENGTH).translate(_MERMAID)


def environment(*folders: Path) -> jinja2.Environment:
    """Return the Jinja environment of the engine's templates and of prose in these folders.

    `*.html.j2` and `*.svg.j2` escape what they show; Markdown does it through filters.
    """
    made = jinja2.Environment(
        loader=jinja2.FileSystemLoader([TEMPLATES, *folders]),
        undefined=jinja2.StrictUndefined,
        autoescape=lambda name: name is not None and name.endswith((".html.j2", ".svg.j2")),
        finalize=visible,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    made.filters["mermaid"] = mermaid_text
    made.filters["one_line"] = one_line
    made.filters["cut"] = cut
    return made


@functools.cache
def templates() -> jinja2.Environment:
    """Return the environment of the engine's own templates."""
    return environment()


# --- From events to rows and bars -----------------------------------------------------------------


@dataclass(slots=True)
class _Row:
    """One row: an event, or several equal touches in sequence, numbered from 1."""

    event: Event
    lane: str
    first: int
    last: int
    rules: tuple[int, ...]
    marker: bool
    details: dict[str, Scalar]

    def label(self, rule: BarRule) -> str | None:
        return self.event.label(rule.label)


@dataclass(slots=True)
class _Stay:
    """A time during which a label was open, in one lane. A guest stays in another's lane."""

    label: str
    rule: int
    lane: str
    start: int
    end: int
    closed: bool
    guest: bool
    home: _Stay | None = None
    touched: list[int] = field(default_factory=list)


def _rows(history: History, diagram: Diagram) -> Iterator[_Row]:
    row: _Row | None = None
    for number, event in enumerate(history.events, 1):
        rules = tuple(
            position
            for position, rule in enumerate(diagram.bars)
            if event.kind in (rule.opens, rule.closes, *rule.touches) and event.label(rule.label)
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
        row = _Row(event, lane, number, number, rules, marker, event.details)
    if row:
        yield row


def _same_touch(row: _Row, event: Event, diagram: Diagram) -> bool:
    turning = {kind for rule in diagram.bars for kind in (rule.opens, rule.closes)}
    return (
        not row.marker
        and event.kind not in turning
        and (row.event.kind, row.event.labels) == (event.kind, event.labels)
    )


def _stays(rows: tuple[_Row, ...], diagram: Diagram) -> list[_Stay]:
    """Return each label's stays, homes before their guests, in order of their first row.

    What is touched or closed after it was closed is open again: a stay begins anew.
    """
    stays: list[_Stay] = []
    for position, rule in enumerate(diagram.bars):
        open_stays: dict[str, _Stay] = {}
        for number, row in enumerate(rows):
            label = row.label(rule)
            if position not in row.rules or label is None:
                continue
            stay = open_stays.get(label)
            if stay is None:
                stay = _Stay(label, position, row.lane, number, len(rows), False, False)
                open_stays[label] = stay
                stays.append(stay)
            if row.lane != stay.lane:
                _visit(stay, row.lane, number, stays)
            stay.touched.append(number)
            if row.event.kind == rule.closes:
                stay.end, stay.closed = number, True
                del open_stays[label]
    return stays


def _visit(home: _Stay, lane: str, number: int, stays: list[_Stay]) -> None:
    """Extend the guest of `home` in this lane to the row, or begin it there."""
    for stay in stays:
        if stay.home is home and stay.lane == lane:
            stay.end = number
            return
    stays.append(_Stay(home.label, home.rule, lane, number, number, True, True, home))


# --- From bars to places --------------------------------------------------------------------------

_Columns = dict[tuple[str, int, str], int]


def _place(
    rows: tuple[_Row, ...], stays: list[_Stay]
) -> tuple[tuple[Lane, ...], _Columns, dict[str, int]]:
    """Return the lanes, the x of each label's column in a lane, and the x of each lane's marks."""
    x = MARGIN
    lanes: list[Lane] = []
    columns: _Columns = {}
    marked: dict[str, int] = {}
    for lane in sorted({row.lane for row in rows}, key=_natural):
        start = x
        if any(row.marker for row in rows if row.lane == lane):
            marked[lane] = x + GUTTER // 2
            x += GUTTER
        for rule in sorted({stay.rule for stay in stays if stay.lane == lane}):
            taken: list[int] = []
            for label, (first, last) in _extents(stays, lane, rule).items():
                column = next((at for at, end in enumerate(taken) if end < first), len(taken))
                taken[column : column + 1] = [last]
                columns[lane, rule, label] = x + column * COLUMN
            x += len(taken) * COLUMN
        lanes.append(Lane(lane, start, max(x - start, COLUMN)))
        x = start + lanes[-1].width + GAP
    return tuple(lanes), columns, marked


def _extents(stays: list[_Stay], lane: str, rule: int) -> dict[str, tuple[int, int]]:
    """Return from which to which row each label needs its column in this lane."""
    extents: dict[str, tuple[int, int]] = {}
    for stay in stays:
        if (stay.lane, stay.rule) == (lane, rule):
            first, last = extents.get(stay.label, (stay.start, stay.end))
            following = [
                other.start
                for other in stays
                if (other.label, other.guest) == (stay.label, False) and other.start > stay.end
            ]
            reach = min(following, default=stay.end) if not stay.guest else stay.end
            extents[stay.label] = (min(first, stay.start), max(last, reach))
    return dict(sorted(extents.items(), key=lambda item: (item[1][0], _natural(item[0]))))


def _natural(label: str) -> tuple[str, int]:
    letters = label.rstrip("0123456789")
    return letters, int(label[len(letters) :] or 0)


def _y(row: int) -> int:
    return HEADER + row * ROW + ROW // 2


def _bar(
    stay: _Stay, rows: tuple[_Row, ...], columns: _Columns, height: int, diagram: Diagram
) -> Bar:
    top = _y(stay.start) - 8
    bottom = _y(stay.end) + 8 if stay.closed else HEADER + ROW * height
    closing = rows[stay.end] if stay.closed and not stay.guest else None
    return Bar(
        label=stay.label,
        title=diagram.bars[stay.rule].title,
        rule=stay.rule,
        lane=stay.lane,
        x=columns[stay.lane, stay.rule, stay.label],
        y=top,
        height=bottom - top,
        first=rows[stay.start].first,
        last=rows[min(stay.end, len(rows) - 1)].last,
        closed=stay.closed,
        guest=stay.guest,
        status=_failed_status(closing),
    )


def _failed_status(row: _Row | None) -> str:
    status = row.event.get("status") if row else None
    return str(status) if isinstance(status, int) and status >= FAILED_STATUS else ""


def _spines(segments: list[_Stay], columns: _Columns) -> Iterator[Line]:
    """Yield the lines that join one label's stays down to where the next begins."""
    for before, after in _following(segments):
        x = columns[before.lane, before.rule, before.label] + BAR // 2
        yield Line(before.label, before.rule, x, _y(before.end) + 8, x, _y(after.start))


def _links(stays: list[_Stay], columns: _Columns) -> Iterator[Line]:
    """Yield the lines that join one label's bars in two lanes."""
    homes = [stay for stay in stays if not stay.guest]
    moves = [pair for pair in _following(homes) if pair[0].lane != pair[1].lane]
    visits = [(stay.home, stay) for stay in stays if stay.home]
    for source, target in (*moves, *visits):
        x1 = columns[source.lane, source.rule, source.label]
        x2 = columns[target.lane, target.rule, target.label]
        edges = (x1 + BAR, x2) if x1 < x2 else (x1, x2 + BAR)
        y = _y(target.start)
        yield Line(source.label, source.rule, edges[0], y, edges[1], y)


def _following(segments: list[_Stay]) -> Iterator[tuple[_Stay, _Stay]]:
    by_label: dict[tuple[int, str], list[_Stay]] = {}
    for stay in segments:
        by_label.setdefault((stay.rule, stay.label), []).append(stay)
    for stays in by_label.values():
        yield from pairwise(stays)


def _ticks(
    stays: list[_Stay], rows: tuple[_Row, ...], columns: _Columns, diagram: Diagram
) -> Iterator[Tick]:
    for stay in stays:
        rule = diagram.bars[stay.rule]
        for number in stay.touched:
            row = rows[number]
            if row.event.kind in rule.touches:
                x = columns[row.lane, stay.rule, stay.label]
                yield Tick(row.event.kind, stay.rule, x, _y(number))


def _notes(rows: tuple[_Row, ...], room: int, diagram: Diagram) -> Iterator[Note]:
    for number, row in enumerate(rows):
        labels = _concerned(row, diagram)
        left = room - len(" ".join((*labels, row.event.kind, "")))
        yield Note(
            number=str(row.first) if row.first == row.last else f"{row.first}…",
            labels=labels,
            kind=row.event.kind,
            text=cut(one_line(_summary(row)), max(left, NOTE_LENGTH)),
            tone="marker" if row.marker else "failed" if _failed_status(row) else "",
            y=_y(number),
        )


def _summary(row: _Row) -> str:
    """Return a row's details; of a marker only the texts, which say what it is about."""
    if not row.marker:
        return describe(row.details)
    return " ".join(value for value in row.details.values() if isinstance(value, str))


def _unclosed_notes(start: int, stays: list[_Stay], diagram: Diagram) -> Iterator[Note]:
    row = start
    for position, rule in enumerate(diagram.bars):
        labels = tuple(
            stay.label
            for stay in stays
            if stay.rule == position and not stay.closed and not stay.guest
        )
        if labels:
            yield Note(
                "", (cut(", ".join(labels), NOTE_LENGTH),), "", rule.title, "unclosed", _y(row)
            )
            row += 1


def _note_length(note: Note) -> int:
    return len(" ".join((*note.labels, note.kind or "never closed", note.text)))


def _concerned(row: _Row, diagram: Diagram) -> tuple[str, ...]:
    """Return the labels whose bars this row opens, closes or touches; a marker's are all."""
    if row.marker:
        return tuple(label for label in row.event.labels if label != row.lane)
    labels = (row.label(diagram.bars[position]) for position in row.rules)
    return tuple(label for label in labels if label is not None)


def describe(details: dict[str, Scalar]) -> str:
    """Return an event's details in one line: texts as they are, other values with their names."""
    return " ".join(
        value if isinstance(value, str) else f"{name}={value}"
        for name, value in details.items()
        if value is not None and value != ""
    )


# --- Mermaid --------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Participant:
    """A column of the Mermaid text."""

    label: str
    title: str


@dataclass(frozen=True, slots=True)
class Step:
    """A line of the Mermaid text: a message, or a note where `target` is empty."""

    source: str
    target: str
    text: str
    activates: bool
    deactivates: bool


def _participants(
    rows: tuple[_Row, ...], stays: list[_Stay], diagram: Diagram
) -> tuple[Participant, ...]:
    lanes = sorted({row.lane for row in rows}, key=_natural)
    titles = {stay.label: diagram.bars[stay.rule].title for stay in stays}
    return (
        *(Participant(lane or diagram.lane, "") for lane in lanes),
        *(Participant(label, title) for label, title in titles.items()),
    )


def _steps(rows: tuple[_Row, ...], stays: list[_Stay], diagram: Diagram) -> Iterator[Step]:
    homes = [stay for stay in stays if not stay.guest]
    starts = {(stay.start, stay.label) for stay in homes}
    ends = {(stay.end, stay.label) for stay in homes if stay.closed}
    for number, row in enumerate(rows):
        source = row.lane or diagram.lane
        text = f"{row.event.kind} {_summary(row)}".strip()
        if row.marker:
            yield Step(source, "", text, False, False)
        for position in row.rules:
            label = row.label(diagram.bars[position])
            if label is not None:
                place = (number, label)
                yield Step(source, label, text, place in starts, place in ends)
