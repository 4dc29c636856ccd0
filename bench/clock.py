"""Runs commands and says what they took."""

from __future__ import annotations

import os
import subprocess
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path


class Failed(Exception):
    """A command that is measured ended otherwise than it should; the text says how."""


@dataclass(frozen=True, slots=True)
class Took:
    """What one run of a command took: its processor time and its real time, in seconds.

    Processor time is that of the command and of all processes that it waited for.
    """

    processor: float
    real: float
    code: int = 0
    printed: str = ""


@dataclass(frozen=True, slots=True)
class Command:
    """A command to measure: its words, where it runs, and what is done before each run of it."""

    words: Sequence[object]
    folder: Path
    before: Callable[[], object] = lambda: None
    codes: Sequence[int] = (0,)
    variables: Mapping[str, str | None] | None = None


def run(command: Command) -> Took:
    """Run a command once. Raises Failed where it ends with a code that it should not end with."""
    command.before()
    words = [str(word) for word in command.words]
    given = os.environ | {"PYTHONDONTWRITEBYTECODE": None} | dict(command.variables or {})
    env = {name: value for name, value in given.items() if value is not None}
    with tempfile.TemporaryFile() as output:
        started = time.perf_counter()
        process = subprocess.Popen(
            words, cwd=command.folder, env=env, stdout=output, stderr=subprocess.STDOUT
        )
        # The child's own usage, which the usage of all children of this process would hide.
        _, status, usage = os.wait4(process.pid, 0)
        real = time.perf_counter() - started
        process.returncode = os.waitstatus_to_exitcode(status)
        output.seek(0)
        printed = output.read().decode(errors="replace")
    if process.returncode not in command.codes:
        said = "\n".join(printed.splitlines()[-20:])
        raise Failed(f"{' '.join(words)} ended with {process.returncode}:\n{said}")
    return Took(usage.ru_utime + usage.ru_stime, real, process.returncode, printed)


def best(commands: Mapping[str, Command], times: int) -> dict[str, Took]:
    """Return the run of each command that took the least processor time.

    The commands take turns, so that what else the machine does falls on all of them.
    """
    took: dict[str, Took] = {}
    for _ in range(times):
        for name, command in commands.items():
            again = run(command)
            if name not in took or again.processor < took[name].processor:
                took[name] = again
    return took
