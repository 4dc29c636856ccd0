"""A history as a Mermaid sequence diagram, for replies that cannot hold an image."""

from __future__ import annotations

import functools
from collections.abc import Iterator
from dataclasses import dataclass

import jinja2

from casebook.draw.timeline import WHOLE, Excerpt, Timeline, read_timeline
from casebook.plan.investigation import Diagram
from casebook.record import History
from casebook.templates import environment
from casebook.text import one_line

LENGTH = 80
"""The most characters that a label may have."""


def mermaid(history: History, diagram: Diagram, excerpt: Excerpt = WHOLE) -> str:
    """Return the history, or an excerpt from it, as the text of a Mermaid sequence diagram."""
    return written(read_timeline(history, diagram, excerpt))


def written(time: Timeline) -> str:
    """Return a timeline as the text of a Mermaid sequence diagram."""
    return _template().render(
        participants=_participants(time),
        steps=tuple(_steps(time)),
        unclosed=[stay.label for stay in time.unclosed],
    )


_SYNTAX = str.maketrans({"#": "#35;", ";": ",", "<": "#60;", ">": "#62;", "&": "#38;", "%": "#37;"})


def mermaid_text(text: str) -> str:
    """Return a text escaped for Mermaid; only `;` is shown differently, as a comma."""
    return one_line(text, LENGTH).translate(_SYNTAX)


@functools.cache
def _template() -> jinja2.Template:
    templates = environment()
    templates.filters["mermaid"] = mermaid_text
    return templates.get_template("figures/diagram.mmd.j2")


@dataclass(frozen=True, slots=True)
class Participant:
    """A column of the diagram."""

    label: str
    title: str


@dataclass(frozen=True, slots=True)
class Step:
    """A line of the diagram: a message, or a note where `target` is empty."""

    source: str
    target: str
    text: str
    activates: bool
    deactivates: bool


def _participants(time: Timeline) -> tuple[Participant, ...]:
    titles = {stay.label: time.rule(stay).title for stay in time.stays}
    return (
        *(Participant(lane or time.diagram.lane, "") for lane in time.lanes),
        *(Participant(label, title) for label, title in titles.items()),
    )


def _steps(time: Timeline) -> Iterator[Step]:
    starts = {(stay.start, stay.label) for stay in time.homes}
    ends = {(stay.end, stay.label) for stay in time.homes if stay.closed}
    for number, row in enumerate(time.rows):
        source = row.lane or time.diagram.lane
        text = f"{row.event.kind} {row.summary}".strip()
        if row.marker:
            yield Step(source, "", text, False, False)
        for position in row.rules:
            label = row.label(time.diagram.bars[position])
            if label is not None:
                place = number, label
                yield Step(source, label, text, place in starts, place in ends)
