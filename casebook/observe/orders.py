"""Orders: what a run tells its warm parents, how it starts them, and what they answer.

`casebook.observe.cell` carries them out. A change here outdates every record.
"""

from __future__ import annotations

import contextlib
import json
import os
import queue
import signal
import subprocess
import sys
import threading
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from casebook import ENGINE
from casebook.exit_codes import HarnessError
from casebook.record import Event, History

INTERRUPTED = 130
"""The exit code of a run that was told to stop."""

KEPT_VARIABLES = ("PATH", "HOME", "LANG", "TMPDIR", "VIRTUAL_ENV")
"""The environment variables of the caller that a process under test gets."""


class HarnessFault(HarnessError):
    """The harness itself failed; the text is a traceback or one line that says how."""


class Cold(Exception):
    """Warming ended a warm parent: start again without it."""


class Unavailable(Exception):
    """The environment's libraries cannot be imported; the text is the exact error."""


@dataclass(frozen=True, slots=True)
class Order:
    """What a warm parent is told, as JSON in a file of the folder `scratch`.

    `imports` names the modules that must be importable, `patterns` the modules of all patterns, in
    which an exception is evidence, as it is in the package's `APPLICATION`. `logs` are the files
    for what the cells of each run print, or empty. `warm` says whether to do beforehand what every
    cell would do again. `server` is the address of the database's server, or empty.
    """

    root: str
    imports: list[str]
    package: str
    database: str
    time_limit: float
    scratch: str
    logs: dict[str, str]
    cells: list[dict[str, str]]
    patterns: list[str]
    warm: bool
    server: str


@contextlib.contextmanager
def warm_parents(order: Order, runs: Iterable[int]) -> Iterator[dict[int, subprocess.Popen[str]]]:
    """Start a warm parent for each run, and end it with its child whatever happens.

    The number of the run is the hash seed.
    """
    file = Path(order.scratch, "order.json")
    file.write_text(json.dumps(asdict(order)), encoding="utf-8")
    parents: dict[int, subprocess.Popen[str]] = {}
    try:
        for run in runs:
            parents[run] = subprocess.Popen(
                [sys.executable, "-m", "casebook.observe.cell", str(file), str(run)],
                cwd=order.root,
                env=_scrubbed_variables(order.root, seed=run),
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                encoding="utf-8",
                start_new_session=True,  # a terminal's Ctrl-C is for the run, which ends them
            )
        yield parents
    finally:
        for parent in parents.values():
            parent.terminate()
        for parent in parents.values():
            parent.wait()


def answers(
    parents: dict[int, subprocess.Popen[str]],
) -> Iterator[tuple[int, dict[str, Any]]]:
    """Yield each warm parent's answers with the number of its run, as they arrive.

    An answer names a cell's pattern and experiment and holds its outcome, reason and events, or the
    harness's `fault`. A fault without a cell is the warm parent's own. Raises Unavailable where the
    environment's libraries cannot be imported, Cold where warming ended a parent.
    """
    arrivals: queue.SimpleQueue[tuple[int, str | None]] = queue.SimpleQueue()

    def forward(run: int, lines: Iterable[str]) -> None:
        for line in lines:
            arrivals.put((run, line))
        arrivals.put((run, None))

    for run, parent in parents.items():
        threading.Thread(target=forward, args=(run, parent.stdout), daemon=True).start()
    importing, warming = set(parents), set(parents)
    running = len(parents)
    while running:
        run, line = arrivals.get()
        if line is None and run in importing:
            raise Unavailable(f"importing: {ending(parents[run].wait())}")
        if line is None and run in warming:
            raise Cold(ending(parents[run].wait()))
        if line is None:
            running -= 1
            continue
        answer = json.loads(line)
        if "unavailable" in answer:
            raise Unavailable(answer["unavailable"])
        if "imported" in answer:
            importing.discard(run)
        elif "ready" in answer:
            warming.discard(run)
        else:
            yield run, answer


def history(answer: dict[str, Any]) -> History:
    """Return the history that an answer without a fault holds."""
    events = (Event(kind, tuple(labels), details) for kind, labels, details in answer["events"])
    return History(answer["outcome"], answer["reason"], tuple(events))


def _scrubbed_variables(root: str, seed: int) -> dict[str, str]:
    """Return the environment variables of a process under test: the same for every user."""
    kept = {name: os.environ[name] for name in KEPT_VARIABLES if name in os.environ}
    path = os.pathsep.join(dict.fromkeys([root, str(ENGINE.parent)]))
    return {**kept, "PYTHONPATH": path, "PYTHONHASHSEED": str(seed)}


def ending(code: int) -> str:
    """Return in words how a process with this exit code ended; the code of a signal is negative."""
    return f"killed by {signal.Signals(-code).name}" if code < 0 else f"exited with {code}"
