"""The cell: one pattern under one experiment, run in a process of its own and recorded.

    python -m casebook.observe.cell ORDER RUN

This is a *warm parent*: it imports what all cells of an order need, then forks a child for each,
one after the other, and answers in one line each. It runs inside the environment under test, so
it uses the standard library alone. A change here, in `casebook.observe.orders` or in
`casebook.record` outdates every record.
"""

from __future__ import annotations

import contextlib
import faulthandler
import gc
import importlib
import importlib.util
import json
import os
import resource
import shutil
import signal
import sys
import sysconfig
import threading
import time
import traceback
from collections.abc import Callable
from pathlib import Path
from types import FrameType, ModuleType
from typing import Any, NoReturn, TextIO

from casebook import ENGINE
from casebook.observe.orders import INTERRUPTED, HarnessFault, Order, ending
from casebook.record import Event, NoDatabase, Trial, clean


class WarmParent:
    """Forks one child for each cell, one after the other, and reports how each ended."""

    def __init__(self, order: Order, run: int, answers: TextIO) -> None:
        self.order = order
        self.scratch = Path(order.scratch, str(run))
        self.answers = answers
        self.child = 0
        self.expired = False
        self.evidence: tuple[str, ...] = ()

    def serve(self) -> None:
        """Answer every cell of the order, then return; none where the database cannot be used."""
        try:
            self.prepare()
        except NoDatabase as error:
            self.answer(unavailable=clean(f"{self.order.database}: {error}"))
            return
        self.answer(ready=True)
        signal.signal(signal.SIGTERM, self.end)
        signal.signal(signal.SIGALRM, self.expire)
        for number, cell in enumerate(self.order.cells):
            started = time.perf_counter()
            answer = self.run(cell, self.scratch / f"{number:05}")
            answer["seconds"] = round(time.perf_counter() - started, 4)
            self.answer(pattern=cell["pattern"], experiment=cell["experiment"], **answer)

    def imports(self) -> bool:
        """Import the libraries of the environment, report how it went, return whether it worked."""
        signal.signal(signal.SIGALRM, self.end_importing)
        signal.setitimer(signal.ITIMER_REAL, self.order.time_limit)
        try:
            for module in self.order.imports:
                importlib.import_module(module)
        except BaseException as error:
            text = "".join(traceback.format_exception_only(error)).strip()
            self.answer(unavailable=clean(text))
            return False
        signal.setitimer(signal.ITIMER_REAL, 0)
        self.answer(imported=True)
        return True

    def end_importing(self, number: int, frame: FrameType | None) -> NoReturn:
        """Give up on an import that takes too long."""
        self.answer(unavailable=f"importing: {_no_end(self.order.time_limit)}")
        os._exit(1)

    def warm(self, package: ModuleType) -> None:
        """Do what makes cells faster; a failure here comes again in the cells, which record it."""
        signal.signal(signal.SIGALRM, take_too_long)
        signal.setitimer(signal.ITIMER_REAL, self.order.time_limit, 1)
        try:
            package.warm()
        except BaseException:
            traceback.print_exc()
        finally:
            signal.setitimer(signal.ITIMER_REAL, 0)

    def prepare(self) -> None:
        """Import what all cells need, and leave nothing for the garbage collector to move."""
        package = importlib.import_module(self.order.package)
        if self.order.warm and hasattr(package, "warm"):
            self.warm(package)
        self.prepared(package)
        for module in sorted({cell[part] for cell in self.order.cells for part in _MODULES}):
            with contextlib.suppress(Exception):  # it fails again in the cell, as evidence
                importlib.import_module(module)
        for module in sorted({cell["module"] for cell in self.order.cells} & sys.modules.keys()):
            self.prepared(sys.modules[module])
        modules = (*self.order.patterns, *getattr(package, "APPLICATION", ()))
        specs = map(importlib.util.find_spec, modules)  # which imports none of them
        self.evidence = tuple(spec.origin for spec in specs if spec and spec.origin)
        if threading.active_count() > 1:
            names = ", ".join(thread.name for thread in threading.enumerate())
            raise HarnessFault(f"threads are left, and a fork would lose them: {names}")
        # What a child never collects it never copies, and a collection in a cell is no event.
        gc.collect()
        gc.disable()
        gc.freeze()

    def prepared(self, module: ModuleType) -> None:
        """Let a module prepare the database, if it has something to prepare."""
        if hasattr(module, "prepare"):
            module.prepare(self.order.database, self.order.server)

    def answer(self, **answer: Any) -> None:
        """Tell the run, in one line."""
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
        """Return the exit code of a child that did `work`, after its whole group has ended."""
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
        """End at once, with the child."""
        self.kill()
        os._exit(INTERRUPTED)

    def kill(self) -> None:
        """Kill what is left of the child's group."""
        if self.child:
            # The child may not lead its group yet, or the group may be empty.
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(self.child, signal.SIGKILL)

    def outcome(self, status: int, events: Path) -> dict[str, Any]:
        """Return what the child recorded, with how it ended if it could not record that itself."""
        recorded = [json.loads(line) for line in _whole_lines(events)]
        last = recorded.pop() if recorded and isinstance(recorded[-1], dict) else None
        if last is None:
            last = {"outcome": "crashed", "reason": ending(status)}
            if self.expired:
                last = {"outcome": "timed-out", "reason": _no_end(self.order.time_limit)}
        return {**last, "events": recorded}

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
                Trial(
                    pattern,
                    self.order.database,
                    folder,
                    lambda event: write(_checked(event)),
                    self.order.server,
                )
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
        innermost = next(file for file in reversed(files) if not is_standard(file))
        if is_installed(innermost) or innermost in self.evidence:
            return False
        return innermost.startswith((self.order.root + os.sep, f"{ENGINE}{os.sep}"))


def take_too_long(number: int, frame: FrameType | None) -> NoReturn:
    """End from within the work that the time limit was set for."""
    raise TimeoutError("no end")


_MODULES = ("patterns", "module")
"""The parts of a cell in an order that name modules: its pattern's and its experiment's."""

_HANDLED = {signal.SIGTERM, signal.SIGALRM, signal.SIGINT}

_STANDARD = sysconfig.get_path("stdlib") + os.sep


def is_installed(file: str) -> bool:
    """Return whether a file is that of an installed library."""
    return file.startswith(sys.prefix + os.sep) or f"-packages{os.sep}" in file


def is_standard(file: str) -> bool:
    """Return whether a file is Python's own."""
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
    """Return the whole lines of a file; a killed writer may leave part of one."""
    try:
        return file.read_bytes().split(b"\n")[:-1]
    except FileNotFoundError:
        return []


def _no_end(time_limit: float) -> str:
    return f"no end after {time_limit:g} s"


def main(order: str, run: str) -> int:
    """Be one run's warm parent: answer on standard output, and let cells print to the run's log."""
    told = Order(**json.loads(Path(order).read_text(encoding="utf-8")))
    told_back = os.fdopen(os.dup(1), "w", encoding="utf-8")
    if told.logs:
        log = Path(told.logs[run])
        log.parent.mkdir(parents=True, exist_ok=True)
        with log.open("wb") as file:
            os.dup2(file.fileno(), 2)
    os.dup2(2, 1)
    sys.stdout.reconfigure(line_buffering=True)  # type: ignore[union-attr]
    faulthandler.enable()
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))  # a crash is evidence, its memory is not
    parent = WarmParent(told, int(run), told_back)
    try:
        if parent.imports():
            parent.serve()
    except Exception:
        parent.answer(fault=traceback.format_exc())
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
