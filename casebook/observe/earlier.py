"""What this machine observed before with exactly the same inputs, and need not run again.

A run leaves a note of each cell beside the record, in `build/runs/`, which is not committed: a
fresh clone has none. A note names what could change the cell's history, and what came of it.
"""

from __future__ import annotations

import functools
import json
import platform
import subprocess
import sys
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from casebook import ENGINE
from casebook.files import digest, digest_of_file
from casebook.installed import python, sqlite_release
from casebook.plan.cells import cell_inputs, file_digests
from casebook.plan.investigation import Investigation, PlannedCell
from casebook.stored import HISTORIES, Cell, folder

PASSING = ("crashed", "timed-out")
"""The outcomes that may be the machine's doing: such cells run again each time."""

Name = tuple[str, str]
"""A cell of one setting: its pattern and its experiment."""


@dataclass(frozen=True, slots=True)
class Note:
    """What came of a cell: `inputs` is the digest of all that could change it, `at` the day.

    `seconds` are those of each run, for whoever wants to know how long the next may take.
    """

    inputs: str
    at: str
    runs: int
    histories: tuple[str, ...]
    seconds: tuple[float, ...] = ()

    def cell(self, name: Name) -> Cell:
        """Return the cell as a record holds it."""
        return Cell(*name, self.runs, self.histories)


def inputs(
    root: Path, investigation: Investigation, cells: Iterable[PlannedCell]
) -> dict[PlannedCell, str]:
    """Return the digest of all that could change each cell's history on this machine.

    Besides the inputs that a record lists, these are the interpreter, the platform, the time limit,
    what the environment must import, and the locks of the databases' servers.
    """
    servers = sorted(one.installs for one in investigation.described if one.installs)
    locks = [digest_of_file(root / one) for one in servers]
    found = cell_inputs(root, investigation, cells)
    used = (investigation.environment(id) for id in {cell.environment for cell in found})
    given = {
        one.id: (
            f"{machine(one.python)}{investigation.time_limit} {locks}\n",
            "\n".join(one.imports),
        )
        for one in used
    }
    digests = file_digests(root, sorted({path for paths in found.values() for path in paths}))
    named: dict[tuple[str, ...], str] = {}
    return {
        cell: named.get(key) or named.setdefault(key, _digest("\n".join(key), paths, digests))
        for cell, paths in found.items()
        for key in [(*given[cell.environment], *paths)]
    }


def machine(release: str) -> str:
    """Return what runs a cell here: the interpreter and the platform.

    Of the interpreter's own libraries it names SQLite's release, which Python's does not tell.
    Where another release of Python is asked for than runs this, its own interpreter says it.
    """
    if release in ("", f"{sys.version_info.major}.{sys.version_info.minor}"):
        return f"{sys.version}\n{platform.platform()}\n{sqlite_release()}\n"
    return _told_by(python(release))


@functools.cache
def _told_by(interpreter: str | None) -> str:
    if interpreter is None:
        return ""
    code = "import sys\nfrom casebook.observe.earlier import machine\nsys.stdout.write(machine(''))"
    command = [interpreter, "-c", code]
    answer = subprocess.run(command, cwd=ENGINE.parent, check=True, stdout=subprocess.PIPE)
    return answer.stdout.decode()


def current(
    root: Path,
    investigation: Investigation,
    setting: tuple[str, str],
    inputs: Mapping[PlannedCell, str],
) -> dict[Name, Note]:
    """Return the notes of a setting's cells that need not run again.

    Their inputs are the same, both runs were equal and ended by themselves, and their histories are
    there as they were written; the record can be written from them again.
    """
    runs = root / "build" / "runs" / investigation.id
    notes = read_notes(runs / f"{'.'.join(setting)}.json")
    histories = root / folder(investigation.id) / HISTORIES
    whole: dict[str, bool] = {}
    found = {}
    for cell, now in inputs.items():
        key = cell.pattern, cell.experiment
        note = notes.get(key)
        if note and note.inputs == now and len(note.histories) == 1:
            (name,) = note.histories
            if name not in whole:
                whole[name] = _is_whole(histories / f"{name}.json")
            if whole[name]:
                found[key] = note
    return found


def outcome_of(history: bytes) -> tuple[str, str]:
    """Return the outcome of a history and the reason for it, from its file's content."""
    held = json.loads(history)
    return held["outcome"], held["reason"]


def _is_whole(file: Path) -> bool:
    """Return whether a history is as it was written, and ended as it will each time."""
    try:
        content = file.read_bytes()
        return digest(content) == file.stem and outcome_of(content)[0] not in PASSING
    except (OSError, ValueError):
        return False


def read_notes(file: Path) -> dict[Name, Note]:
    """Return the notes of a run by cell; none where there are none, or they cannot be read."""
    try:
        noted: dict[str, dict[str, Any]] = json.loads(file.read_bytes())["notes"]
        return {
            (pattern, experiment): Note(
                note["inputs"],
                note["at"],
                note["runs"],
                tuple(note["histories"]),
                tuple(note["seconds"]),
            )
            for name, note in noted.items()
            for pattern, _, experiment in [name.partition("/")]
        }
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return {}


def as_json(notes: Mapping[Name, Note]) -> dict[str, Any]:
    """Return notes as `read_notes` reads them."""
    return {"/".join(name): asdict(note) for name, note in notes.items()}


def _digest(machine: str, paths: Iterable[str], digests: Mapping[str, str]) -> str:
    lines = (f"{path} {digests.get(path, '')}\n" for path in paths)
    return digest((machine + "".join(lines)).encode())
