"""The planned cells of an investigation, and the files that could change their histories."""

from __future__ import annotations

import functools
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from casebook import ENGINE
from casebook.claim import Claim
from casebook.files import digest
from casebook.plan.claims import concerns, experiments_of, read_claims
from casebook.plan.investigation import Environment, Experiment, Investigation, PlannedCell, Setting
from casebook.plan.references import check_about
from casebook.plan.said import read_checks
from casebook.plan.sources import (
    experiment,
    files,
    imports,
    module_name,
    reached,
    source,
    used_by,
)

OBSERVING = ("casebook/record.py", "casebook/observe/orders.py", "casebook/observe/cell.py")
"""The engine's files that run while a cell is observed, and so could change its history.

Their paths are those in the engine's repository; they are read from the engine's own folder.
"""


# --- Cells ----------------------------------------------------------------------------------------


def planned_cells(root: Path, investigation: Investigation) -> tuple[PlannedCell, ...]:
    """Return every cell of the declared environments, in a stable order; see `_planned`.

    Raises PlanError as `read_claims` does. A backend's pattern runs every experiment that claims
    and checks ask for. In a twin the gate's experiments run too, so that the twin can be compared
    with the environment.
    """
    asking = _asked(root, investigation)
    planned = _planned(root, investigation, investigation.environments, asking)
    return (*planned, *_again(investigation, asking, planned))


def swept_cells(root: Path, investigation: Investigation) -> tuple[PlannedCell, ...]:
    """Return every cell of the environments that axes generate, in a stable order; see `_planned`.

    Raises PlanError as `read_claims` does. They decide no statement, so a pattern runs only the
    experiments that claims ask for; and what an addition changes is seen with the declared ones.
    """
    if not investigation.swept:
        return ()
    return _planned(root, investigation, investigation.swept, read_claims(root, investigation))


def all_cells(root: Path, investigation: Investigation) -> tuple[PlannedCell, ...]:
    """Return every cell: those of the declared environments, then those of the swept ones."""
    return (*planned_cells(root, investigation), *swept_cells(root, investigation))


def cells_in(root: Path, investigation: Investigation, environment: str) -> tuple[PlannedCell, ...]:
    """Return the cells that run in one environment, declared or swept, or in one twin."""
    named = investigation.environment(environment)
    base = investigation.environment(named.differs_from) if named.adds else named
    asking = read_claims(root, investigation) if base.axis else _asked(root, investigation)
    planned = _planned(root, investigation, [base], asking)
    again = () if base.axis else _again(investigation, asking, planned)
    return tuple(cell for cell in (*planned, *again) if cell.environment == environment)


def _planned(
    root: Path,
    investigation: Investigation,
    environments: Iterable[Environment],
    asking: Sequence[Claim],
) -> tuple[PlannedCell, ...]:
    """Return the cells that claims ask for in some environments.

    A control runs the experiments of the claims that name it. An experiment runs in the
    environment, or in a twin if only the twin has what the experiment needs.
    """
    asked = {
        pattern.id: experiments_of(claim for claim in asking if concerns(claim, pattern))
        for pattern in investigation.patterns
    }
    described = read_experiments(root, investigation)
    home_of = functools.cache(investigation.home)
    return tuple(
        PlannedCell(home, database, pattern.id, experiment, environment.id)
        for environment in environments
        for database in investigation.databases
        for pattern in investigation.patterns_in(environment)
        for experiment in asked[pattern.id]
        if described[experiment].runs_on(database)
        if (home := home_of(environment, database, described[experiment].needs))
    )


def _again(
    investigation: Investigation, claims: Iterable[Claim], planned: Iterable[PlannedCell]
) -> Iterator[PlannedCell]:
    """Yield the cells that compare a twin: its patterns under the gate's experiments."""
    gate = next(claim for claim in claims if claim.gate)
    compared = [claim for claim in claims if set(claim.experiments) <= set(gate.experiments)]
    seen = {(cell.environment, cell.database, cell.pattern, cell.experiment) for cell in planned}
    patterns: dict[tuple[str, str, str], set[str]] = {}
    for cell in planned:
        if cell.environment != cell.decides:
            place = cell.environment, cell.database, cell.decides
            patterns.setdefault(place, set()).add(cell.pattern)
    for (environment, database, decides), there in patterns.items():
        for pattern in investigation.patterns:
            if pattern.id in there or any(pattern.id == claim.baseline for claim in compared):
                for experiment in gate.experiments if pattern.about == gate.about else ():
                    if (environment, database, pattern.id, experiment) not in seen:
                        yield PlannedCell(
                            environment, database, pattern.id, experiment, decides, again=True
                        )


def cells_of_findings(
    planned: Iterable[PlannedCell],
    investigation: Investigation,
    claims: Iterable[Claim],
    setting: Setting,
    named: Iterable[tuple[str, str]],
) -> tuple[PlannedCell, ...]:
    """Return the planned cells that are needed to judge findings, `named` by claim and pattern.

    These are the patterns under the experiments of their claims, the controls of those claims, and
    the cells of the gate, without which nothing is judged.
    """
    claims = tuple(claims)
    asked: dict[str, set[str]] = {}
    for id, pattern in named:
        asked.setdefault(id, set()).add(pattern)
    patterns = {pattern for own in asked.values() for pattern in own}
    wanted: set[tuple[str, str]] = set()
    for claim in claims:
        own = set(asked.get(claim.id, ()))
        if claim.gate:
            own |= {id for id in patterns if concerns(claim, investigation.pattern(id))}
        if own:
            judged = own.union(claim.controls, filter(None, [claim.baseline]))
            wanted |= {(pattern, name) for pattern in judged for name in experiments_of([claim])}
    return tuple(
        cell
        for cell in planned
        if cell.setting == setting and not cell.again and (cell.pattern, cell.experiment) in wanted
    )


def read_experiments(root: Path, investigation: Investigation) -> dict[str, Experiment]:
    """Return every experiment that is asked for, by id. Raises PlanError as `read_claims` does."""
    asked = experiments_of(_asked(root, investigation))
    return {id: experiment(root, investigation, id) for id in asked}


def cell_inputs(
    root: Path, investigation: Investigation, cells: Iterable[PlannedCell]
) -> dict[PlannedCell, tuple[str, ...]]:
    """Return what could change each cell's history: files relative to the project, sorted.

    These are the engine's OBSERVING files, the lock, every module of the investigation's package
    or shared with others that the package itself, the pattern's or the experiment's module or a
    database's server imports, directly or through others, and every file that is no module.

    Of the backend's own patterns, `path::function` stands for the pattern's function and what it
    uses (see `sources.used_by`), so that another pattern beside it changes nothing; but it is the
    whole file where something else imports it, too.
    """
    modules = {backend.id: backend.patterns for backend in investigation.backends}
    locks = {environment.id: _lock(root, environment) for environment in investigation.installed}
    patterns = {pattern.id: pattern for pattern in investigation.patterns}
    shared = [*files(root, investigation), *OBSERVING]
    found: dict[tuple[str, str, str], tuple[str, ...]] = {}
    graph = imports(root, investigation)
    servers = {database.server for database in investigation.described} - {""}
    always = {investigation.experiments, *servers}
    places = {
        module: file.relative_to(root).as_posix()
        for module in graph
        if (file := source(root, module))
    }

    @functools.cache
    def used(own: str, experiment: str) -> frozenset[str]:
        return reached(graph, {*always, own, investigation.experiment_module(experiment)})

    @functools.cache
    def inputs(own: str, experiment: str) -> tuple[str, ...]:
        used_here = used(own, experiment)
        foreign = graph.keys() - used_here
        paths = [path for path in shared if module_name(path) not in foreign]
        paths += (places[module] for module in used_here & places.keys())
        return tuple(dict.fromkeys(paths))

    @functools.cache
    def pattern_alone(own: str, experiment: str) -> bool:
        """Return whether a pattern's module is used for its pattern alone."""
        return not any(own in graph.get(one, ()) for one in used(own, experiment) - {own})

    def of(environment: str, pattern: str, experiment: str) -> tuple[str, ...]:
        own = modules[patterns[pattern].backend]
        module = f"{own.replace('.', '/')}.py"
        part = f"::{patterns[pattern].function}" if pattern_alone(own, experiment) else ""
        return tuple(
            sorted(
                {
                    locks[environment],
                    *(
                        f"{path}{part}" if path == module else path
                        for path in inputs(own, experiment)
                    ),
                }
            )
        )

    return {
        cell: found.get(key) or found.setdefault(key, of(*key))
        for cell in cells
        for key in [(cell.environment, cell.pattern, cell.experiment)]
    }


def file_digests(root: Path, paths: Iterable[str]) -> dict[str, str]:
    """Return the digest of each input's content, leaving out what does not exist.

    An input is a file's path or `path::function`; see `cell_inputs`.
    """
    found: dict[str, str] = {}
    for path in paths:
        name, _, function = path.partition("::")
        file = (ENGINE.parent if path in OBSERVING else root) / name
        if file.is_file():
            content = used_by(file, function) if function else file.read_bytes()
            found |= {path: digest(content)} if content is not None else {}
    return found


def _asked(root: Path, investigation: Investigation) -> tuple[Claim, ...]:
    """Return the claims, and the checks in the form of claims: both ask for experiments."""
    checks = read_checks(root, investigation)
    asking = (*read_claims(root, investigation), *(check.asked("") for check in checks))
    check_about(investigation, (one.about for one in asking))
    return asking


def _lock(root: Path, environment: Environment) -> str:
    return environment.lock if (root / environment.lock).is_file() else environment.unresolved
