"""The plan: what is asked, and the cells that follow from it.

nox reads this module where nothing is installed, so it and what it imports use the standard library
alone. It never imports a pattern's module, which needs the libraries under test: it parses it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from pathlib import Path

from casebook import conf, statements
from casebook.claims import claims as claims
from casebook.claims import concerns as concerns
from casebook.claims import experiments_of
from casebook.conf import find as find
from casebook.investigation import Backend as Backend
from casebook.investigation import Bar as Bar
from casebook.investigation import Diagram as Diagram
from casebook.investigation import Environment as Environment
from casebook.investigation import Experiment as Experiment
from casebook.investigation import Investigation as Investigation
from casebook.investigation import Pattern as Pattern
from casebook.investigation import PlanError as PlanError
from casebook.investigation import PlannedCell as PlannedCell
from casebook.investigation import one_of as one_of
from casebook.record import Claim
from casebook.sources import experiment, files
from casebook.sources import source as source

ENGINE = ("casebook/record.py", "casebook/order.py", "casebook/cell.py")
"""The engine's files that run while a cell is observed, so that they could change a history."""

# --- Reading --------------------------------------------------------------------------------------


def read(root: Path, id: str) -> Investigation:
    """Return one investigation, with its locks and its patterns' functions in place.

    Raises PlanError for the first thing that is wrong.
    """
    investigation = read_unlocked(root, id)
    conf.check_locks(root, investigation)
    return investigation


def read_unlocked(root: Path, id: str) -> Investigation:
    """Return one investigation whose locks may be missing, as they are before `nox -s lock`."""
    return conf.investigation(root, id)


def read_all(root: Path) -> tuple[Investigation, ...]:
    """Return every investigation. Raises PlanError, also for two with an environment of one id."""
    investigations = read_all_unlocked(root)
    for investigation in investigations:
        conf.check_locks(root, investigation)
    return investigations


def read_all_unlocked(root: Path) -> tuple[Investigation, ...]:
    """Return every investigation as `read_all` does; their locks may be missing."""
    investigations = tuple(read_unlocked(root, id) for id in find(root))
    conf.check_owners(investigations)
    return investigations


# --- Cells ----------------------------------------------------------------------------------------


def cells(root: Path, investigation: Investigation) -> tuple[PlannedCell, ...]:
    """Return everything that is to be observed, in an order that stays. Raises as `claims` does.

    A backend's pattern runs every experiment that claims and checks ask for; a control runs those
    of the claims that name it. An experiment runs where what it needs is installed: in the
    environment, or in a twin of it, where the gate's experiments run, too, so that the two can be
    compared.
    """
    declared = _asked(root, investigation)
    asked = {
        pattern.id: experiments_of(claim for claim in declared if concerns(claim, pattern))
        for pattern in investigation.patterns
    }
    described = experiments(root, investigation)
    planned = [
        PlannedCell(home, database, pattern.id, experiment, environment.id)
        for environment in investigation.environments
        for database in investigation.databases
        for pattern in investigation.patterns_in(environment)
        for experiment in asked[pattern.id]
        if described[experiment].runs_on(database)
        if (home := investigation.home(environment, database, described[experiment].needs))
    ]
    return (*planned, *_again(investigation, declared, planned))


def _again(
    investigation: Investigation, claims: Iterable[Claim], planned: Iterable[PlannedCell]
) -> Iterator[PlannedCell]:
    """Yield what runs in a twin to be compared: its patterns under the gate's experiments."""
    gate = next(claim for claim in claims if claim.gate)
    compared = [claim for claim in claims if set(claim.experiments) <= set(gate.experiments)]
    seen = {(cell.environment, cell.database, cell.pattern, cell.experiment) for cell in planned}
    for environment, database, place in dict.fromkeys(
        (cell.environment, cell.database, cell.place)
        for cell in planned
        if cell.environment != cell.place
    ):
        there = {key[2] for key in seen if key[:2] == (environment, database)}
        for pattern in investigation.patterns:
            if pattern.id in there or any(pattern.id == claim.baseline for claim in compared):
                for experiment in gate.experiments if pattern.about == gate.about else ():
                    if (environment, database, pattern.id, experiment) not in seen:
                        yield PlannedCell(
                            environment, database, pattern.id, experiment, place, again=True
                        )


def experiments(root: Path, investigation: Investigation) -> dict[str, Experiment]:
    """Return what each experiment that is asked for says of itself. Raises as `claims` does."""
    asked = experiments_of(_asked(root, investigation))
    return {one: experiment(root, investigation, one) for one in asked}


def inputs(
    root: Path, investigation: Investigation, cells: Iterable[PlannedCell]
) -> dict[PlannedCell, tuple[str, ...]]:
    """Return the files that could change each cell's history, relative to the project, sorted.

    These are the engine's part that observes a cell, the lock, and every module of the
    investigation's package save the claims, the checks, the reproductions, other backends' patterns
    and other experiments.
    """
    modules = {backend.id: backend.patterns for backend in investigation.backends}
    locks = {one.id: _lock(root, one) for one in investigation.installed}
    backends = {pattern.id: pattern.backend for pattern in investigation.patterns}
    asked = experiments_of(_asked(root, investigation))
    judging = {investigation.claims, statements.module(root, investigation)}
    judging = {*judging, investigation.reproductions} - {""}
    apart = {*judging, *modules.values(), *map(investigation.experiment_module, asked)}
    shared = [*files(root, investigation), *filter(lambda name: (root / name).is_file(), ENGINE)]
    found: dict[tuple[str, str, str], tuple[str, ...]] = {}

    def of(environment: str, backend: str, experiment: str) -> tuple[str, ...]:
        own = {modules[backend], investigation.experiment_module(experiment)}
        foreign = tuple(
            f"{module.replace('.', '/')}{end}" for module in apart - own for end in (".py", "/")
        )
        return tuple(
            sorted({locks[environment], *(path for path in shared if not path.startswith(foreign))})
        )

    return {
        cell: found.get(key) or found.setdefault(key, of(*key))
        for cell in cells
        for key in [(cell.environment, backends[cell.pattern], cell.experiment)]
    }


def digests(root: Path, paths: Iterable[str]) -> dict[str, str]:
    """Return the hexadecimal SHA-256 of each file by its path, without those that are not there."""
    return {
        path: hashlib.sha256((root / path).read_bytes()).hexdigest()
        for path in paths
        if (root / path).is_file()
    }


def _asked(root: Path, investigation: Investigation) -> tuple[Claim, ...]:
    """Return the claims, and the checks as claims, which ask for experiments alike."""
    checks = statements.checks(root, investigation)
    return (*claims(root, investigation), *(check.asked("") for check in checks))


def _lock(root: Path, environment: Environment) -> str:
    return environment.lock if (root / environment.lock).is_file() else environment.unresolved
