"""What an experiment records: a history, event by event.

Uses the standard library alone: it is imported inside environments under test, which measuring must
not change. A change here outdates every record.
"""

from __future__ import annotations

import functools
import os
import platform
import re
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any, Literal

Outcome = Literal["completed", "raised", "crashed", "timed-out", "unavailable"]
"""How one run of an experiment ended."""

Scalar = str | int | float | bool | None


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happened: its kind, the labels it touches, and scalar details.

    A label is a letter and a number in order of first appearance (`S1`, `R2`). The engine knows
    no kinds and no letters; an investigation's TOML says how to draw them.
    """

    kind: str
    labels: tuple[str, ...] = ()
    details: dict[str, Scalar] = field(default_factory=dict)

    def label(self, letter: str) -> str | None:
        """Return the first label that begins with `letter`, or None."""
        for label in self.labels:
            if label.startswith(letter) and label.rstrip("0123456789") == letter:
                return label
        return None

    def __getitem__(self, name: str) -> Scalar:
        return self.details[name]

    def get(self, name: str, default: Scalar = None) -> Scalar:
        """Return the detail `name`, or `default` where the event has none."""
        return self.details.get(name, default)


@dataclass(frozen=True, slots=True)
class History:
    """The ordered events of one run of an experiment, and how the run ended.

    `reason` is empty where the run completed, else the exact error, cleaned.
    """

    outcome: Outcome
    reason: str
    events: tuple[Event, ...]

    def of(self, *kinds: str) -> Iterator[Event]:
        """Yield the events of these kinds, in order."""
        return (event for event in self.events if event.kind in kinds)

    def first(self, kind: str) -> Event | None:
        """Return the first event of this kind, or None."""
        return next(self.of(kind), None)

    def between(self, start: Event, end: Event) -> tuple[Event, ...]:
        """Return the events after `start` and before `end`, both found by identity."""
        positions = {id(event): number for number, event in enumerate(self.events)}
        return self.events[positions[id(start)] + 1 : positions[id(end)]]


# --- Recording ------------------------------------------------------------------------------------


class NoServer(Exception):
    """A database's server cannot be had here; the text says why."""


class NoDatabase(Exception):
    """The environment's own libraries cannot use a database; the text says why.

    An experiments package raises it where it prepares the database. It is an observation.
    """


class Verbatim(str):
    """A text that is recorded as it is: the path of a URL is not a file's path."""


@dataclass(slots=True)
class Trial:
    """What an experiment is given: the pattern, the database, a folder, and where to record.

    `pattern` is the pattern's function; its signature is the investigation's own. `folder` is
    private to this run and removed after it. `write` receives each event as it happens. `server`
    is the address of the database's server, empty where it has none.
    """

    pattern: Callable[..., Any]
    database: str
    folder: str
    write: Callable[[Event], None]
    server: str = ""

    def record(self, kind: str, *labels: str, **details: Scalar) -> None:
        """Append an event to the history, its texts cleaned of all that is the machine's."""
        self.write(
            Event(
                kind,
                labels,
                {name: _recorded(value) for name, value in details.items()},
            )
        )


def _recorded(value: Scalar) -> Scalar:
    if isinstance(value, Verbatim):
        return _encodable(value)
    return clean(value) if isinstance(value, str) else value


_ADDRESS = re.compile(r"\b0x[0-9a-fA-F]{6,}")
_PATH = re.compile(r"(?:(?<![\w./:<>])|(?<=:///))(?:/[\w.@+~-]+)+/([\w.@+~-]+)/?")
_HOME = os.path.expanduser("~")
_HOST = platform.node()


@functools.lru_cache(maxsize=4096)
def clean(text: str) -> str:
    """Return `text` without what differs between machines or runs, as UTF-8 can hold it.

    The environment's folder becomes `<environment>`, another absolute path `<path>/its-last-name`,
    also in a URL of three slashes, and an address `0x...`; the user's folder becomes `<home>` and
    the machine's name `<host>`. A path of one part may be a URL's and stays. A lone surrogate,
    which no file can hold, becomes its number; all other characters stay, control characters too.
    """
    text = _encodable(text)
    text = text.replace(sys.prefix, "<environment>")
    text = _ADDRESS.sub("0x...", text)
    text = _PATH.sub(r"<path>/\1", text)
    if len(_HOME) > 1:
        text = re.sub(rf"{re.escape(_HOME)}(?![\w/-])", "<home>", text)
    if len(_HOST) > 3 and _HOST != "localhost":
        text = re.sub(rf"\b{re.escape(_HOST)}\b", "<host>", text)
    return text


def _encodable(text: str) -> str:
    return text.encode("utf-8", "backslashreplace").decode()
