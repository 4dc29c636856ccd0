"""The reach of a change: the cells that run the changed lines, found by a traced run of all cells.

What a traced run records is thrown away. Which lines ran is kept in `build/mutants/`, until
something changes that could change it.
"""

from __future__ import annotations

import hashlib
import json
import subprocess
import tempfile
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from casebook import ENGINE
from casebook.exit_codes import HarnessError
from casebook.files import write_whole
from casebook.plan.cells import cell_inputs, file_digests
from casebook.plan.investigation import Investigation, PlannedCell, Setting
from casebook.proof.laboratory import last_words
from casebook.proof.stand import Unimportable, observed
from casebook.proof.tracer import EVERYWHERE, file_of
from casebook.record import History, Outcome

_STARTED = """\
from casebook.proof.tracer import Tracer

Tracer({files!r}, {folder!r}).start()
"""
"""What the interpreter of a traced run does first, as its `sitecustomize`."""


@dataclass(frozen=True, slots=True)
class Reach:
    """The lines that each cell runs, by the name of the cell's file and by the traced file."""

    lines: Mapping[str, Mapping[str, frozenset[int]]]

    def runs(self, cell: PlannedCell, file: str, first: int, last: int) -> bool:
        """Return whether a cell, or the import of its libraries, runs one of these lines."""
        changed = set(range(first, last + 1))
        return any(
            not changed.isdisjoint(self.lines.get(name, {}).get(file, ()))
            for name in (EVERYWHERE, file_of(cell.pattern, cell.experiment))
        )


def reach_of(
    root: Path,
    investigation: Investigation,
    setting: Setting,
    cells: Collection[PlannedCell],
    files: Iterable[str],
    ended: Mapping[tuple[str, str], Outcome],
) -> Reach:
    """Return which lines of these installed files the cells run, all of which run in the setting.

    `ended` says how the cells ended when they were recorded, by pattern and experiment. Raises
    HarnessError where a traced cell was cut short and the recorded one was not.
    """
    files = tuple(sorted(set(files)))
    name = f"{investigation.id}/{setting.environment}.{setting.database}.json"
    kept = root / "build" / "mutants" / name
    inputs = _inputs(root, investigation, cells, files)
    try:
        found = json.loads(kept.read_bytes())
    except (OSError, ValueError):
        found = {}
    if found.get("inputs") != inputs:
        lines = _traced(root, investigation, setting, cells, files, ended)
        found = {"inputs": inputs, "lines": lines}
        write_whole(kept, json.dumps(found) + "\n")
    return Reach(
        {
            where: {file: frozenset(numbers) for file, numbers in by_file.items()}
            for where, by_file in found["lines"].items()
        }
    )


def _inputs(
    root: Path,
    investigation: Investigation,
    cells: Iterable[PlannedCell],
    files: tuple[str, ...],
) -> str:
    """Return the digest of all that could change which lines run."""
    given = cell_inputs(root, investigation, cells)
    digests = file_digests(root, sorted({path for paths in given.values() for path in paths}))
    names = sorted(file_of(cell.pattern, cell.experiment) for cell in given)
    own = [(ENGINE / "proof" / name).read_text("utf-8") for name in ("tracer.py", "reach.py")]
    return hashlib.sha256(json.dumps([digests, names, files, own]).encode()).hexdigest()


def _traced(
    root: Path,
    investigation: Investigation,
    setting: Setting,
    cells: Iterable[PlannedCell],
    files: tuple[str, ...],
    ended: Mapping[tuple[str, str], Outcome],
) -> dict[str, dict[str, list[int]]]:
    """Run the cells under the tracer, and return the lines that ran, by cell and file."""
    with tempfile.TemporaryDirectory(prefix="casebook-traced-") as noted:
        started = _STARTED.format(files=files, folder=noted)
        try:
            for cell, history in observed(
                root, investigation, setting, list(cells), started=started
            ):
                _check_whole(cell, history, ended.get((cell.pattern, cell.experiment)))
        except subprocess.CalledProcessError as error:
            raise HarnessError(f"{'.'.join(setting)}, traced: {last_words(error)}") from None
        except Unimportable as error:
            raise HarnessError(f"{'.'.join(setting)}, traced: {error}") from None
        return {file.name: _lines(file) for file in sorted(Path(noted).iterdir())}


def _check_whole(cell: PlannedCell, history: History | None, before: Outcome | None) -> None:
    """Raise HarnessError if a traced cell was cut short, unless it ended like that `before`."""
    how = history.outcome if history else "without a history"
    if how != before and how in ("without a history", "crashed", "timed-out"):
        where = f"{cell.environment}.{cell.database} {cell.pattern} {cell.experiment}"
        raise HarnessError(f"{where}: the traced run ended {how}: which lines it runs is unknown")


def _lines(file: Path) -> dict[str, list[int]]:
    found: dict[str, set[int]] = {}
    for line in file.read_text(encoding="utf-8").splitlines():
        number, _, name = line.partition(" ")
        found.setdefault(name, set()).add(int(number))
    return {name: sorted(numbers) for name, numbers in sorted(found.items())}
