"""Runs the declared environments with the releases that the index held on a past day, and keeps it.

Only the cells run by which statements of that day are judged. What is installed the same as today
runs nothing: its record is kept as it is.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from casebook.exit_codes import HarnessError
from casebook.judge.report import Report
from casebook.observe.run import record_uninstallable
from casebook.observe.setting import SettingRun
from casebook.plan.cells import planned_cells
from casebook.plan.conf import pins
from casebook.plan.investigation import (
    Environment,
    Investigation,
    PlannedCell,
    Setting,
    package_name,
)
from casebook.plan.said import read_checks
from casebook.record import History
from casebook.releases.environments import NotInstallable
from casebook.releases.projects import NotObserved, Project
from casebook.releases.resolving import Lock, Unresolvable, moved, resolve
from casebook.releases.uv import UvFailed
from casebook.stored import INSTALLERS, Record, store_as_of

Say = Callable[[str], None]
"""What tells the user in a line what is being done."""


class NotAsOf(Exception):
    """The releases of a day could not be had or observed now; the text says why."""


@dataclass(frozen=True, slots=True)
class AsOf:
    """What was kept of a day: how many settings ran, and how many are today's.

    `failed` says of each environment in which the harness failed how it did.
    """

    day: str
    ran: int
    same: int
    failed: tuple[str, ...] = ()


def observe_as_of(root: Path, report: Report, day: str, say: Say) -> AsOf:
    """Observe the declared environments with the releases of a day, and keep the records.

    Where no statement was written on that day, nothing is asked. Nothing is kept of an environment
    in which the harness failed. Raises NotAsOf where something could not be had now; then nothing
    is kept at all.
    """
    investigation = report.investigation
    cells: dict[str, list[PlannedCell]] = {}
    for cell in asked_cells(root, report, day):
        cells.setdefault(cell.environment, []).append(cell)
    planned = {one.id: one for one in investigation.installed if one.id in cells}
    locks = dict(_locks(root, investigation, planned.values(), day))
    others = {id: lock for id, lock in locks.items() if not _is_todays(root, planned[id], lock)}
    records: dict[Setting, Record] = {}
    histories: dict[str, History] = {}
    failed = []
    for id, lock in others.items():
        say(f"{id}: {_told(root, planned[id], lock)}")
        try:
            found, known = _observed(root, investigation, id, lock, cells[id])
        except HarnessError as error:
            failed.append(str(error))
            continue
        records |= found
        histories |= known
    same = _todays(report, (cell for id in locks if id not in others for cell in cells[id]))
    kept = [*records.values(), *same.values()]
    store_as_of(root, investigation.id, day, kept, histories.values())
    return AsOf(day, len(records), len(same), tuple(failed))


def asked_cells(root: Path, report: Report, day: str) -> tuple[PlannedCell, ...]:
    """Return the planned cells that decide a statement which was written on a day.

    With them go the cells of the gates, and those of the controls and the baselines of all claims.
    """
    said, investigation = report.said, report.investigation
    planned = planned_cells(root, investigation)
    checks = {check.id: check for check in read_checks(root, investigation)}
    bindings = [
        binding
        for statement in (said.statements if said else ())
        if any(said and said.source(one.source).day == day for one in statement.quotations)
        for binding in statement.bindings
    ]
    gates = [claim for claim in report.claims if claim.gate]
    wanted: set[tuple[str, str]] = set()
    for binding in bindings:
        asked = [report.claims_by_id[id] for id in binding.claims]
        asked += [checks[binding.check].asked(binding.of)] if binding.check else []
        for claim in (*asked, *gates):
            others = {*claim.supported_by, *claim.refuted_by, claim.baseline or ""}
            wanted |= {(p, e) for p in (*binding.patterns, *others) for e in claim.experiments}
    return tuple(cell for cell in planned if (cell.pattern, cell.experiment) in wanted)


def _locks(
    root: Path, investigation: Investigation, planned: Iterable[Environment], day: str
) -> Iterator[tuple[str, Lock | Unresolvable]]:
    """Yield the lock of each environment as of a day; a twin keeps the releases of its own."""
    known: dict[str, Lock | Unresolvable] = {}
    for environment in planned:
        beside = environment.differs_from if environment.adds else environment.id
        if beside not in known:
            known[beside] = _lock(root, investigation.environment(beside), day)
        base = known[beside]
        if environment.adds and isinstance(base, Lock):
            install = (*(f"{name}=={release}" for name, release in base.pins), *environment.adds)
            yield environment.id, _resolved(install, day)
        else:
            yield environment.id, base


def _lock(root: Path, environment: Environment, day: str) -> Lock | Unresolvable:
    """Return the lock of an environment as of a day.

    Where a release of that day has no such extra as the environment asks for, the resolver takes it
    without. What must be importable, and is locked today under the name that is imported, is then
    asked for by this name.
    """
    found = _resolved(environment.install, day)
    if isinstance(found, Unresolvable):
        return found
    imported = {package_name(module.partition(".")[0]) for module in environment.imports}
    missing = sorted((imported & dict(pins(root, environment)).keys()) - found.releases.keys())
    return _resolved((*environment.install, *missing), day) if missing else found


def _resolved(requirements: Iterable[str], day: str) -> Lock | Unresolvable:
    try:
        return resolve(tuple(requirements), before=day)
    except Unresolvable as error:
        return error
    except UvFailed as error:
        raise NotAsOf(f"the releases of {day} cannot be resolved now: {error}") from None


def _is_todays(root: Path, environment: Environment, lock: Lock | Unresolvable) -> bool:
    """Return whether an environment has the same releases today, or as little as then."""
    if isinstance(lock, Unresolvable):
        file = root / environment.unresolved
        return file.is_file() and file.read_text(encoding="utf-8").strip() == str(lock)
    ours = {name: one for name, one in pins(root, environment) if name not in INSTALLERS}
    return ours == lock.releases


def _observed(
    root: Path,
    investigation: Investigation,
    id: str,
    lock: Lock | Unresolvable,
    cells: Sequence[PlannedCell],
) -> tuple[dict[Setting, Record], dict[str, History]]:
    """Run an environment's cells with a lock; return the records and the histories.

    What cannot be installed at all is an observation, too.
    """
    project = Project.of(root, investigation, {id: lock})
    settings = dict.fromkeys(cell.ran_in for cell in cells)
    try:
        project.run(cells)
    except NotInstallable as error:
        if error.out_of_reach:
            raise NotAsOf(f"{id} cannot be installed now: {error}") from None
        for setting in settings:
            own = frozenset((one.pattern, one.experiment) for one in cells if one.ran_in == setting)
            run = SettingRun.of(project.root, investigation.id, *setting, own)
            record_uninstallable(run, str(error))
    except NotObserved as error:
        raise NotAsOf(f"{id}: {error}") from None
    results = project.results()
    return {key: one for key, one in results.records.items() if key in settings}, results.histories


def _todays(report: Report, cells: Iterable[PlannedCell]) -> Mapping[Setting, Record]:
    """Return today's records of these cells' settings, whose releases are those of the day."""
    settings = {cell.ran_in for cell in cells}
    return {key: one for key, one in report.records.items() if key in settings}


def _told(root: Path, environment: Environment, lock: Lock | Unresolvable) -> str:
    """Return in a line what is otherwise than today."""
    if isinstance(lock, Unresolvable):
        return f"cannot be resolved: {lock}"
    changed = moved(pins(root, environment), lock.pins)
    return ", ".join(
        f"{one.package} {one.after or 'none'}" for one in changed if one.package not in INSTALLERS
    )
