"""Observes the planned cells of one setting and writes their record.

Warm parents (`casebook.observe.cell`) run every cell, each under another hash seed; this module
compares the histories.
"""

from __future__ import annotations

import contextlib
import fcntl
import importlib
import json
import os
import shutil
import sys
import tempfile
import time
from collections.abc import Collection, Iterable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from casebook.files import write_whole
from casebook.observe.orders import (
    Cold,
    HarnessFault,
    Order,
    Unavailable,
    answers,
    history,
    warm_parents,
)
from casebook.observe.progress import Progress
from casebook.observe.setting import SettingRun, releases
from casebook.plan.investigation import PlanError, PlannedCell
from casebook.record import Cell, History, NoServer, Planned, Record, clean, dump

RUNS = 2
"""How many times each cell runs; run number n has the hash seed n."""


def observe(setting: SettingRun) -> bool:
    """Run every planned cell twice and write the record; return whether the harness held.

    A cell in which the harness failed is missing from the record. Raises HarnessFault if the run as
    a whole failed; then, and on Ctrl-C, the record stays as it was.
    """
    for cell in setting.only or ():
        _planned(setting, *cell)
    planned = setting.cells()
    with Progress(setting.progress, len(planned)) as progress:
        return _observe(setting, planned, progress)


def _observe(setting: SettingRun, planned: tuple[PlannedCell, ...], progress: Progress) -> bool:
    clock = _Clock()
    if reason := setting.unresolved():
        _write_unavailable(setting, clock, progress, {}, reason)
        return True
    try:
        with _server(setting) as server:
            observed = _observe_cells(setting, planned, server, progress)
    except Unavailable as error:
        _write_unavailable(setting, clock, progress, releases(), str(error))
        return True
    except NoServer as error:
        reason = clean(f"{setting.database}: {error}")
        _write_facts(setting, status="not-rerun", reason=reason)
        print(f"{setting.environment.id}: not rerun: {reason}", file=sys.stderr)
        return True
    record = setting.record(observed.of(planned), releases(), None)
    _write(setting, clock, progress, record, observed.seconds())
    for fault in observed.faults:
        print(fault, file=sys.stderr)
    return not observed.faults


def _write_unavailable(
    setting: SettingRun,
    clock: _Clock,
    progress: Progress,
    releases: dict[str, str],
    reason: str,
) -> None:
    """Write the record of an environment in which no cell can run."""
    seen = History("unavailable", reason, ())
    cells = [Cell(cell.pattern, cell.experiment, 0, (seen,)) for cell in setting.cells()]
    progress.done((cell.pattern, cell.experiment) for cell in cells)
    _write(setting, clock, progress, setting.record(cells, releases, reason), {})


class _Clock:
    """Measures the time since it was made."""

    def __init__(self) -> None:
        self.started = datetime.now(UTC).isoformat(timespec="seconds")
        self._start = time.perf_counter()

    def seconds(self) -> float:
        return round(time.perf_counter() - self._start, 3)


def _write(
    setting: SettingRun,
    clock: _Clock,
    progress: Progress,
    record: Record,
    seconds: dict[str, list[float]],
) -> None:
    """Write the record and then the volatile facts, and print a summary."""
    write_whole(setting.record_file, dump(record))
    took = clock.seconds()
    _write_facts(
        setting,
        status="ran",
        started=clock.started,
        seconds=took,
        cells=seconds,
        sqlite=_sqlite_release(),
    )
    where = f"{setting.environment.id}  {setting.database}"
    summary = f"{where}  {_summary(record.planned, record.cells)} in {took:.1f} s"
    progress.end(summary, well=_went_well(record))


def show_once(setting: SettingRun, pattern: str, experiment: str) -> None:
    """Run one planned cell once and print its history, without writing a file.

    Raises PlanError for a cell that is not planned, HarnessFault if the harness failed, NoServer
    if the database's server cannot be started.
    """
    try:
        history = _observe_once(setting, _planned(setting, pattern, experiment))
    except NoServer as error:
        raise NoServer(f"{setting.database}: {error}") from error
    print("\n".join(readable(history)))


def _planned(setting: SettingRun, pattern: str, experiment: str) -> list[PlannedCell]:
    """Return a list of the one planned cell; raise PlanError if it is not planned."""
    planned = [
        cell for cell in setting.cells() if (cell.pattern, cell.experiment) == (pattern, experiment)
    ]
    if not planned:
        raise PlanError(
            setting.investigation.file,
            f"environment '{setting.environment.id}'",
            f"no cell of pattern {pattern!r} under experiment {experiment!r} is planned",
            "name a pattern of its backend or a control, and an experiment of a claim",
        )
    return planned


def _observe_once(setting: SettingRun, planned: Iterable[PlannedCell]) -> History:
    """Return the history of one planned cell; raise HarnessFault if the harness failed."""
    if reason := setting.unresolved():
        return History("unavailable", reason, ())
    with _server(setting) as server, _scratch_folder() as folder:
        order = _order(setting, planned, folder, server)
        with warm_parents(order, [1]) as parents:
            try:
                ((_, answer),) = answers(parents)
            except Unavailable as error:
                return History("unavailable", str(error), ())
    if "fault" in answer:
        raise HarnessFault(answer["fault"])
    return history(answer)


def note_not_rerun(setting: SettingRun, reason: str) -> None:
    """Write down why an environment could not be installed this time; its record stays."""
    _write_facts(setting, status="not-rerun", reason=clean(reason.strip()))


class _Observed:
    """The answers of the warm parents so far, by pattern and experiment and by run."""

    def __init__(self) -> None:
        self.answers: dict[tuple[str, str], dict[int, dict[str, Any]]] = {}
        self.cells: dict[tuple[str, str], Cell] = {}
        self.faults: list[str] = []

    def add(self, run: int, answer: dict[str, Any]) -> bool:
        """Add the answer for one cell of one run; return whether all its runs have answered."""
        key = (answer["pattern"], answer["experiment"])
        self.answers.setdefault(key, {})[run] = answer
        if "fault" in answer:
            self.faults.append(f"{'  '.join(key)}  run {run}\n{answer['fault']}")
        elif len(self.answers[key]) == RUNS and not self._faulty(key):
            self.cells[key] = self._cell(*key)
        return len(self.answers[key]) == RUNS

    def has_all(self, cells: Iterable[PlannedCell]) -> bool:
        """Return whether every run has answered for each of these cells."""
        return all(
            len(self.answers.get((cell.pattern, cell.experiment), {})) == RUNS for cell in cells
        )

    def of(self, planned: Iterable[PlannedCell]) -> list[Cell]:
        """Return the observed cells among those planned; cells where the harness failed are not."""
        keys = ((cell.pattern, cell.experiment) for cell in planned)
        return [self.cells[key] for key in keys if key in self.cells]

    def _faulty(self, key: tuple[str, str]) -> bool:
        return any("fault" in answer for answer in self.answers[key].values())

    def _cell(self, pattern: str, experiment: str) -> Cell:
        answers = self.answers[pattern, experiment]
        first, *others = (history(answers[run]) for run in sorted(answers))
        differ = any(other != first for other in others)
        return Cell(pattern, experiment, RUNS, (first, *others) if differ else (first,))

    def seconds(self) -> dict[str, list[float]]:
        """Return the duration of each run of each cell, by "pattern/experiment"."""
        return {
            "/".join(key): [answers[run]["seconds"] for run in sorted(answers)]
            for key, answers in self.answers.items()
        }


@contextlib.contextmanager
def _server(setting: SettingRun) -> Iterator[str]:
    """Yield the address of the database's server while it runs, or "" if it has no server.

    Raises NoServer if the server cannot be started.
    """
    module = setting.investigation.database(setting.database).server
    if not module:
        yield ""
        return
    sys.path.insert(0, str(setting.root))
    try:
        serve = importlib.import_module(module).serve
    finally:
        sys.path.remove(str(setting.root))
    with _scratch_folder() as folder, serve(folder) as address:
        yield address


def _observe_cells(
    setting: SettingRun, planned: tuple[PlannedCell, ...], server: str, progress: Progress
) -> _Observed:
    """Run the cells in two warm parents, and note each that is done.

    Raises Unavailable if the environment's libraries cannot be imported, HarnessFault if a warm
    parent failed.
    """
    try:
        return _observed(setting, planned, server, progress, warm=True)
    except Cold as error:
        where = setting.environment.id
        print(f"{where}  warming failed ({error}): going on without", file=sys.stderr)
        return _observed(setting, planned, server, progress, warm=False)


def _observed(
    setting: SettingRun,
    planned: tuple[PlannedCell, ...],
    server: str,
    progress: Progress,
    *,
    warm: bool,
) -> _Observed:
    """Run the cells in two warm parents; raise Cold if warming ended one of them."""
    observed = _Observed()
    with _scratch_folder() as folder:
        order = _order(setting, planned, folder, server, logs=True, warm=warm)
        with warm_parents(order, range(1, RUNS + 1)) as parents:
            for run, answer in answers(parents):
                if "pattern" not in answer:
                    raise HarnessFault(answer["fault"])
                if observed.add(run, answer):
                    progress.done([(answer["pattern"], answer["experiment"])])
    if not observed.has_all(planned):
        raise HarnessFault("a warm parent ended before its last cell")
    return observed


def _summary(planned: Collection[Planned], cells: Collection[Cell]) -> str:
    """Return how many of the planned cells were observed, and how many ended badly."""
    words = [f"{len(cells)} of {len(planned)} cells"]
    for outcome in ("raised", "crashed", "timed-out", "unavailable"):
        number = sum(cell.histories[0].outcome == outcome for cell in cells)
        words += [f"{number} {outcome}"] if number else []
    differing = sum(len(cell.histories) > 1 for cell in cells)
    words += [f"{differing} not the same twice"] if differing else []
    return ", ".join(words)


def _went_well(record: Record) -> bool:
    """Return whether every cell was observed, and each ended the same twice, and by itself."""
    return len(record.cells) == len(record.planned) and not any(
        len(cell.histories) > 1 or cell.histories[0].outcome in ("crashed", "timed-out")
        for cell in record.cells
    )


def _write_facts(setting: SettingRun, **facts: Any) -> None:
    write_whole(setting.facts, json.dumps(facts, indent=1) + "\n")


def _sqlite_release() -> str | None:
    try:
        import sqlite3
    except ImportError:  # an interpreter may be built without it
        return None
    return sqlite3.sqlite_version


def readable(history: History) -> Iterator[str]:
    """Yield a history as lines of aligned columns: number (from 1), kind, labels, details."""
    kinds = max((len(event.kind) for event in history.events), default=0)
    labels = max((len(" ".join(event.labels)) for event in history.events), default=0)
    for number, event in enumerate(history.events, start=1):
        details = "  ".join(f"{name}={value!r}" for name, value in event.details.items())
        line = f"{number:>4}  {event.kind:<{kinds}}  {' '.join(event.labels):<{labels}}  {details}"
        yield line.rstrip()
    yield f"{history.outcome}: {history.reason}" if history.reason else history.outcome


def _order(
    setting: SettingRun,
    planned: Iterable[PlannedCell],
    scratch: str,
    server: str,
    *,
    logs: bool = False,
    warm: bool = False,
) -> Order:
    investigation = setting.investigation
    cells = []
    for cell in planned:
        pattern = investigation.pattern(cell.pattern)
        cells.append(
            {
                "pattern": cell.pattern,
                "experiment": cell.experiment,
                "patterns": investigation.backend(pattern.backend).patterns,
                "function": pattern.function,
                "module": investigation.experiment_module(cell.experiment),
            }
        )
    return Order(
        root=str(setting.root),
        imports=list(setting.environment.imports),
        package=investigation.experiments,
        database=setting.database,
        time_limit=investigation.time_limit,
        scratch=scratch,
        logs={str(run): str(setting.log(run)) for run in range(1, RUNS + 1)} if logs else {},
        cells=cells,
        patterns=[backend.patterns for backend in investigation.backends],
        warm=warm,
        server=server,
    )


MEMORY = "/dev/shm"
"""The folder that Linux keeps in memory."""

SCRATCH = "casebook-cells-"
"""The prefix of the names of scratch folders."""

YOUNG = 60
"""The age in seconds from which an unlocked folder counts as left by a killed run."""


@contextlib.contextmanager
def _scratch_folder() -> Iterator[str]:
    """Yield a new folder, in memory if possible, and remove it afterwards.

    A lock marks the folder as in use; the next run removes unlocked folders that a killed run left.
    """
    base = Path(MEMORY if os.access(MEMORY, os.W_OK) else tempfile.gettempdir())
    for left in base.glob(f"{SCRATCH}*"):
        _remove_unless_locked(left)
    folder = tempfile.mkdtemp(prefix=SCRATCH, dir=base)
    lock = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)
        os.close(lock)


def _remove_unless_locked(folder: Path) -> None:
    """Remove a scratch folder that no run has locked, unless it is so young that one may yet."""
    with contextlib.suppress(OSError):
        if time.time() - folder.stat().st_mtime < YOUNG:
            return
        lock = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            shutil.rmtree(folder, ignore_errors=True)
        finally:
            os.close(lock)
