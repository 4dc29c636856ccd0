"""The stored form of what was observed: a record for each setting, and each history once.

    docs/results/<investigation>/<environment>.<database>.json   a Record
    docs/results/<investigation>/histories/<digest>.json         a History
    docs/results/<investigation>/as-of/<day>/<...>.json          a Record, with that day's releases

A record names each history by the SHA-256 of its file, so equal histories are one file, and two
folders of results unite by copying. The writing side dumps these dataclasses with `json`; the
reading side decodes and validates the same classes with msgspec. Nothing here can change a history.
"""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import re
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from casebook.files import digest, write_whole
from casebook.record import Event, History, Outcome, Scalar

SCHEMA = 2
"""The number of the record's form; a file with another number is not read."""

INSTALLERS = frozenset({"pip", "setuptools", "wheel", "uv"})
"""Packages that install an environment, and are no part of the observation."""

HISTORIES = "histories"
"""The folder of the histories, beside the records."""

AS_OF = "as-of"
"""The folder, beside the records, of the records with the releases of past days, one for each."""


@dataclass(frozen=True, slots=True)
class Cell:
    """One pattern under one experiment: how often it ran, and the digests of its histories.

    `histories` holds one digest where all runs were equal, else that of each run.
    """

    pattern: str
    experiment: str
    runs: int
    histories: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Record:
    """Everything that was observed in one environment with one database.

    `digests` maps each input that could change a history (scripts, the lock), as a path relative
    to the project, to the hexadecimal SHA-256 of its bytes. `unavailable` is the exact reason why
    the environment could not be imported, or None. `planned` maps each pattern that was to run to
    its experiments.
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
    planned: dict[str, tuple[str, ...]]
    cells: tuple[Cell, ...]

    @property
    def planned_cells(self) -> frozenset[tuple[str, str]]:
        """The pattern and the experiment of each cell that was planned."""
        return frozenset(
            (pattern, experiment) for pattern, own in self.planned.items() for experiment in own
        )


def as_planned(cells: Iterable[tuple[str, str]]) -> dict[str, tuple[str, ...]]:
    """Return cells to run, each a pattern and an experiment, as a record holds them."""
    found: dict[str, tuple[str, ...]] = {}
    for pattern, experiment in cells:
        found[pattern] = (*found.get(pattern, ()), experiment)
    return found


@dataclass(frozen=True, slots=True)
class StoredHistory:
    """A history as its file holds it: each event is its kind, its labels and its details."""

    outcome: Outcome
    reason: str
    events: tuple[tuple[str, tuple[str, ...], dict[str, Scalar]], ...]

    @property
    def history(self) -> History:
        """The history itself."""
        events = (Event(kind, labels, details) for kind, labels, details in self.events)
        return History(self.outcome, self.reason, tuple(events))


def folder(investigation: str) -> Path:
    """Return the folder of an investigation's records, relative to the project."""
    return Path("docs", "results", investigation)


def store(root: Path, record: Record, histories: Iterable[History]) -> None:
    """Write a record with its histories, and remove the histories that no record names.

    A lock keeps apart runs that write at the same time: one would remove what another is to name.
    """
    place = root / folder(record.investigation)
    own = place / HISTORIES
    own.mkdir(parents=True, exist_ok=True)
    with _alone(own):
        for text in {dump_history(history): None for history in histories}:
            write_whole(own / f"{digest(text.encode())}.json", text)
        write_whole(place / f"{record.environment}.{record.database}.json", dump(record))
        _remove_unnamed(place)


def store_as_of(
    root: Path,
    investigation: str,
    day: str,
    records: Iterable[Record],
    histories: Iterable[History],
) -> None:
    """Write the records with the releases of a day, in place of those that it had before."""
    place = root / folder(investigation)
    own = place / AS_OF / day
    (place / HISTORIES).mkdir(parents=True, exist_ok=True)
    with _alone(place / HISTORIES):
        for text in {dump_history(history): None for history in histories}:
            write_whole(place / HISTORIES / f"{digest(text.encode())}.json", text)
        names = set()
        for record in records:
            names.add(f"{record.environment}.{record.database}.json")
            write_whole(own / f"{record.environment}.{record.database}.json", dump(record))
        for file in own.glob("*.json"):
            if file.name not in names:
                file.unlink()
        _remove_unnamed(place)


def named_as_of(place: Path) -> frozenset[str]:
    """Return the digests of the histories that the records of past days name."""
    files = (place / AS_OF).glob("*/*.json")
    return frozenset(one for file in files for one in digests_in(_content(file)))


def _remove_unnamed(place: Path) -> None:
    """Remove the histories that no record names any more."""
    named = {one for file in place.glob("*.json") for one in digests_in(_content(file))}
    named |= named_as_of(place)
    for file in (place / HISTORIES).glob("*.json"):
        if file.stem not in named:
            file.unlink()


_DIGEST = re.compile(rb'"([0-9a-f]{64})"')
"""A digest in a record; of a record that is damaged, too, the histories stay."""


def digests_in(record: bytes) -> list[str]:
    """Return every digest that the content of a record names, those of its inputs too."""
    return [found.decode() for found in _DIGEST.findall(record)]


def _content(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except IsADirectoryError:
        return b""


@contextlib.contextmanager
def _alone(place: Path) -> Iterator[None]:
    """Hold a folder's lock, which the system releases when the process ends."""
    lock = os.open(place, os.O_RDONLY)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
    finally:
        os.close(lock)


def digest_of(history: History) -> str:
    """Return the digest that names a history: that of its file's content."""
    return digest(dump_history(history).encode())


def dump_history(history: History) -> str:
    """Return a history as JSON, one event a line, so that a difference reads as behaviour."""
    head = _json({"outcome": history.outcome, "reason": history.reason})[:-1]
    lines = (
        json.dumps(
            [event.kind, event.labels, event.details], ensure_ascii=False, separators=(",", ":")
        )
        for event in history.events
    )
    return f'{head}, "events": [\n' + ",\n".join(lines) + "\n]}\n"


def dump(record: Record) -> str:
    """Return a record as JSON, one cell a line."""
    lines = []
    for name, value in asdict(record).items():
        text = _json(value)
        if isinstance(value, dict) and value:
            rows = (f"{_json(key)}: {_json(inner)}" for key, inner in value.items())
            text = "{\n" + ",\n".join(rows) + "\n}"
        elif name == "cells":
            text = "[\n" + ",\n".join(map(_json, value)) + "\n]"
        lines.append(f"{_json(name)}: {text}")
    return "{\n" + ",\n".join(lines) + "\n}\n"


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)
