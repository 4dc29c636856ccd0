"""The record: what an experiment writes down and what a claim says about it.

This module is the only one that both sides share, so it uses the standard library alone: it is
imported inside environments under test, which measuring must not change. The writing side dumps
these dataclasses with `json`; the reading side (`casebook.results`) decodes and validates the same
classes with msgspec.
"""

from __future__ import annotations

import inspect
import json
import os
import platform
import re
import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, fields, is_dataclass
from typing import Any, Literal

SCHEMA = 1
"""The number of the record's form; a file with another number is not read."""

Outcome = Literal["completed", "raised", "crashed", "timed-out", "unavailable"]
"""How one run of an experiment ended."""

Scalar = str | int | float | bool | None

VerdictWord = Literal["supported", "refuted", "inconclusive", "not-tested"]


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
        return next((label for label in self.labels if label.rstrip("0123456789") == letter), None)

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


@dataclass(frozen=True, slots=True)
class Cell:
    """One pattern under one experiment: how often it ran and what was recorded.

    `histories` holds one history where all runs were equal, else each run's own.
    """

    pattern: str
    experiment: str
    runs: int
    histories: tuple[History, ...]


@dataclass(frozen=True, slots=True)
class Planned:
    """A cell that was planned when the environment ran."""

    pattern: str
    experiment: str


@dataclass(frozen=True, slots=True)
class Record:
    """Everything that was observed in one environment with one database.

    `digests` maps each input that could change a history (scripts, the lock), as a path relative
    to the project, to the hexadecimal SHA-256 of its bytes. `unavailable` is the exact reason why
    the environment could not be imported, or None.
    """

    schema: int
    investigation: str
    environment: str
    database: str
    python: str
    platform: str
    releases: dict[str, str]
    digests: dict[str, str]
    unavailable: str | None
    planned: tuple[Planned, ...]
    cells: tuple[Cell, ...]


# --- Claims ---------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a checker says of one history: a word, one sentence why, the events that show it."""

    verdict: VerdictWord
    reason: str
    events: tuple[Event, ...] = ()


def supported(reason: str, *events: Event) -> Verdict:
    """Return the verdict that the claim could have been refuted here and was not."""
    return Verdict("supported", reason, events)


def refuted(reason: str, *events: Event) -> Verdict:
    """Return the verdict that these events contradict the claim."""
    return Verdict("refuted", reason, events)


def inconclusive(reason: str, *events: Event) -> Verdict:
    """Return the verdict that the history gave the claim no occasion to be refuted."""
    return Verdict("inconclusive", reason, events)


Checker = Callable[..., Verdict]


@dataclass(frozen=True, slots=True, eq=False)
class Claim:
    """A falsifiable statement with its checker, a pure function of histories.

    `title` and `text` are the checker's docstring and become the page's text. `supported_by` names
    the controls that must support the claim. `refuted_by` maps each control that must refute it to
    a phrase that the refutation's reason must contain, so that it is refuted for the reason that
    the claim names. A `gate` is the claim that the pattern can be set up at all: where it is not
    supported, the others are not tested. A claim is judged on the patterns that are `about` the
    same as it, "" where that is what the investigation asks. A claim with a `baseline` gets that
    pattern's history of the same experiment as its checker's second argument. A claim that does not
    weigh is shown and changes no grade: what it asks is decided by something else than the pattern.
    """

    id: str
    title: str
    text: str
    experiments: tuple[str, ...]
    supported_by: tuple[str, ...]
    refuted_by: dict[str, str]
    required: bool
    gate: bool
    baseline: str | None
    check: Checker
    about: str = ""
    weighs: bool = True

    @property
    def controls(self) -> tuple[str, ...]:
        """The names of all controls of this claim, the right ones first."""
        return (*self.supported_by, *self.refuted_by)

    def names(self, pattern: str) -> bool:
        """Return whether a pattern is one of this claim's controls, or its baseline."""
        return pattern in self.controls or pattern == self.baseline


def claim(
    *,
    experiments: tuple[str, ...],
    supported_by: tuple[str, ...],
    refuted_by: dict[str, str],
    required: bool = True,
    gate: bool = False,
    baseline: str | None = None,
    about: str = "",
    weighs: bool = True,
) -> Callable[[Checker], Claim]:
    """Make a claim of a checker: its name is the claim's id, its docstring the page's text.

    Raises TypeError for a checker without a docstring, since the page would have no text.
    """

    def declare(check: Checker) -> Claim:
        text = inspect.getdoc(check)
        if not text:
            raise TypeError(f"claim {check.__name__!r} has no docstring: write its title there")
        title, _, rest = text.partition("\n")
        return Claim(
            id=check.__name__.replace("_", "-"),
            title=title.strip().rstrip("."),
            text=rest.strip(),
            experiments=experiments,
            supported_by=supported_by,
            refuted_by=refuted_by,
            required=required,
            gate=gate,
            baseline=baseline,
            check=check,
            about=about,
            weighs=weighs,
        )

    return declare


# --- Checks ---------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, eq=False)
class Check:
    """A question of fact that a statement needs answered: a pure function of a history and a text.

    `text` is the checker's docstring. What a statement asks `of` ("get_session") is the second
    argument, "" where the check takes none. It is asked of patterns that are `about` the same.
    """

    id: str
    text: str
    experiments: tuple[str, ...]
    about: str
    check: Callable[[History, str], Verdict]

    def asked(self, of: str) -> Claim:
        """Return the check as a claim of what it is asked of, which no control supports."""
        return Claim(
            id=self.id,
            title=self.text,
            text="",
            experiments=self.experiments,
            supported_by=(),
            refuted_by={},
            required=False,
            gate=False,
            baseline=None,
            check=lambda history: self.check(history, of),
            about=self.about,
        )


def check(
    *, experiments: tuple[str, ...], about: str
) -> Callable[[Callable[[History, str], Verdict]], Check]:
    """Make a check of a function: its name is the check's id, its docstring what is asked.

    Raises TypeError for a function without a docstring, since the page would have no text.
    """

    def declare(function: Callable[[History, str], Verdict]) -> Check:
        text = inspect.getdoc(function)
        if not text:
            raise TypeError(f"check {function.__name__!r} has no docstring: write what it asks")
        id = function.__name__.replace("_", "-")
        return Check(id, text, experiments, about, function)

    return declare


# --- Writing --------------------------------------------------------------------------------------


class NoServer(Exception):
    """No server of a database can be had here; the text says why."""


class Verbatim(str):
    """A text of the experiment's own, which is recorded as it is: a URL's path is no file's."""


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


def plain(value: Any) -> Any:
    """Return a dataclass as dictionaries and lists, which `json` can dump; others unchanged."""
    if is_dataclass(value) and not isinstance(value, type):
        return {item.name: plain(getattr(value, item.name)) for item in fields(value)}
    if isinstance(value, Mapping):
        return {key: plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(item) for item in value]
    return value


def dump(record: Record) -> str:
    """Return the record as JSON, one event a line, so that a difference reads as behaviour."""
    lines = ["{"]
    head = plain(record)
    cells = head.pop("cells")
    planned = head.pop("planned")
    for name, value in head.items():
        indent = 1 if isinstance(value, dict) and value else None
        lines.append(f"{_json(name)}: {_json(value, indent)},")
    lines.append('"planned": [')
    lines.append(",\n".join(_json(one) for one in planned))
    lines.append("],")
    lines.append('"cells": [')
    lines.append(",\n".join(_dump_cell(cell) for cell in cells))
    lines.append("]")
    lines.append("}")
    return "\n".join(lines) + "\n"


def _dump_cell(cell: dict[str, Any]) -> str:
    histories = cell.pop("histories")
    head = _json(cell)[:-1]
    return f'{head}, "histories": [\n' + ",\n".join(map(_dump_history, histories)) + "\n]}"


def _dump_history(history: dict[str, Any]) -> str:
    events = history.pop("events")
    head = _json(history)[:-1]
    return f'{head}, "events": [\n' + ",\n".join(map(_json, events)) + "\n]}"


def _json(value: Any, indent: int | None = None) -> str:
    return json.dumps(value, ensure_ascii=False, indent=indent)


def write_whole(path: str | os.PathLike[str], text: str) -> bool:
    """Write a file whole or not at all, and only where its content changed.

    Returns whether the file was written. A reader, or a run that is killed, never sees a part.
    """
    path = os.fspath(path)
    data = text.encode()
    try:
        with open(path, "rb") as file:
            if file.read() == data:
                return False
    except FileNotFoundError:
        os.makedirs(os.path.dirname(path) or ".", exist_ok=True)
    draft = f"{path}.{os.getpid()}.part"
    try:
        with open(draft, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        os.replace(draft, path)
    except BaseException:
        if os.path.exists(draft):
            os.unlink(draft)
        raise
    return True
