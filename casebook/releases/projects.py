"""A project like another one, in which some environments have other releases; runs cells there.

It is a folder in `build/releases/`: `conf/` and the experiments are links, the locks of these
environments and all results are its own. So nothing that is committed changes.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from casebook import ENGINE
from casebook.exit_codes import HarnessError
from casebook.files import digest, digest_of_file, write_whole
from casebook.judge.project import changed_inputs
from casebook.judge.results import Results, read_results, read_runs
from casebook.observe.progress import read
from casebook.observe.setting import SettingRun
from casebook.plan.cells import cell_inputs, file_digests
from casebook.plan.conf import investigation_ids, read_unlocked
from casebook.plan.investigation import Environment, Investigation, PlannedCell, Setting
from casebook.releases.environments import FOLDER, install
from casebook.releases.resolving import Lock, Unresolvable

PASSING = ("crashed", "timed-out")
"""The outcomes that may be the machine's doing: such cells run again each time."""


class NotObserved(Exception):
    """Something that the observation needs is not available now; the message says what."""


GLANCE = 1.0
"""Seconds between two looks at how far a run is."""

Watch = Callable[[str], None]
"""What is told in a line, again and again, how far a run is."""


def unwatched(line: str) -> None:
    """Do nothing: nobody watches."""


Locks = Mapping[str, Lock | Unresolvable]
"""The lock of each environment that has other releases, or the reason why there is none, by id."""


@dataclass(frozen=True, slots=True)
class Project:
    """A project like `origin`, in which the environments of `locks` have these locks."""

    origin: Path
    investigation: Investigation
    locks: Locks
    root: Path

    @classmethod
    def of(cls, origin: Path, investigation: Investigation, locks: Locks) -> Project:
        """Return the project, made or found again."""
        origin = origin.resolve()
        told = [investigation.id, sys.version, digest_of_file(origin / investigation.file)]
        for id, lock in sorted(locks.items()):
            told += [id, lock.digest if isinstance(lock, Lock) else str(lock)]
        name = digest("\n".join(told).encode())[:16]
        root = origin / FOLDER / "projects" / name
        made = cls(origin, investigation, locks, root)
        made._make()
        return made

    def environment(self, id: str) -> Environment:
        """Return an environment as the investigation declares it."""
        return self.investigation.environment(id)

    def run(self, cells: Iterable[PlannedCell], watch: Watch = unwatched) -> None:
        """Run these cells, each in its environment, unless they ran here with the same inputs.

        Only environments that have other releases can run. `watch` is told how far it is.
        Raises NotInstallable, NotObserved where a database's server is missing, and HarnessError if
        the harness failed.
        """
        settings: dict[Setting, list[PlannedCell]] = {}
        for cell in cells:
            settings.setdefault(cell.ran_in, []).append(cell)
        for setting, own in settings.items():
            if not self._ran(setting, own):
                self._run(setting, own, watch)
        for setting, run in read_runs(self.root, self.investigation).items():
            if setting in settings and run.status == "not-rerun":
                raise NotObserved(run.reason)

    def results(self) -> Results:
        """Return what was recorded here; raise HarnessError where something cannot be used."""
        found = read_results(self.root, self.investigation)
        for problem in found.problems:
            raise HarnessError(f"{self.root / problem.file}: {problem.place}: {problem.rule}")
        return found

    def _make(self) -> None:
        package = self.investigation.experiments.partition(".")[0]
        own = {self.environment(id).lock: lock for id, lock in self.locks.items()}
        _link(self.origin / package, self.root / package)
        requirements = Path("conf", "requirements", self.investigation.id)
        foreign = {*investigation_ids(self.origin)} - {self.investigation.id}
        for folder in (Path("conf"), Path("conf", "requirements"), requirements):
            (self.root / folder).mkdir(parents=True, exist_ok=True)
            for entry in (self.origin / folder).iterdir():
                if folder == Path("conf") and entry.name.partition(".")[0] in foreign:
                    continue  # the locks of other investigations are not here
                path = (folder / entry.name).as_posix()
                instead = path.removesuffix(".unresolved") + ".txt"
                if not entry.is_dir() and not {path, instead} & own.keys():
                    _link(entry, self.root / path)
        for path, lock in own.items():
            file = self.root / path
            if isinstance(lock, Lock):
                write_whole(file, lock.text, durable=False)
            else:
                write_whole(file.with_suffix(".unresolved"), f"{lock}\n", durable=False)
        for other in read_unlocked(self.root, self.investigation.id).installed:
            # Which environments the axes generate hangs on what the locks pin; none of them runs.
            if not any((self.root / one).exists() for one in (other.lock, other.unresolved)):
                write_whole(self.root / other.unresolved, "not asked for here\n", durable=False)

    def _ran(self, setting: Setting, cells: Iterable[PlannedCell]) -> bool:
        """Return whether all of these cells were recorded here, with what they would run with."""
        cells = tuple(cells)
        found = read_results(self.root, self.investigation)
        record = found.records.get(setting)
        if record is None or found.problems:
            return False
        known = {(cell.pattern, cell.experiment): cell for cell in record.cells}
        held = [known.get((cell.pattern, cell.experiment)) for cell in cells]
        inputs = cell_inputs(self.root, self.investigation, cells)
        digests = file_digests(self.root, sorted({path for own in inputs.values() for path in own}))
        return not changed_inputs(found.records, inputs, digests) and all(
            cell
            and len(cell.histories) == 1
            and found.histories[cell.histories[0]].outcome not in PASSING
            for cell in held
        )

    def _run(self, setting: Setting, cells: Iterable[PlannedCell], watch: Watch) -> None:
        lock = self.locks[setting.environment]
        python = install(self.origin, lock) if isinstance(lock, Lock) else Path(sys.executable)
        kept = {name: text for name, text in os.environ.items() if not name.startswith("PYTHON")}
        named = [f"{cell.pattern}/{cell.experiment}" for cell in cells]
        command = [str(python), "-m", "casebook", "--root", str(self.root), "run"]
        command += [setting.environment, "--database", setting.database, "--cells", *named]
        if isinstance(lock, Lock) and lock.imports:
            command += ["--imports", *lock.imports]
        where = SettingRun.of(self.root, self.investigation.id, *setting)
        said = where.facts.with_suffix(".said.txt")
        said.parent.mkdir(parents=True, exist_ok=True)
        with said.open("wb") as errors:
            process = subprocess.Popen(
                command,
                cwd=self.root,
                env={**kept, "PYTHONPATH": str(ENGINE.parent)},
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=errors,
            )
            code = _watched(process, where, watch)
        if code:
            text = said.read_text(encoding="utf-8", errors="replace")
            last = (text.strip().splitlines() or ["it said nothing"])[-1]
            raise HarnessError(f"{setting.environment}: the harness failed: {last}")


def _watched(process: subprocess.Popen[bytes], where: SettingRun, watch: Watch) -> int:
    """Return the exit code of a run, having told how far it was; end it if this is ended."""
    try:
        while True:
            try:
                return process.wait(timeout=GLANCE)
            except subprocess.TimeoutExpired:
                far = read(where.progress)
                if far and far.running:
                    watch(f"{where.environment.id}: {far.done} of {far.planned} cells")
    finally:
        process.terminate()
        process.wait()


def _link(entry: Path, link: Path) -> None:
    if link.is_symlink():
        if link.readlink() == entry:
            return
        link.unlink()
    link.parent.mkdir(parents=True, exist_ok=True)
    link.symlink_to(entry)
