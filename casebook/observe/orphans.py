"""Ends what outlives the processes that started it, in whatever group or session it is.

A cell's group ends with the cell. What left the group, such as a server's process in a session of
its own, is found because Linux gives it to the nearest of its ancestors that asked for that.
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import signal
import sys
import time
from collections.abc import Iterator
from pathlib import Path

_ADOPT = 36
"""`PR_SET_CHILD_SUBREAPER`, of Linux: descendants that lose their parent become our children."""

_STOPPING = {signal.SIGINT, signal.SIGTERM, signal.SIGHUP}

GLANCE = 0.05
"""Seconds between two looks at whether what is left ends by itself."""


@contextlib.contextmanager
def ending_orphans(patience: float = 0) -> Iterator[None]:
    """End what is started meanwhile and is left at the end, with all that it started.

    It has `patience` seconds to end by itself. What runs before, such as a database's server,
    stays. Other systems than Linux end nothing.
    """
    if sys.platform != "linux":
        yield
        return
    ctypes.CDLL(None).prctl(_ADOPT, 1, 0, 0, 0)
    before = _children()
    try:
        yield
    finally:
        # Whoever interrupts twice must not leave the rest.
        masked = signal.pthread_sigmask(signal.SIG_BLOCK, _STOPPING)
        patient_until = time.monotonic() + patience
        while left := _children() - before:
            patient = time.monotonic() < patient_until
            for process in left:
                _end(process, kill=not patient)
            time.sleep(GLANCE if patient else 0)
        signal.pthread_sigmask(signal.SIG_SETMASK, masked)


def _end(process: int, *, kill: bool) -> None:
    """Take a child's end, which `kill` brings; what it started becomes ours, and its turn comes."""
    if kill:
        with contextlib.suppress(ProcessLookupError):
            os.kill(process, signal.SIGKILL)
    with contextlib.suppress(ChildProcessError):  # somebody else took its end
        os.waitpid(process, 0 if kill else os.WNOHANG)


def _children() -> set[int]:
    """Return the processes whose parent this is."""
    found = set()
    for entry in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):  # it ended meanwhile
            told = (entry / "stat").read_text(errors="replace").rpartition(")")[2].split()
            if int(told[1]) == os.getpid():
                found.add(int(entry.name))
    return found
