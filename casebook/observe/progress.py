"""How far the run of a setting is: written by the run, and read by whoever shows it.

A file grows by a line for each cell, and is locked while the run goes on. A run that was killed
holds no lock and leaves what it had done; a line that it could not finish is not read.
"""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any

ENDING = ".progress"
"""How the names of the files end; they stand beside the volatile facts of the run."""

CellName = tuple[str, str]
"""A pattern and an experiment."""


class Progress:
    """Notes the cells of a setting as they are done; a context manager.

    `planned` is how many cells there will be. What is noted in one call is one line of the file.
    """

    def __init__(self, file: Path, planned: int) -> None:
        self._path, self._planned = file, planned
        self._file = -1

    def __enter__(self) -> Progress:
        self._path.parent.mkdir(parents=True, exist_ok=True)
        self._path.unlink(missing_ok=True)  # another run may still write to the old one
        self._file = os.open(self._path, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
        fcntl.flock(self._file, fcntl.LOCK_EX)
        self._note(planned=self._planned)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        os.close(self._file)

    def done(self, cells: Iterable[CellName], *, unchanged: bool = False) -> None:
        """Note cells that are done: they ran or, where `unchanged`, they did not have to."""
        self._note(done=list(cells), unchanged=unchanged)

    def end(self, summary: str, *, well: bool) -> None:
        """Note and print the line that sums up a run, which is to be read where it went not well.

        It is noted first: who shows progress leaves out a printed line that is known already.
        """
        self._note(summary=summary, well=well)
        print(summary, flush=True)

    def _note(self, **noted: Any) -> None:
        os.write(self._file, (json.dumps(noted) + "\n").encode())


@dataclass(frozen=True, slots=True)
class Reading:
    """What a run has noted so far. `ran` are the cells that ran, `unchanged` those that had not to.

    `running` tells a run that goes on from one that ended or was killed; `summary` is the line that
    it printed at its end, and `well` whether that says of nothing that went wrong.
    """

    planned: int = 0
    ran: frozenset[CellName] = frozenset()
    unchanged: frozenset[CellName] = frozenset()
    running: bool = False
    summary: str = ""
    well: bool = False

    @property
    def done(self) -> int:
        """How many cells are done."""
        return len(self.ran | self.unchanged)


def read(file: Path) -> Reading | None:
    """Return what a run has noted in its file, or None if it has not begun."""
    try:
        with file.open("rb") as opened:
            running = _locked(opened.fileno())
            *lines, _ = opened.read().split(b"\n")
    except FileNotFoundError:
        return None
    noted: dict[str, Any] = {}
    cells: dict[bool, set[CellName]] = {False: set(), True: set()}
    for line in lines:
        with contextlib.suppress(ValueError):
            one = json.loads(line)
            noted |= one
            cells[one.get("unchanged", False)].update(map(tuple, one.get("done", ())))
    return Reading(
        planned=noted.get("planned", 0),
        ran=frozenset(cells[False]),
        unchanged=frozenset(cells[True]),
        running=running,
        summary=noted.get("summary", ""),
        well=noted.get("well", False),
    )


def _locked(file: int) -> bool:
    try:
        fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    return False
