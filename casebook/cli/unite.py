"""Unites what several machines observed with this project's results, or refuses and writes nothing.

A folder is a clone in which experiments ran, or what a job kept of one: `docs/results` and
`build/runs`. Of its records those count that ran there; a clone's others are the commit's.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from casebook.files import digest_of_file, write_whole
from casebook.judge.project import changed_inputs
from casebook.judge.results import UNNAMED, Problem, gather
from casebook.observe.setting import read_facts
from casebook.plan.cells import all_cells, cell_inputs, file_digests
from casebook.plan.investigation import Investigation, PlannedCell, Setting
from casebook.record import History
from casebook.stored import HISTORIES, Record, digests_in, folder, store
from casebook.text import counted

RUNS = Path("build", "runs")
"""The folder of the facts of the runs, relative to a project."""

NAMED = 5
"""The missing settings that are named; of more the number is said."""


@dataclass(frozen=True, slots=True)
class Part:
    """What one folder holds of one setting: its record, the histories and the facts of the run."""

    source: Path
    record: Record
    histories: dict[str, History]
    facts: str


@dataclass(frozen=True, slots=True)
class United:
    """What the folders hold together: a part for each setting that ran, and why others did not.

    `refused` says of each thing that contradicts or is foreign where it is and why; where there is
    one, nothing may be written.
    """

    parts: dict[Setting, Part]
    not_rerun: dict[Setting, str]
    missing: tuple[Setting, ...]
    refused: tuple[str, ...]


def unite(root: Path, investigation: Investigation, sources: Sequence[Path]) -> United:
    """Return what these folders hold of an investigation together. Writes nothing."""
    planned = all_cells(root, investigation)
    parts: dict[Setting, Part] = {}
    not_rerun: dict[Setting, str] = {}
    refused: list[str] = []
    for source in sources:
        own, reasons, problems = _held(source, investigation)
        refused += (f"{source / problem.file}: {_said(problem)}" for problem in problems)
        not_rerun |= reasons
        for setting, part in own.items():
            known = parts.setdefault(setting, part)
            if known.record != part.record:
                refused.append(_contradiction(known, part))
    refused += _foreign(root, investigation, planned, parts)
    left = {setting: why for setting, why in not_rerun.items() if setting not in parts}
    here = {setting for cell in planned if _ran_here(root, investigation, setting := cell.ran_in)}
    wanted = dict.fromkeys(cell.ran_in for cell in planned)
    missing = tuple(one for one in wanted if one not in parts and one not in here)
    return United(parts, left, missing, tuple(refused))


def write(root: Path, investigation: Investigation, united: United) -> None:
    """Write the parts as a run here would have, and why a setting was not rerun."""
    for part in united.parts.values():
        store(root, part.record, part.histories.values())
    runs = root / RUNS / investigation.id
    for setting, facts in united.not_rerun.items():
        if setting in united.missing:
            write_whole(runs / _file(setting), facts)
    for setting, part in united.parts.items():
        write_whole(runs / _file(setting), part.facts)


def said(united: United, sources: int) -> str:
    """Return in a line or two what was united, and what is missing."""
    cells = sum(len(part.record.cells) for part in united.parts.values())
    held = f"{counted(len(united.parts), 'setting')} with {counted(cells, 'cell')}"
    line = f"{held} united from {counted(sources, 'folder')}"
    if not united.missing:
        return line
    names = [" on ".join(setting) for setting in united.missing[:NAMED]]
    more = len(united.missing) - len(names)
    names += [f"{more} more"] if more else []
    are = "is" if len(united.missing) == 1 else "are"
    missing = counted(len(united.missing), "setting")
    return f"{line}\n{missing} {are} in none of them: {', '.join(names)}"


def _held(
    source: Path, investigation: Investigation
) -> tuple[dict[Setting, Part], dict[Setting, str], list[Problem]]:
    """Return the parts of a folder, the facts of what did not run there, and what is wrong."""
    results, runs = source / folder(investigation.id), source / RUNS / investigation.id
    files: list[tuple[str, Path]] = []
    facts, not_rerun = {}, {}
    problems = []
    for file in sorted(runs.glob("*.json")):
        found = read_facts(file)
        environment, _, database = file.stem.rpartition(".")
        setting = Setting(environment, database)
        if found.get("status") != "ran":
            not_rerun[setting] = file.read_text(encoding="utf-8")
        elif digest_of_file(results / file.name) != found.get("record"):
            name = (folder(investigation.id) / file.name).as_posix()
            problems.append(Problem(name, "", "is not the record that the run there wrote"))
        else:
            files.append((file.name, results / file.name))
            facts[setting] = file.read_text(encoding="utf-8")
    named = sorted({one for _, path in files for one in digests_in(path.read_bytes())})
    histories = ((f"{HISTORIES}/{one}.json", results / HISTORIES / f"{one}.json") for one in named)
    files += (pair for pair in histories if pair[1].is_file())
    found_there = gather(investigation, files)
    problems += (problem for problem in found_there.problems if problem.rule != UNNAMED)
    parts = {
        setting: Part(source, record, _of(record, found_there.histories), facts[setting])
        for setting, record in found_there.records.items()
    }
    return parts, not_rerun, problems


def _of(record: Record, histories: Mapping[str, History]) -> dict[str, History]:
    names = {one for cell in record.cells for one in cell.histories}
    return {one: histories[one] for one in sorted(names & histories.keys())}


def _foreign(
    root: Path,
    investigation: Investigation,
    planned: Iterable[PlannedCell],
    parts: Mapping[Setting, Part],
) -> Iterator[str]:
    """Yield what was observed with other files than this project's, or without being planned."""
    cells: dict[Setting, list[PlannedCell]] = {}
    for cell in planned:
        cells.setdefault(cell.ran_in, []).append(cell)
    of = [cell for setting in parts for cell in cells.get(setting, ())]
    inputs = cell_inputs(root, investigation, of)
    digests = file_digests(root, sorted({path for paths in inputs.values() for path in paths}))
    records = {setting: part.record for setting, part in parts.items()}
    changed = changed_inputs(records, inputs, digests)
    for setting, part in parts.items():
        file = part.source / folder(investigation.id) / _file(setting)
        if setting not in cells:
            yield f"{file}: nothing is planned there in this project"
        elif path := next((changed[cell] for cell in cells[setting] if cell in changed), None):
            yield f"{file}: was recorded with another {path} than this project's"


def _contradiction(one: Part, other: Part) -> str:
    """Return in a line where two records of one setting part."""
    name = f"{one.record.environment} on {one.record.database}"
    known = {(cell.pattern, cell.experiment): cell for cell in one.record.cells}
    where = next(
        (
            f"the cell {cell.pattern}/{cell.experiment}"
            for cell in other.record.cells
            if known.get((cell.pattern, cell.experiment)) != cell
        ),
        "what they say beside the cells",
    )
    return f"{name}: {one.source} and {other.source} contradict each other: {where} differs"


def _ran_here(root: Path, investigation: Investigation, setting: Setting) -> bool:
    facts = read_facts(root / RUNS / investigation.id / _file(setting))
    return facts.get("status") == "ran"


def _file(setting: Setting) -> str:
    return f"{'.'.join(setting)}.json"


def _said(problem: Problem) -> str:
    return f"{problem.place}: {problem.rule}" if problem.place else problem.rule
