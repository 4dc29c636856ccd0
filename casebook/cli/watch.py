"""Runs nox, shows its progress in one line, and leaves out what nox says where all is in order.

On a terminal the line moves; in a log it is written each half minute. All that nox says is kept in
a file.
"""

from __future__ import annotations

import contextlib
import queue
import re
import shutil
import signal
import subprocess
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import Protocol, TextIO

from casebook.cli.progress import Overview
from casebook.observe.orphans import ending_orphans
from casebook.observe.progress import read

NOX_LOG = "build/runs/nox.log"
"""The file that keeps all that nox and its sessions said, from the project's folder."""

EACH = 30.0
"""The seconds between two lines of a log."""

TICK = 0.5
"""The seconds between two looks at the progress."""

STOPPING = 10.0
"""The seconds that nox has to end its sessions after Ctrl-C."""

LEAVING = 3.0
"""The seconds that what nox leaves running has to end by itself."""

BEGINS = re.compile(r"Starting session (?P<session>.+)\.\.\.")
ENDS = re.compile(r"=+ (?P<sign>\S) (?P<session>.+?): (?P<status>\w+).* =+")
ALONE = re.compile(r"nox > Running session (?P<session>.+)")
"""What nox 2026.10 prints as sessions run in parallel, and as one runs alone."""

ENVIRONMENT = re.compile(r"experiments\((?P<id>.+)\)")

SAYS_NOTHING = re.compile(
    r"""
    Starting\ session\ .*
    | =+\ .*:\ success\b.*=+
    | nox\ >\ (
        Running\ session\ .*
        | Creating\ virtual\ environment\ .*
        | (Re-using|Reusing)\ existing\ .*
        | .*\b(uv|python\ -m)\ pip\ install\ .*
        | Session\ .*\ was\ successful.*
        | Ran\ (multiple|\d+)\ sessions\b.*
        | \*\ .*:\ success.*
        | Skipping\ \S+\ run,\ as\ --install-only\ is\ set\.
        | The\ virtualenv\ name\ was\ hashed\ to\ avoid\ being\ too\ long\.
    )
    |
    """,
    re.VERBOSE,
)
"""What nox 2026.10 says where all is in order; a line that it words otherwise is let through."""

COLOUR = re.compile(r"\x1b\[[0-9;?]*[a-zA-Z]")


class Screen(Protocol):
    """Where progress is shown, between lines that stay."""

    def show(self, line: Callable[[], str]) -> None:
        """Show how far things are; `line` is asked only if there is to be something new."""

    def say(self, text: str) -> None:
        """Write a line that stays."""

    def close(self) -> None:
        """Leave nothing of the progress behind."""


class Terminal:
    """One line that moves, cut to the terminal's width."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self._shown = ""

    def show(self, line: Callable[[], str]) -> None:
        """Show the line in the place of the one before."""
        width = shutil.get_terminal_size().columns - 1  # in the last column some terminals wrap
        text = cut(line(), width)
        if text != self._shown:
            self._write(f"\r{text}\x1b[K")
            self._shown = text

    def say(self, text: str) -> None:
        """Write a line that stays above the one that moves."""
        self.close()
        self._write(f"{text}\n")

    def close(self) -> None:
        """Remove the line."""
        if self._shown:
            self._write("\r\x1b[K")
            self._shown = ""

    def _write(self, text: str) -> None:
        self._stream.write(text)
        self._stream.flush()


class Log:
    """A line each half minute, the first after half a minute; `clock` tells the seconds."""

    def __init__(self, stream: TextIO, clock: Callable[[], float] = time.monotonic) -> None:
        self._stream, self._clock = stream, clock
        self._next = clock() + EACH

    def show(self, line: Callable[[], str]) -> None:
        """Write the line if half a minute has passed since the one before."""
        now = self._clock()
        if now >= self._next:
            self._next = now + EACH
            self.say(line())

    def say(self, text: str) -> None:
        """Write a line."""
        print(text, file=self._stream, flush=True)

    def close(self) -> None:
        """Do nothing: a log keeps its lines."""


def cut(text: str, width: int) -> str:
    """Return `text`, of which at most `width` characters are shown."""
    if len(text) <= width:
        return text
    return f"{text[: max(width - 3, 0)].rstrip()}..."[: max(width, 0)]


class Watch:
    """Follows what nox says: `overview` learns what runs, and `screen` shows what went wrong."""

    def __init__(self, overview: Overview, screen: Screen) -> None:
        self.overview, self.screen = overview, screen
        self._parallel = False

    def hear(self, line: str) -> None:
        """Take in a line that nox said, and let it through unless it says nothing."""
        line = line.rstrip()
        plain = COLOUR.sub("", line)
        if begins := BEGINS.fullmatch(plain):
            self._parallel = True
            self.overview.begun[_id(begins["session"])] = None
        elif ends := ENDS.fullmatch(plain):
            self.overview.ended.add(_id(ends["session"]))
        elif (alone := ALONE.fullmatch(plain)) and not self._parallel:
            self.overview.begun[_id(alone["session"])] = None
        if not SAYS_NOTHING.fullmatch(plain) and not self._is_in_order(plain):
            self.screen.say(line)

    def _is_in_order(self, line: str) -> bool:
        """Return whether a run printed this line, and all that it has to say is known already."""
        readings = (
            read(run.file) for run in self.overview.runs if line.startswith(run.environment)
        )
        return any(one and one.well and one.summary == line for one in readings)


def _id(session: str) -> str:
    """Return the id of the environment whose session this is, or else the session's name."""
    found = ENVIRONMENT.fullmatch(session)
    return found["id"] if found else session


def watch(root: Path, overview: Overview, command: Sequence[str], stream: TextIO) -> int:
    """Run nox until it ends, and return its exit code.

    On Ctrl-C nox is told once, is given the time to end its sessions, and KeyboardInterrupt is
    raised. It runs in a session of its own, so that a terminal's Ctrl-C does not reach it twice.
    """
    screen = Terminal(stream) if stream.isatty() else Log(stream)
    watching = Watch(overview, screen)
    for run in overview.runs:
        run.file.unlink(missing_ok=True)
    started = time.monotonic()
    looked = started - TICK
    with ending_orphans(LEAVING), _nox(command) as nox, _kept(root) as log:
        lines = _lines(nox)
        try:
            while (line := _next(lines)) is not None:
                if line:
                    log.write(line)
                    log.flush()
                    watching.hear(line)
                now = time.monotonic()
                if now - looked >= TICK:
                    looked = now
                    screen.show(partial(overview.line, now - started))
        finally:
            screen.close()
        return nox.wait()


@contextlib.contextmanager
def _nox(command: Sequence[str]) -> Iterator[subprocess.Popen[str]]:
    """Start nox, and stop it if this is interrupted."""
    nox = subprocess.Popen(
        command,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        encoding="utf-8",
        errors="backslashreplace",
        start_new_session=True,
        # What a shell starts in the background ignores SIGINT; nox must hear ours all the same.
        preexec_fn=partial(signal.signal, signal.SIGINT, signal.SIG_DFL),
    )
    try:
        yield nox
    finally:
        if nox.poll() is None:
            nox.send_signal(signal.SIGINT)
            try:
                nox.wait(STOPPING)
            finally:
                nox.kill()


@contextlib.contextmanager
def _kept(root: Path) -> Iterator[TextIO]:
    file = root / NOX_LOG
    file.parent.mkdir(parents=True, exist_ok=True)
    with file.open("w", encoding="utf-8") as log:
        yield log


def _lines(nox: subprocess.Popen[str]) -> queue.SimpleQueue[str | None]:
    """Return a queue into which each line of nox comes as it is said, and None at the end."""
    lines: queue.SimpleQueue[str | None] = queue.SimpleQueue()

    def forward() -> None:
        for line in nox.stdout or ():
            lines.put(line)
        lines.put(None)

    threading.Thread(target=forward, daemon=True).start()
    return lines


def _next(lines: queue.SimpleQueue[str | None]) -> str | None:
    """Return the next line, "" if there is none yet, or None at the end."""
    try:
        return lines.get(timeout=TICK)
    except queue.Empty:
        return ""
