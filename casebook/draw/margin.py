"""The lifecycle in the margin of a history: what was open while each of its events happened.

Each event has a line of its own. Beside the lines stands a bar for each label of the diagram, from
the event that opens it to the one that closes it.
"""

from __future__ import annotations

from dataclasses import dataclass

from casebook.draw.svg import BAR, MARGIN, place
from casebook.draw.timeline import read_timeline
from casebook.plan.investigation import Diagram
from casebook.record import History
from casebook.templates import template

LINE = 20
"""The height of an event's line, in pixels; `history.css` has the same."""

WIDEST = 320
"""The most pixels that the bars take up, however many there are."""

NARROW = 96
"""The width in pixels up to which a phone has room for the bars as they are, with their labels."""

READABLE = 14
"""The width in pixels from which a bar has room for its label."""

USUAL = 0.8
"""The scale of a margin that has room, against the drawing of a lifecycle."""


@dataclass(frozen=True, slots=True)
class MarginBar:
    """The bar of a label: the middle of its upper end, and its height."""

    label: str
    x: int
    y: int
    height: int


@dataclass(frozen=True, slots=True)
class Margin:
    """The bars beside the lines of a history, in pixels, by their rule and kind.

    A kind is "", "open" of what no event closed, and "guest" of what another lane had opened; see
    `svg.DrawnBar`. `letters` says which rule is which.
    """

    width: int
    height: int
    bar: float
    kinds: dict[tuple[int, str], list[MarginBar]]
    letters: tuple[tuple[int, str, str], ...]

    @property
    def labelled(self) -> bool:
        """Whether a bar has room for its label."""
        return self.bar >= READABLE

    @property
    def narrow(self) -> bool:
        """Whether a phone need not squeeze the bars."""
        return self.width <= NARROW

    @property
    def unclosed(self) -> int:
        """How many bars nothing closed."""
        return sum(len(bars) for (_, kind), bars in self.kinds.items() if kind == "open")


def margin(history: History, diagram: Diagram) -> Margin:
    """Return the margin of a history's lines; it has no bars where the diagram shows none."""
    time = read_timeline(history, diagram)
    lanes, columns, _ = place(time)
    full = max((lane.x + lane.width for lane in lanes), default=MARGIN) - MARGIN
    scale = min(USUAL, WIDEST / full) if full else USUAL
    height = LINE * len(history.events)
    kinds: dict[tuple[int, str], list[MarginBar]] = {}
    for stay in time.stays:
        first = time.rows[stay.start].first
        last = time.rows[stay.end].last if stay.closed else len(history.events)
        kind = "guest" if stay.guest else "" if stay.closed else "open"
        x = columns[stay.lane, stay.rule, stay.label] - MARGIN + BAR / 2
        bar = MarginBar(
            label=stay.label,
            x=round(x * scale),
            y=(first - 1) * LINE + 2,
            height=(last - first + 1) * LINE - (4 if stay.closed else 0),
        )
        kinds.setdefault((stay.rule, kind), []).append(bar)
    return Margin(
        width=round(full * scale) if kinds else 0,
        height=height,
        bar=round(BAR * scale, 1),
        kinds=kinds,
        letters=tuple(
            (number, rule.label, rule.title)
            for number, rule in enumerate(diagram.bars)
            if any(rule == number for rule, _ in kinds)
        ),
    )


def margin_svg(drawn: Margin) -> str:
    """Return the margin as an inline SVG, or "" where it has no bars."""
    if not drawn.kinds:
        return ""
    return template("figures/margin.svg.j2").render(margin=drawn)
