"""The run of a setting: one environment with one database, whose cells are recorded together."""

from __future__ import annotations

import importlib.metadata
import json
import platform
import sys
import sysconfig
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from casebook.installed import NOT_RESOLVED
from casebook.observe.earlier import Note, current, outcome_of
from casebook.observe.orders import HarnessFault
from casebook.observe.progress import ENDING
from casebook.plan.cells import cell_inputs, cells_in, file_digests
from casebook.plan.conf import pins, read_investigation
from casebook.plan.investigation import Environment, Investigation, PlannedCell, package_name
from casebook.plan.mistakes import PlanError, one_of
from casebook.record import clean
from casebook.stored import HISTORIES, INSTALLERS, SCHEMA, Cell, Record, as_planned, folder


@dataclass(frozen=True, slots=True)
class SettingRun:
    """One environment with one database, in one project.

    `only` names the cells to run, by pattern and experiment; None stands for all.
    """

    root: Path
    investigation: Investigation
    environment: Environment
    database: str
    only: frozenset[tuple[str, str]] | None = None

    @classmethod
    def of(
        cls,
        root: Path,
        investigation: str,
        environment: str,
        database: str,
        only: frozenset[tuple[str, str]] | None = None,
        imports: Iterable[str] | None = None,
    ) -> SettingRun:
        """Return the run of the setting that these ids name; raise PlanError for an unknown id.

        `imports` are the modules that must be importable, None for those that are declared.
        """
        root = root.resolve()
        declared = read_investigation(root, investigation)
        if database not in declared.databases:
            fix = one_of(database, declared.databases)
            raise PlanError(declared.file, "databases", f"unknown database {database!r}", fix)
        named = declared.environment(environment)
        if imports is not None:
            named = replace(named, imports=tuple(imports))
        return cls(root, declared, named, database, only)

    @property
    def name(self) -> str:
        """The name of the setting's files, without the ending."""
        return f"{self.investigation.id}/{self.environment.id}.{self.database}"

    @property
    def record_file(self) -> Path:
        """The path of the record."""
        return (
            self.root
            / folder(self.investigation.id)
            / f"{self.environment.id}.{self.database}.json"
        )

    @property
    def facts(self) -> Path:
        """The path of the volatile facts: when the setting ran and how long, or why it did not."""
        return self.root / "build" / "runs" / f"{self.name}.json"

    @property
    def progress(self) -> Path:
        """The path of the file that says how far the run is."""
        return self.root / "build" / "runs" / f"{self.name}{ENDING}"

    def log(self, run: int) -> Path:
        """Return the path of the output that the cells of one run printed."""
        return self.root / "build" / "runs" / f"{self.name}.run-{run}.log"

    def cells(self) -> tuple[PlannedCell, ...]:
        """Return the setting's planned cells. Raises PlanError for a mistake in the plan."""
        return tuple(
            cell
            for cell in cells_in(self.root, self.investigation, self.environment.id)
            if cell.database == self.database
            and (self.only is None or (cell.pattern, cell.experiment) in self.only)
        )

    def earlier(self, inputs: Mapping[PlannedCell, str]) -> dict[tuple[str, str], Note]:
        """Return the notes of the cells that need not run again; see `earlier.current`."""
        where = self.environment.id, self.database
        return current(self.root, self.investigation, where, inputs)

    def unavailable(self, notes: Mapping[tuple[str, str], Note]) -> str | None:
        """Return the reason why no cell of these notes could run, or None if they ran."""
        names = [name for note in notes.values() if note.runs == 0 for name in note.histories]
        histories = self.record_file.parent / HISTORIES
        return outcome_of((histories / f"{names[0]}.json").read_bytes())[1] if names else None

    def check_installed(self) -> None:
        """Raise HarnessFault if the environment holds something else than its lock."""
        locked = {
            name: one for name, one in pins(self.root, self.environment) if name not in INSTALLERS
        }
        found = releases()
        if locked and found != locked:
            name = min(dict(locked.items() ^ found.items()))
            has, wanted = found.get(name, "nothing"), locked.get(name, "nothing")
            raise HarnessFault(
                f"{self.environment.id}: {name}: {has} is installed, the lock holds {wanted}: "
                f"remove {sys.prefix}, and run again"
            )

    def unresolved(self) -> str | None:
        """Return that the requirements do not fit together, and the reason, or None if they do."""
        if (self.root / self.environment.lock).is_file():
            return None
        reason = (self.root / self.environment.unresolved).read_text(encoding="utf-8")
        return clean(f"{NOT_RESOLVED}: {reason.strip()}")

    def record(
        self, cells: Iterable[Cell], releases: dict[str, str], unavailable: str | None
    ) -> Record:
        """Return the record of these cells, with the releases and digests of their inputs."""
        planned = self.cells()
        inputs = cell_inputs(self.root, self.investigation, planned).values()
        return Record(
            schema=SCHEMA,
            investigation=self.investigation.id,
            environment=self.environment.id,
            database=self.database,
            python=f"{sys.version_info.major}.{sys.version_info.minor}",
            platform=f"{sys.platform}-{platform.machine()}",
            releases=releases,
            digests=file_digests(self.root, sorted({path for paths in inputs for path in paths})),
            unavailable=unavailable,
            planned=as_planned((cell.pattern, cell.experiment) for cell in planned),
            cells=tuple(cells),
        )


def read_facts(file: Path) -> dict[str, Any]:
    """Return the volatile facts of a run, none where there are none or they cannot be read."""
    try:
        found = json.loads(file.read_bytes())
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}


def releases() -> dict[str, str]:
    """Return the release of each installed distribution by its normalised name, sorted."""
    installed = dict.fromkeys(map(sysconfig.get_path, ("purelib", "platlib")))
    found = {
        package_name(distribution.metadata["Name"]): distribution.version
        for distribution in importlib.metadata.distributions(path=[*installed])
        if distribution.metadata["Name"]
    }
    return {name: found[name] for name in sorted(found.keys() - INSTALLERS)}
