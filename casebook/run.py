"""The conductor: observes the planned cells of one environment and leaves their record.

    python -m casebook.run INVESTIGATION ENVIRONMENT [--database sqlite]

It runs inside the environment under test, so it uses the standard library alone. It lets warm
parents (`casebook.cell`) that differ in their hash seed run every cell, and compares what they saw.
"""

from __future__ import annotations

import argparse
import contextlib
import importlib
import json
import os
import shutil
import signal
import sys
import tempfile
import time
from collections.abc import Collection, Iterable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from casebook.order import (
    INTERRUPTED,
    Cold,
    Fault,
    Order,
    Unavailable,
    answers,
    history,
    warm_parents,
)
from casebook.plan.investigation import PlanError, PlannedCell
from casebook.record import Cell, History, NoServer, Planned, Record, clean, dump, write_whole
from casebook.task import Task, releases

RUNS = 2
"""How often each cell runs; run number n has the hash seed n."""


def observe(task: Task, results: Path) -> bool:
    """Run every planned cell twice and write the record; return whether the harness held.

    A cell in which the harness failed is missing from the record. Raises Fault where the run as a
    whole could not be made; then, and on Ctrl-C, the record stays as it was.
    """
    clock = _Clock()
    if reason := task.unresolved():
        _write_unavailable(task, results, clock, {}, reason)
        return True
    planned = task.cells()
    try:
        with _server(task) as server:
            observed = _observe_cells(task, planned, server)
    except Unavailable as error:
        _write_unavailable(task, results, clock, releases(), str(error))
        return True
    except NoServer as error:
        reason = clean(f"{task.database}: {error}")
        _write_facts(task, status="not-rerun", reason=reason)
        print(f"{task.environment.id}: not rerun: {reason}", file=sys.stderr)
        return True
    record = task.record(observed.of(planned), releases(), None)
    _write(task, results, clock, record, observed.seconds())
    for fault in observed.faults:
        print(fault, file=sys.stderr)
    return not observed.faults


def _write_unavailable(
    task: Task, results: Path, clock: _Clock, releases: dict[str, str], reason: str
) -> None:
    """Write the record of an environment in which no cell can run."""
    seen = History("unavailable", reason, ())
    cells = [Cell(cell.pattern, cell.experiment, 0, (seen,)) for cell in task.cells()]
    _write(task, results, clock, task.record(cells, releases, reason), {})


class _Clock:
    """When something began, and how long ago that is."""

    def __init__(self) -> None:
        self.started = datetime.now(UTC).isoformat(timespec="seconds")
        self._start = time.perf_counter()

    def seconds(self) -> float:
        return round(time.perf_counter() - self._start, 3)


def _write(
    task: Task, results: Path, clock: _Clock, record: Record, seconds: dict[str, list[float]]
) -> None:
    """Write the record, then what is volatile, and say how it went."""
    write_whole(results / f"{task.name}.json", dump(record))
    took = clock.seconds()
    _write_facts(
        task,
        status="ran",
        started=clock.started,
        seconds=took,
        cells=seconds,
        sqlite=_sqlite_release(),
    )
    where = f"{task.environment.id}  {task.database}"
    print(f"{where}  {_summary(record.planned, record.cells)} in {took:.1f} s")


def show(task: Task, pattern: str, experiment: str) -> None:
    """Run one planned cell once, write no file, and print its history.

    Raises PlanError for a cell that is not planned, Fault where the harness failed.
    """
    print("\n".join(readable(_observe_once(task, _planned(task, pattern, experiment)))))


def _planned(task: Task, pattern: str, experiment: str) -> list[PlannedCell]:
    """Return the one planned cell; raise PlanError for one that is not planned."""
    planned = [
        cell for cell in task.cells() if (cell.pattern, cell.experiment) == (pattern, experiment)
    ]
    if not planned:
        raise PlanError(
            task.investigation.file,
            f"environment '{task.environment.id}'",
            f"no cell {pattern!r} under {experiment!r} is planned in it",
            "write a pattern of its backend, or a control, and an experiment of a claim",
        )
    return planned


def _observe_once(task: Task, planned: Iterable[PlannedCell]) -> History:
    """Return the history of one planned cell; raise Fault where the harness failed."""
    if reason := task.unresolved():
        return History("unavailable", reason, ())
    with _server(task) as server, _scratch_folder() as folder:
        order = _order(task, planned, folder, server)
        with warm_parents(order, [1]) as parents:
            try:
                ((_, answer),) = answers(parents)
            except Unavailable as error:
                return History("unavailable", str(error), ())
    if "fault" in answer:
        raise Fault(answer["fault"])
    return history(answer)


def not_rerun(root: Path, investigation: str, environment: str, database: str, reason: str) -> None:
    """Note that an environment could not be installed now; its record stays as it is.

    Raises PlanError for an id that is not declared.
    """
    task = Task.of(root, investigation, environment, database)
    _write_facts(task, status="not-rerun", reason=clean(reason.strip()))


class _Observed:
    """What the warm parents have answered so far, by pattern and experiment and by run."""

    def __init__(self) -> None:
        self.answers: dict[tuple[str, str], dict[int, dict[str, Any]]] = {}
        self.cells: dict[tuple[str, str], Cell] = {}
        self.faults: list[str] = []

    def add(self, run: int, answer: dict[str, Any]) -> None:
        """Keep what one cell of one run came to."""
        key = (answer["pattern"], answer["experiment"])
        self.answers.setdefault(key, {})[run] = answer
        if "fault" in answer:
            self.faults.append(f"{'  '.join(key)}  run {run}\n{answer['fault']}")
        elif len(self.answers[key]) == RUNS and not self._faulty(key):
            self.cells[key] = self._cell(*key)

    def has_all(self, cells: Iterable[PlannedCell]) -> bool:
        """Return whether every run has answered for each of these cells."""
        return all(
            len(self.answers.get((cell.pattern, cell.experiment), {})) == RUNS for cell in cells
        )

    def of(self, planned: Iterable[PlannedCell]) -> list[Cell]:
        """Return the cells of all their runs, without those in which the harness failed."""
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
        """Return how long each cell took, run by run, by "pattern/experiment"."""
        return {
            "/".join(key): [answers[run]["seconds"] for run in sorted(answers)]
            for key, answers in self.answers.items()
        }


@contextlib.contextmanager
def _server(task: Task) -> Iterator[str]:
    """Yield the address of the database's server while it runs, empty for one that has none.

    Raises NoServer where it cannot be had.
    """
    module = task.investigation.database(task.database).server
    if not module:
        yield ""
        return
    sys.path.insert(0, str(task.root))
    try:
        serve = importlib.import_module(module).serve
    finally:
        sys.path.remove(str(task.root))
    with _scratch_folder() as folder, serve(folder) as address:
        yield address


def _observe_cells(task: Task, planned: tuple[PlannedCell, ...], server: str) -> _Observed:
    """Run the cells in two warm parents, saying which pattern is done.

    Raises Unavailable where the environment's libraries cannot be imported, Fault where a warm
    parent could not do its work.
    """
    try:
        return _observed(task, planned, server, warm=True)
    except Cold as error:
        print(f"{task.environment.id}  warming failed ({error}): going on without", file=sys.stderr)
        return _observed(task, planned, server, warm=False)


def _observed(
    task: Task, planned: tuple[PlannedCell, ...], server: str, *, warm: bool
) -> _Observed:
    """Run the cells in two warm parents; raises Cold, too, where warming ended one."""
    observed = _Observed()
    rows: dict[str, list[PlannedCell]] = {}
    for cell in planned:
        rows.setdefault(cell.pattern, []).append(cell)
    width = max(map(len, rows))
    with _scratch_folder() as folder:
        order = _order(task, planned, folder, server, logs=True, warm=warm)
        with warm_parents(order, range(1, RUNS + 1)) as parents:
            for run, answer in answers(parents):
                if "pattern" not in answer:
                    raise Fault(answer["fault"])
                observed.add(run, answer)
                row = rows[answer["pattern"]]
                if observed.has_all(row):
                    cells = observed.of(row)
                    label = f"{task.environment.id}  {answer['pattern']:<{width}}"
                    print(f"{label}  {_summary(row, cells, 'experiments')}", flush=True)
    if not observed.has_all(planned):
        raise Fault("a warm parent ended before its last cell")
    return observed


def _summary(
    planned: Collection[Planned | PlannedCell], cells: Collection[Cell], what: str = "cells"
) -> str:
    """Return how much of what was planned was observed, and how it ended where not well."""
    words = [f"{len(cells)} of {len(planned)} {what}"]
    for outcome in ("raised", "crashed", "timed-out", "unavailable"):
        number = sum(cell.histories[0].outcome == outcome for cell in cells)
        words += [f"{number} {outcome}"] if number else []
    differing = sum(len(cell.histories) > 1 for cell in cells)
    words += [f"{differing} not the same twice"] if differing else []
    return ", ".join(words)


def _write_facts(task: Task, **facts: Any) -> None:
    write_whole(task.facts, json.dumps(facts, indent=1) + "\n")


def _sqlite_release() -> str | None:
    try:
        import sqlite3
    except ImportError:  # an interpreter may be built without it
        return None
    return sqlite3.sqlite_version


def readable(history: History) -> Iterator[str]:
    """Yield a history as lines of aligned columns: number from 1, kind, labels, details."""
    kinds = max((len(event.kind) for event in history.events), default=0)
    labels = max((len(" ".join(event.labels)) for event in history.events), default=0)
    for number, event in enumerate(history.events, start=1):
        details = "  ".join(f"{name}={value!r}" for name, value in event.details.items())
        line = f"{number:>4}  {event.kind:<{kinds}}  {' '.join(event.labels):<{labels}}  {details}"
        yield line.rstrip()
    yield f"{history.outcome}: {history.reason}" if history.reason else history.outcome


def _order(
    task: Task,
    planned: Iterable[PlannedCell],
    scratch: str,
    server: str,
    *,
    logs: bool = False,
    warm: bool = False,
) -> Order:
    """Return what the warm parents are told."""
    investigation = task.investigation
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
        root=str(task.root),
        imports=list(task.environment.imports),
        package=investigation.experiments,
        database=task.database,
        time_limit=investigation.time_limit,
        scratch=scratch,
        logs={str(run): str(task.log(run)) for run in range(1, RUNS + 1)} if logs else {},
        cells=cells,
        patterns=[backend.patterns for backend in investigation.backends],
        warm=warm,
        server=server,
    )


@contextlib.contextmanager
def _scratch_folder() -> Iterator[str]:
    """Yield a folder in memory where there is one, and remove it with all that cells left."""
    memory = "/dev/shm"
    base = memory if os.access(memory, os.W_OK) else None
    folder = tempfile.mkdtemp(prefix="casebook-", dir=base)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


# --- The command ----------------------------------------------------------------------------------


def main(arguments: list[str] | None = None) -> int:
    """Do what the command line says; return the exit code: 0 ran, 1 fault, 2 usage, 130 Ctrl-C."""
    options = _parser().parse_args(arguments)
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        place = (options.root, options.investigation, options.environment, options.database)
        task = Task.of(*place, frozenset(map(_cell_named, options.cells)) or None)
        for cell in task.only or ():
            _planned(task, *cell)
        if options.only:
            show(task, *options.only)
            return 0
        return 0 if observe(task, task.root / options.results) else 1
    except PlanError as error:
        print(error, file=sys.stderr)
        return 2
    except Fault as error:
        print(error, file=sys.stderr)
        return 1
    except NoServer as error:
        print(f"{options.database}: {error}", file=sys.stderr)
        return 3
    except KeyboardInterrupt:
        print("interrupted: the record stays as it was", file=sys.stderr)
        return INTERRUPTED


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m casebook.run", description=__doc__)
    parser.add_argument("investigation")
    parser.add_argument("environment")
    parser.add_argument("--root", type=Path, default=Path("."), help="the project's folder")
    parser.add_argument(
        "--results", type=Path, default=Path("docs/results"), help="where the record is written"
    )
    parser.add_argument("--database", default="sqlite")
    parser.add_argument(
        "--only",
        nargs=2,
        metavar=("PATTERN", "EXPERIMENT"),
        help="run this cell once, write no file, and print its history",
    )
    parser.add_argument(
        "--cells",
        nargs="+",
        default=[],
        metavar="PATTERN/EXPERIMENT",
        help="run these cells alone, and write a record that holds no others",
    )
    return parser


def _cell_named(name: str) -> tuple[str, str]:
    """Return the pattern and the experiment that "pattern/experiment" names."""
    pattern, _, experiment = name.partition("/")
    return pattern, experiment


if __name__ == "__main__":
    sys.exit(main())
