"""Says in words where two histories of the same cell part.

The words are made of an event's kind and labels, and of the titles that a diagram gives to labels:
the engine knows no kinds.
"""

from __future__ import annotations

import re
from collections.abc import Container, Iterable, Iterator
from dataclasses import replace

from casebook.judge.observed import ended
from casebook.plan.investigation import Bar, Diagram
from casebook.record import Event, History, Scalar
from casebook.text import alike, apart, one_line

WIDTH = 120
"""The characters of a detail that are told."""

_URL = re.compile(r"https?://[^\s<>\"')\]]+")


def parting(before: History, after: History, diagram: Diagram | None = None) -> str:
    """Return in words the first event at which two histories part, "" where they are equal.

    An address within a text is no behaviour (a library's errors may link to the documentation of
    their release): histories that differ in nothing else are said to do so. With a diagram labels
    have its titles, and of a bar that is closed later, or never, this is said. Where they part at
    an event that is of no bar (a warning, a note of the driver), it is also said where the bars do.
    Where one of them ends, all that follows in the other is more than it has: that is not told.
    """
    if before == after:
        return ""
    one, other = _without_urls(before), _without_urls(after)
    if one == other:
        return f"nothing but addresses in texts differs, {_Strands(before, after, diagram).told}"
    whole = _Strands(one, other, diagram)
    if diagram is None or whole.drawn or whole.ends_one:
        return whole.told
    drawn = _Strands(one, other, diagram, kinds=_kinds(diagram))
    rest = f"what is drawn parts {drawn.told}" if drawn.part else "what is drawn is the same"
    return f"{whole.told}. {rest[0].upper()}{rest[1:]}"


def told(event: Event, diagram: Diagram | None = None) -> str:
    """Return an event in words: what happened to what, and the other labels that it touches.

    A lane's label is left out, and so are details; "drawer D1 shut, guest G1".
    """
    bars = {bar.label: bar for bar in diagram.bars} if diagram else {}
    lane = diagram.lane if diagram else ""
    named = [(bars.get(_letter(label)), label) for label in event.labels if _letter(label) != lane]
    words = event.kind.replace("-", " ")
    for number, (bar, label) in enumerate(named):
        subject = _subject(event.kind, bar)
        if subject:
            words = f"{_titled(bar, label)} {event.kind.removeprefix(subject).replace('-', ' ')}"
            del named[number]
            break
    return ", ".join([words, *(_titled(bar, label) for bar, label in named)])


# --- The place ------------------------------------------------------------------------------------


class _Strands:
    """The events of two histories, all or those of some kinds, and the first that is not alike."""

    def __init__(
        self,
        before: History,
        after: History,
        diagram: Diagram | None,
        kinds: Container[str] | None = None,
    ) -> None:
        self.before, self.after, self.diagram = before, after, diagram
        self.ends = [
            [(n, one) for n, one in enumerate(of.events, 1) if kinds is None or one.kind in kinds]
            for of in (before, after)
        ]
        was, became = ([event for _, event in strand] for strand in self.ends)
        self.at = alike(was, became)
        self.part = was != became
        self.one, self.other = (
            strand[self.at][1] if self.at < len(strand) else None for strand in self.ends
        )

    @property
    def drawn(self) -> bool:
        """Whether they part at an event of a bar, in either history, or at the end of both."""
        kinds = _kinds(self.diagram) if self.diagram else ()
        events = [event for event in (self.one, self.other) if event]
        return not events or any(event.kind in kinds for event in events)

    @property
    def ends_one(self) -> bool:
        """Whether they part where one of them has no more events."""
        return self.one is None or self.other is None

    @property
    def told(self) -> str:
        """What comes where they part, and after which event."""
        one, other, diagram = self.one, self.other, self.diagram
        where = "at the start"
        if self.at:
            number, last = self.ends[0][self.at - 1]
            where = f"after event {number} ({told(last, diagram)})"
        if one and other and (one.kind, one.labels) == (other.kind, other.labels):
            return f"{where}, {told(one, diagram)}: {_details_apart(one, other)}"
        nothing = "nothing more" if self.at else "nothing"
        was, became = (
            told_with_details(event, diagram)
            if event
            else f"{nothing}, {one_line(ended(of), WIDTH)}"
            for event, of in ((one, self.before), (other, self.after))
        )
        return "; ".join(
            [f"{where}: before, {was}; after, {became}", *self._times(), *self._left_open()]
        )

    def _times(self) -> Iterator[str]:
        """Yield how often the events of these kinds happen before and after, where that differs."""
        if self.ends_one:
            return
        for kind in dict.fromkeys(event.kind for event in (self.one, self.other) if event):
            was, became = (sum(1 for _ in of.of(kind)) for of in (self.before, self.after))
            if was != became:
                happens = (
                    f"{kind.replace('-', ' ')} {_often(was)} before and {_often(became)} after"
                )
                yield f"in all, {happens}"

    def _left_open(self) -> Iterator[str]:
        """Yield what becomes of a bar which the event closed before, where one did."""
        strand = self.ends[1]
        for bar in self.diagram.bars if self.diagram and self.one else ():
            label = self.one.label(bar.label) if self.one and self.one.kind == bar.closes else None
            if not label or not _is_open((event for _, event in strand[: self.at]), bar, label):
                continue
            closing = (
                number
                for number, event in strand[self.at :]
                if event.kind == bar.closes and label in event.labels
            )
            number = next(closing, None)
            word = bar.closes.removeprefix(_subject(bar.closes, bar)).replace("-", " ")
            later = f"is {word} only at event {number}" if number else f"is never {word}"
            yield f"after, {_titled(bar, label)} {later}"


def told_with_details(event: Event, diagram: Diagram | None = None) -> str:
    """Return an event in words with its details, as far as there is room."""
    details = (f"{name}={value}" for name, value in event.details.items() if value is not None)
    shown = one_line(" ".join(details), WIDTH)
    return told(event, diagram) + (f" ({shown})" if shown else "")


def _details_apart(one: Event, other: Event) -> str:
    """Return in which details two events of the same kind and labels differ."""
    names = dict.fromkeys([*one.details, *other.details])
    differ = [name for name in names if one.get(name) != other.get(name)]
    shown = [(name, *_values_apart(one.get(name), other.get(name))) for name in differ]
    was, became = (", ".join(f"{row[0]} {row[side]}" for row in shown) for side in (1, 2))
    return f"before, {was}; after, {became}"


def _values_apart(one: Scalar, other: Scalar) -> tuple[str, str]:
    if isinstance(one, str) and isinstance(other, str):
        was, became = apart(one, other)
        return _quoted(was), _quoted(became)
    return _quoted(one), _quoted(other)


def _quoted(value: Scalar) -> str:
    if value is None or value == "":
        return "nothing"
    return f"'{one_line(value, WIDTH)}'" if isinstance(value, str) else str(value)


def _often(number: int) -> str:
    return {0: "never", 1: "once", 2: "twice"}.get(number, f"{number} times")


def _is_open(events: Iterable[Event], bar: Bar, label: str) -> bool:
    """Return whether a label's bar is open after these events."""
    is_open = False
    for event in events:
        if label in event.labels and event.kind in (bar.opens, bar.closes, *bar.touches):
            is_open = event.kind != bar.closes
    return is_open


# --- Words ----------------------------------------------------------------------------------------


def _without_urls(history: History) -> History:
    """Return a history whose texts hold no addresses."""
    events = (
        replace(event, details={name: _bare(value) for name, value in event.details.items()})
        for event in history.events
    )
    return History(history.outcome, _URL.sub("", history.reason), tuple(events))


def _bare(value: Scalar) -> Scalar:
    return _URL.sub("", value) if isinstance(value, str) else value


def _kinds(diagram: Diagram) -> frozenset[str]:
    """Return the kinds of the events that open, close or touch a bar."""
    return frozenset(kind for bar in diagram.bars for kind in (bar.opens, bar.closes, *bar.touches))


def _letter(label: str) -> str:
    return label.rstrip("0123456789")


def _titled(bar: Bar | None, label: str) -> str:
    return f"{bar.title} {label}" if bar else label


def _subject(kind: str, bar: Bar | None) -> str:
    """Return what a kind begins with that names a bar: "drawer-" of "drawer-stuck"."""
    own = bar.opens.partition("-")[0] if bar else ""
    return f"{own}-" if own and kind.startswith(f"{own}-") else ""
