"""The runner: observes the planned cells of one environment and leaves their record.

    python -m casebook.run INVESTIGATION ENVIRONMENT [--database sqlite]

It runs inside the environment under test, so it uses the standard library alone. Two *warm
parents*, fresh interpreters that differ in their hash seed, import what all cells need and then
fork one child for each cell, one after the other; the *conductor*, which the command starts,
compares what the two observed. They are one module, since they share one small protocol.
"""

from __future__ import annotations

import argparse
import contextlib
import faulthandler
import gc
import importlib
import importlib.metadata
import json
import os
import platform
import queue
import re
import resource
import shutil
import signal
import subprocess
import sys
import sysconfig
import tempfile
import threading
import time
import traceback
from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from types import FrameType
from typing import Any, NoReturn, TextIO

from casebook import plan
from casebook.plan import Environment, Investigation, PlanError, PlannedCell
from casebook.record import (
    SCHEMA,
    Cell,
    Event,
    History,
    Planned,
    Record,
    Trial,
    clean,
    dump,
    write_whole,
)

RUNS = 2
"""How often each cell runs; run number n has the hash seed n."""

INTERRUPTED = 130

_KEPT_VARIABLES = ("PATH", "HOME", "LANG", "TMPDIR", "VIRTUAL_ENV")

_NOT_RELEASES = {"pip", "setuptools", "wheel", "uv"}
"""What installs the environment and is no part of what is observed."""


# --- What a run is of -----------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Task:
    """One environment with one database, in one project."""

    root: Path
    investigation: Investigation
    environment: Environment
    database: str

    @classmethod
    def of(cls, root: Path, investigation: str, environment: str, database: str) -> Task:
        """Return the task that these ids name; raise PlanError for one that is not declared."""
        root = root.resolve()
        declared = plan.read(root, investigation)
        if database not in declared.databases:
            mend = f"write one of {', '.join(declared.databases)}"
            raise PlanError(declared.file, "databases", f"{database!r} is not declared", mend)
        return cls(root, declared, declared.environment(environment), database)

    @property
    def name(self) -> str:
        """How the task's files are called, without their ending."""
        return f"{self.investigation.id}/{self.environment.id}.{self.database}"

    @property
    def facts(self) -> Path:
        """The file of what is volatile: when the task ran and how long, or why it did not."""
        return self.root / "build" / "runs" / f"{self.name}.json"

    def log(self, run: int) -> Path:
        """Return the file of what the cells of one run printed."""
        return self.root / "build" / "runs" / f"{self.name}.run-{run}.log"

    def cells(self) -> tuple[PlannedCell, ...]:
        """Return the task's planned cells. Raises PlanError."""
        return tuple(
            cell
            for cell in plan.cells(self.root, self.investigation)
            if (cell.environment, cell.database) == (self.environment.id, self.database)
        )

    def unresolved(self) -> str | None:
        """Return the resolver's reason where the requirements do not fit together, else None."""
        if (self.root / self.environment.lock).is_file():
            return None
        reason = (self.root / self.environment.unresolved).read_text(encoding="utf-8")
        return clean(reason.strip())

    def record(
        self, cells: Iterable[Cell], releases: dict[str, str], unavailable: str | None
    ) -> Record:
        """Return the record of what was observed, with what it was observed on."""
        planned = self.cells()
        paths = {
            path
            for cell in planned
            for path in plan.inputs(
                self.root, self.investigation, cell.environment, cell.pattern, cell.experiment
            )
        }
        return Record(
            schema=SCHEMA,
            investigation=self.investigation.id,
            environment=self.environment.id,
            database=self.database,
            python=f"{sys.version_info.major}.{sys.version_info.minor}",
            platform=f"{sys.platform}-{platform.machine()}",
            releases=releases,
            digests=plan.digests(self.root, sorted(paths)),
            unavailable=unavailable,
            planned=tuple(Planned(cell.pattern, cell.experiment) for cell in planned),
            cells=tuple(cells),
        )


def releases() -> dict[str, str]:
    """Return the release of each distribution installed here by its normalised name, sorted."""
    found = {
        re.sub(r"[-_.]+", "-", distribution.metadata["Name"]).lower(): distribution.version
        for distribution in importlib.metadata.distributions()
        if distribution.metadata["Name"]
    }
    return {name: found[name] for name in sorted(found.keys() - _NOT_RELEASES)}


# --- The conductor --------------------------------------------------------------------------------


class Fault(Exception):
    """The harness itself failed; the text is a traceback or one line that says how."""


def observe(task: Task, results: Path) -> bool:
    """Run every planned cell twice and write the record; return whether the harness held.

    A cell in which the harness failed is missing from the record. Raises Fault where the run as a
    whole could not be made; then, and on Ctrl-C, the record stays as it was.
    """
    clock = _Clock()
    if reason := task.unresolved():
        _write_unavailable(task, results, clock, {}, reason)
        return True
    if reason := import_failure(task):
        _write_unavailable(task, results, clock, releases(), reason)
        return True
    planned = task.cells()
    observed = _observe_cells(task, planned)
    cells = [cell for cell in map(observed.cell, planned) if cell]
    _write(task, results, clock, task.record(cells, releases(), None), observed.seconds())
    for fault in observed.faults:
        print(fault, file=sys.stderr)
    return not observed.faults


def _write_unavailable(
    task: Task, results: Path, clock: _Clock, releases: dict[str, str], reason: str
) -> None:
    """Write the record of an environment in which no cell can run."""
    history = History("unavailable", reason, ())
    cells = [Cell(cell.pattern, cell.experiment, 0, (history,)) for cell in task.cells()]
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
    print(f"{task.environment.id}  {_summary(record.planned, record.cells)} in {took:.1f} s")


def show(task: Task, pattern: str, experiment: str) -> None:
    """Run one planned cell once, write no file, and print its history.

    Raises PlanError for a cell that is not planned, Fault where the harness failed.
    """
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
    unavailable = task.unresolved() or import_failure(task)
    history = History("unavailable", unavailable or "", ())
    if unavailable is None:
        with _scratch_folder() as folder:
            order = _order(task, planned, folder)
            with _warm_parents(order, [1]) as parents:
                for _, answer in _answers(parents):
                    if "fault" in answer:
                        raise Fault(answer["fault"])
                    history = _history(answer)
    print("\n".join(readable(history)))


def not_rerun(root: Path, investigation: str, environment: str, database: str, reason: str) -> None:
    """Note that an environment could not be installed now; its record stays as it is.

    Raises PlanError for an id that is not declared.
    """
    task = Task.of(root, investigation, environment, database)
    _write_facts(task, status="not-rerun", reason=clean(reason.strip()))


def unresolved(
    root: Path, investigation: str, environment: str, database: str, results: Path
) -> None:
    """Write the record of an environment that has no lock but the resolver's reason why.

    Raises PlanError for an id that is not declared, Fault for an environment that has a lock.
    """
    task = Task.of(root, investigation, environment, database)
    reason = task.unresolved()
    if reason is None:
        raise Fault(f"{task.environment.lock} exists: the environment is resolved")
    _write_unavailable(task, results, _Clock(), {}, reason)


_IMPORT = """
import sys, traceback
def end(kind, error, trace):
    print("\\0" + "".join(traceback.format_exception_only(kind, error)), end="")
sys.excepthook = end
"""
"""Ends with the exact error as the last thing printed, after a character that no library prints."""


def import_failure(task: Task) -> str | None:
    """Return the exact error with which the environment's libraries fail to import, or None."""
    imports = "\n".join(f"import {name}" for name in task.environment.imports)
    try:
        done = subprocess.run(
            [sys.executable, "-c", _IMPORT + imports],
            cwd=task.root,
            env=_scrubbed_variables(task.root, seed=1),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            timeout=task.investigation.time_limit,
        )
    except subprocess.TimeoutExpired:
        return f"importing: {_no_end(task.investigation.time_limit)}"
    if done.returncode == 0:
        return None
    error = done.stdout.decode(errors="backslashreplace").rpartition("\0")[2].strip()
    return clean(error) if b"\0" in done.stdout else _ending(done.returncode)


class _Observed:
    """What the warm parents have answered so far, by pattern and experiment and by run."""

    def __init__(self) -> None:
        self.answers: dict[tuple[str, str], dict[int, dict[str, Any]]] = {}
        self.faults: list[str] = []

    def add(self, run: int, answer: dict[str, Any]) -> None:
        """Keep what one cell of one run came to."""
        key = (answer["pattern"], answer["experiment"])
        self.answers.setdefault(key, {})[run] = answer
        if "fault" in answer:
            self.faults.append(f"{'  '.join(key)}  run {run}\n{answer['fault']}")

    def has_all(self, cells: Iterable[PlannedCell]) -> bool:
        """Return whether every run has answered for each of these cells."""
        return all(
            len(self.answers.get((cell.pattern, cell.experiment), {})) == RUNS for cell in cells
        )

    def cell(self, planned: PlannedCell) -> Cell | None:
        """Return the cell of all its runs, or None where the harness failed in one."""
        answers = self.answers[planned.pattern, planned.experiment]
        if any("fault" in answer for answer in answers.values()):
            return None
        first, *others = (_history(answers[run]) for run in sorted(answers))
        differ = any(other != first for other in others)
        histories = (first, *others) if differ else (first,)
        return Cell(planned.pattern, planned.experiment, RUNS, histories)

    def seconds(self) -> dict[str, list[float]]:
        """Return how long each cell took, run by run, by "pattern/experiment"."""
        return {
            "/".join(key): [answers[run]["seconds"] for run in sorted(answers)]
            for key, answers in self.answers.items()
        }


def _observe_cells(task: Task, planned: tuple[PlannedCell, ...]) -> _Observed:
    """Run the cells in two warm parents, saying which pattern is done.

    Raises Fault where a warm parent could not do its work.
    """
    observed = _Observed()
    rows: dict[str, list[PlannedCell]] = {}
    for cell in planned:
        rows.setdefault(cell.pattern, []).append(cell)
    width = max(map(len, rows))
    with _scratch_folder() as folder:
        order = _order(task, planned, folder, logs=True)
        with _warm_parents(order, range(1, RUNS + 1)) as parents:
            for run, answer in _answers(parents):
                if "pattern" not in answer:
                    raise Fault(answer["fault"])
                observed.add(run, answer)
                row = rows[answer["pattern"]]
                if observed.has_all(row):
                    cells = [cell for cell in map(observed.cell, row) if cell]
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


def _history(answer: dict[str, Any]) -> History:
    events = (Event(kind, tuple(labels), details) for kind, labels, details in answer["events"])
    return History(answer["outcome"], answer["reason"], tuple(events))


def _write_facts(task: Task, **facts: Any) -> None:
    write_whole(task.facts, json.dumps(facts, indent=1) + "\n")


def _sqlite_release() -> str | None:
    try:
        import sqlite3
    except ImportError:  # an interpreter may be built without it
        return None
    return sqlite3.sqlite_version


def readable(history: History) -> Iterator[str]:
    """Yield a history as lines of aligned columns: number, kind, labels, details."""
    kinds = max((len(event.kind) for event in history.events), default=0)
    labels = max((len(" ".join(event.labels)) for event in history.events), default=0)
    for number, event in enumerate(history.events):
        details = "  ".join(f"{name}={value!r}" for name, value in event.details.items())
        line = f"{number:>4}  {event.kind:<{kinds}}  {' '.join(event.labels):<{labels}}  {details}"
        yield line.rstrip()
    yield f"{history.outcome}: {history.reason}" if history.reason else history.outcome


# --- Between conductor and warm parents -----------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Order:
    """What a warm parent is told, as JSON in a file.

    `evidence` lists the files of the project in which an exception is evidence: the patterns' and
    the application's. `logs` are the files for what the cells of each run print, or empty.
    """

    root: str
    package: str
    database: str
    time_limit: float
    scratch: str
    logs: dict[str, str]
    cells: list[dict[str, str]]
    patterns: list[str]


def _order(task: Task, planned: Iterable[PlannedCell], scratch: str, *, logs: bool = False) -> Path:
    """Write what the warm parents are told and return the file."""
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
    order = Order(
        root=str(task.root),
        package=investigation.experiments,
        database=task.database,
        time_limit=investigation.time_limit,
        scratch=scratch,
        logs={str(run): str(task.log(run)) for run in range(1, RUNS + 1)} if logs else {},
        cells=cells,
        patterns=[backend.patterns for backend in investigation.backends],
    )
    file = Path(scratch, "order.json")
    file.write_text(json.dumps(asdict(order)), encoding="utf-8")
    return file


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


@contextlib.contextmanager
def _warm_parents(order: Path, runs: Iterable[int]) -> Iterator[dict[int, subprocess.Popen[str]]]:
    """Start a warm parent for each run, and end it with its child whatever happens."""
    root = Path(json.loads(order.read_text(encoding="utf-8"))["root"])
    parents: dict[int, subprocess.Popen[str]] = {}
    try:
        for run in runs:
            parents[run] = subprocess.Popen(
                [sys.executable, "-m", "casebook.run", "--serve", str(order), str(run)],
                cwd=root,
                env=_scrubbed_variables(root, seed=run),
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                encoding="utf-8",
                start_new_session=True,  # a terminal's Ctrl-C is for the conductor, who ends them
            )
        yield parents
    finally:
        for parent in parents.values():
            parent.terminate()
        for parent in parents.values():
            parent.wait()


def _answers(
    parents: dict[int, subprocess.Popen[str]],
) -> Iterator[tuple[int, dict[str, Any]]]:
    """Yield each warm parent's answers with the number of its run, as they arrive."""
    arrivals: queue.SimpleQueue[tuple[int, str | None]] = queue.SimpleQueue()

    def forward(run: int, lines: Iterable[str]) -> None:
        for line in lines:
            arrivals.put((run, line))
        arrivals.put((run, None))

    for run, parent in parents.items():
        threading.Thread(target=forward, args=(run, parent.stdout), daemon=True).start()
    running = len(parents)
    while running:
        run, line = arrivals.get()
        if line is None:
            running -= 1
        else:
            yield run, json.loads(line)


def _scrubbed_variables(root: Path, seed: int) -> dict[str, str]:
    """Return the environment variables of a process under test: the same for every user."""
    kept = {name: os.environ[name] for name in _KEPT_VARIABLES if name in os.environ}
    engine = Path(__file__).resolve().parent.parent
    path = os.pathsep.join(dict.fromkeys([str(root), str(engine)]))
    return {**kept, "PYTHONPATH": path, "PYTHONHASHSEED": str(seed)}


# --- The warm parent ------------------------------------------------------------------------------


class WarmParent:
    """Forks one child for each cell, one after the other, and says how it ended."""

    def __init__(self, order: Order, run: int, answers: TextIO) -> None:
        self.order = order
        self.scratch = Path(order.scratch, str(run))
        self.answers = answers
        self.child = 0
        self.expired = False
        self.evidence: tuple[str, ...] = ()

    def serve(self) -> None:
        """Answer every cell of the order, then return."""
        self.warm()
        signal.signal(signal.SIGTERM, self.end)
        signal.signal(signal.SIGALRM, self.expire)
        for number, cell in enumerate(self.order.cells):
            started = time.perf_counter()
            answer = self.run(cell, self.scratch / f"{number:05}")
            answer["seconds"] = round(time.perf_counter() - started, 4)
            self.answer(pattern=cell["pattern"], experiment=cell["experiment"], **answer)

    def warm(self) -> None:
        """Import what all cells need, and leave nothing that a garbage collection would move."""
        package = importlib.import_module(self.order.package)
        getattr(package, "warm", lambda: None)()
        modules = (*self.order.patterns, *getattr(package, "APPLICATION", ()))
        files = (plan.source(Path(self.order.root), module) for module in modules)
        self.evidence = tuple(str(file) for file in files if file)
        if threading.active_count() > 1:
            names = ", ".join(thread.name for thread in threading.enumerate())
            raise Fault(f"warm() left threads, and a fork would lose them: {names}")
        # What a child never collects it never copies, and a collection in a cell is no event.
        gc.collect()
        gc.disable()
        gc.freeze()

    def answer(self, **answer: Any) -> None:
        """Tell the conductor, in one line."""
        print(json.dumps(answer), file=self.answers, flush=True)

    def run(self, cell: dict[str, str], folder: Path) -> dict[str, Any]:
        """Run one cell in a child and return its outcome, reason and events, or its fault."""
        own = folder / "cell"
        own.mkdir(parents=True)
        events = folder / "events"
        if self.order.logs:
            print(f"--- {cell['pattern']}  {cell['experiment']}", flush=True)
        try:
            status = self.fork(lambda: self.attempt(cell, str(own), events))
            return self.outcome(status, events)
        finally:
            shutil.rmtree(folder, ignore_errors=True)

    def fork(self, work: Callable[[], int]) -> int:
        """Return the exit code of a child that did `work`, once nothing of its group is left."""
        self.expired = False
        # A signal that came between the fork and the assignment would miss the child.
        signal.pthread_sigmask(signal.SIG_BLOCK, _HANDLED)
        self.child = os.fork()
        if self.child == 0:
            self.become_child(work)
        signal.setitimer(signal.ITIMER_REAL, self.order.time_limit)
        signal.pthread_sigmask(signal.SIG_UNBLOCK, _HANDLED)
        _, status = os.waitpid(self.child, 0)
        signal.setitimer(signal.ITIMER_REAL, 0)
        self.kill()
        self.child = 0
        return os.waitstatus_to_exitcode(status)

    def expire(self, number: int, frame: FrameType | None) -> None:
        """Kill a child that took too long; `waitpid` then returns by itself."""
        self.expired = True
        self.kill()

    def end(self, number: int, frame: FrameType | None) -> NoReturn:
        """Leave at once, with the child."""
        self.kill()
        os._exit(INTERRUPTED)

    def kill(self) -> None:
        """Kill what is left of the child's group."""
        if self.child:
            # The child may not lead its group yet, or the group may be empty.
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(self.child, signal.SIGKILL)

    def outcome(self, status: int, events: Path) -> dict[str, Any]:
        """Return what the child recorded, with how it ended where it could not say so itself."""
        recorded = [json.loads(line) for line in _whole_lines(events)]
        ending = recorded.pop() if recorded and isinstance(recorded[-1], dict) else None
        if ending is None:
            ending = {"outcome": "crashed", "reason": _ending(status)}
            if self.expired:
                ending = {"outcome": "timed-out", "reason": _no_end(self.order.time_limit)}
        return {**ending, "events": recorded}

    # --- In the child -----------------------------------------------------------------------------

    def become_child(self, work: Callable[[], int]) -> NoReturn:
        """Do the work in a group of its own and exit with its code, past every handler."""
        code = 1
        try:
            os.setsid()
            for number in _HANDLED:
                signal.signal(number, signal.SIG_DFL)
            signal.pthread_sigmask(signal.SIG_UNBLOCK, _HANDLED)
            os.close(self.answers.fileno())
            code = work()
            sys.stdout.flush()
            sys.stderr.flush()
        finally:
            os._exit(code)

    def attempt(self, cell: dict[str, str], folder: str, events: Path) -> int:
        """Run the experiment, stream its events, and return the code to exit with."""
        os.chdir(folder)
        stream = os.open(events, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)

        def write(line: Any) -> None:
            os.write(stream, json.dumps(line, allow_nan=False).encode() + b"\n")

        try:
            pattern = getattr(importlib.import_module(cell["patterns"]), cell["function"])
            experiment = importlib.import_module(cell["module"])
            experiment.run(
                Trial(pattern, self.order.database, folder, lambda event: write(_checked(event)))
            )
        except SystemExit as error:
            return error.code if isinstance(error.code, int) else int(error.code is not None)
        except BaseException as error:
            if self.is_fault(error):
                write({"fault": "".join(traceback.format_exception(error))})
            else:
                text = "".join(traceback.format_exception_only(error))
                write({"outcome": "raised", "reason": clean(text.strip())})
        else:
            write({"outcome": "completed", "reason": ""})
        return 0

    def is_fault(self, error: BaseException) -> bool:
        """Return whether the harness raised: its code is the innermost that is not Python's own."""
        files = [frame.f_code.co_filename for frame, _ in traceback.walk_tb(error.__traceback__)]
        innermost = next(file for file in reversed(files) if not _is_standard(file))
        engine = os.path.dirname(os.path.abspath(__file__))
        if _is_installed(innermost) or innermost in self.evidence:
            return False
        return innermost.startswith((self.order.root + os.sep, engine + os.sep))


_HANDLED = {signal.SIGTERM, signal.SIGALRM, signal.SIGINT}

_STANDARD = sysconfig.get_path("stdlib") + os.sep


def _is_installed(file: str) -> bool:
    return file.startswith(sys.prefix + os.sep) or f"-packages{os.sep}" in file


def _is_standard(file: str) -> bool:
    return file.startswith("<frozen ") or (
        file.startswith(_STANDARD) and f"-packages{os.sep}" not in file
    )


def _checked(event: Event) -> list[Any]:
    """Return an event as JSON takes it; raise TypeError for what a record cannot hold."""
    for name, value in event.details.items():
        if not isinstance(value, (str, int, float, bool, type(None))):
            raise TypeError(f"{event.kind}: detail {name!r} is no scalar: {value!r}")
    if not all(isinstance(label, str) for label in event.labels):
        raise TypeError(f"{event.kind}: labels are texts: {event.labels!r}")
    return [event.kind, event.labels, event.details]


def _whole_lines(file: Path) -> list[bytes]:
    """Return the lines that were written to their end; a killed writer may leave a part."""
    try:
        return file.read_bytes().split(b"\n")[:-1]
    except FileNotFoundError:
        return []


def _ending(code: int) -> str:
    return f"killed by {signal.Signals(-code).name}" if code < 0 else f"exited with {code}"


def _no_end(time_limit: float) -> str:
    return f"no end after {time_limit:g} s"


def serve(order: str, run: str) -> int:
    """Be a warm parent: answer on standard output, and let cells print to the run's log."""
    told = Order(**json.loads(Path(order).read_text(encoding="utf-8")))
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    if told.logs:
        log = Path(told.logs[run])
        log.parent.mkdir(parents=True, exist_ok=True)
        with log.open("wb") as file:
            os.dup2(file.fileno(), 2)
    os.dup2(2, 1)
    sys.stdout.reconfigure(line_buffering=True)  # type: ignore[union-attr]
    faulthandler.enable()
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))  # a crash is evidence, its memory is not
    parent = WarmParent(told, int(run), answers)
    try:
        parent.serve()
    except Exception:
        parent.answer(fault=traceback.format_exc())
        return 1
    return 0


# --- The command ----------------------------------------------------------------------------------


def main(arguments: list[str] | None = None) -> int:
    """Do what the command line says; return the exit code: 0 ran, 1 fault, 2 usage, 130 Ctrl-C."""
    options = _parser().parse_args(arguments)
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        task = Task.of(options.root, options.investigation, options.environment, options.database)
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
    return parser


if __name__ == "__main__":
    if sys.argv[1:2] == ["--serve"]:
        sys.exit(serve(*sys.argv[2:]))
    sys.exit(main())
