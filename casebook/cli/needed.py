"""What must run, and what had not to: the environments that a session needs."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from pathlib import Path

from casebook.files import digest_of_file
from casebook.installed import python
from casebook.observe.earlier import current, inputs, read_notes
from casebook.observe.setting import read_facts
from casebook.plan.cells import planned_cells, swept_cells
from casebook.plan.claims import read_claims
from casebook.plan.conf import read_investigations
from casebook.plan.faults import cells_of_fault, read_faults
from casebook.plan.investigation import Investigation, PlannedCell, Setting
from casebook.plan.mutants import read_mutants
from casebook.stored import folder
from casebook.text import counted


def to_observe(root: Path, investigations: Iterable[Investigation], *, fresh: bool) -> list[str]:
    """Return the declared environments of which the records are not what this machine saw last.

    Those with the most cells come first, so that none is left to run alone at the end.
    """
    cells: Counter[str] = Counter()
    for investigation in investigations:
        cells += _stale(root, investigation, planned_cells(root, investigation), fresh)
    return [environment for environment, _ in cells.most_common()]


def to_sweep(
    root: Path, investigations: Iterable[Investigation], packages: Sequence[str], *, fresh: bool
) -> list[str]:
    """Return those of the environments that axes generate, of all packages or of those named.

    One whose Python is not installed here is left out. The order is that of `to_observe`.
    """
    stale: Counter[str] = Counter()
    for investigation in investigations:
        wanted = {
            one.id
            for one in investigation.swept
            if (not packages or one.axis in packages)
            and not (one.python and not python(one.python))
        }
        cells = (one for one in swept_cells(root, investigation) if one.decides in wanted)
        stale += _stale(root, investigation, cells, fresh)
    return [environment for environment, _ in stale.most_common()]


def _stale(
    root: Path, investigation: Investigation, cells: Iterable[PlannedCell], fresh: bool
) -> Counter[str]:
    """Return the environments of these cells of which the records are not as they should be.

    Each has the number of its cells. A cell is missing or was observed with other inputs, or one is
    there that is planned no more.
    """
    planned: dict[tuple[str, str], dict[PlannedCell, str]] = {}
    for cell, given in inputs(root, investigation, cells).items():
        planned.setdefault((cell.environment, cell.database), {})[cell] = given
    runs, results = root / "build" / "runs" / investigation.id, root / folder(investigation.id)
    found: Counter[str] = Counter()
    for setting, own in planned.items():
        name = f"{'.'.join(setting)}.json"
        facts = read_facts(runs / name)
        ran = facts.get("status") == "ran" and not fresh
        known = current(root, investigation, setting, own) if ran else {}
        same = facts.get("record") == digest_of_file(results / name)
        if not same or not len(known) == len(own) == len(read_notes(runs / name)):
            found[setting[0]] += len(own)
    return found


def by_faults(
    root: Path, investigations: Iterable[Investigation], names: Sequence[str]
) -> Iterator[str]:
    """Yield the environments into which faults are put, all of them or those named."""
    for investigation in investigations:
        planned, claims = planned_cells(root, investigation), read_claims(root, investigation)
        for fault in read_faults(root, investigation).faults:
            if not names or fault.id in names:
                cells = cells_of_fault(planned, investigation, claims, fault)
                yield from (cell.environment for cell in cells)


def by_mutants(root: Path, investigations: Iterable[Investigation]) -> Iterator[str]:
    """Yield the environments of which libraries are changed by operators."""
    for investigation in investigations:
        for target in read_mutants(root, investigation).targets:
            yield target.environment


def ran_since(root: Path, began: datetime) -> str:
    """Return in a line which cells had not to run again, or "" where all of them ran."""
    days: set[str] = set()
    ran = cells = 0
    for file in _facts(root):
        notes, facts = read_notes(file), read_facts(file)
        days |= {note.at for note in notes.values()}
        cells += len(notes)
        if str(facts.get("started", "")) >= began.isoformat(timespec="seconds"):
            ran += facts.get("ran", 0)
    if ran == cells:
        return ""
    since = f"since {min(days)}, when observed here; `-- --fresh` runs all"
    if not ran:
        return f"{counted(cells, 'cell')} {_are(cells)} unchanged {since}"
    return f"{counted(ran, 'cell')} ran, {cells - ran:,} {_are(cells - ran)} unchanged {since}"


def _are(number: int) -> str:
    return "is" if number == 1 else "are"


def ran_on(root: Path, investigation: Investigation) -> dict[Setting, str]:
    """Return the day on which each setting was last run here, as far as that is known."""
    runs = root / "build" / "runs" / investigation.id
    days = {}
    for file in sorted(runs.glob("*.json")):
        environment, _, database = file.stem.rpartition(".")
        facts = read_facts(file)
        if facts.get("status") == "ran" and (day := str(facts.get("started", ""))[:10]):
            days[Setting(environment, database)] = day
    return days


def faults_of(root: Path, investigation: Investigation) -> dict[Setting, tuple[str, ...]]:
    """Return how the harness failed where each setting was last run here, a line each."""
    runs = root / "build" / "runs" / investigation.id
    settings = dict.fromkeys(cell.ran_in for cell in planned_cells(root, investigation))
    found = {one: read_facts(runs / f"{'.'.join(one)}.json").get("faults", ()) for one in settings}
    return {setting: tuple(said) for setting, said in found.items() if said}


def _facts(root: Path) -> list[Path]:
    """Return the files of the facts of all planned settings."""
    return list(
        dict.fromkeys(
            root / "build" / "runs" / one.id / f"{cell.environment}.{cell.database}.json"
            for one in read_investigations(root)
            for cell in planned_cells(root, one)
        )
    )
