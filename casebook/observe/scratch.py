"""Folders in which cells run, removed afterwards, also those that a killed run left."""

from __future__ import annotations

import contextlib
import fcntl
import os
import shutil
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

MEMORY = "/dev/shm"
"""The folder that Linux keeps in memory."""

SCRATCH = "casebook-cells-"
"""The prefix of the names of scratch folders."""

YOUNG = 60
"""The age in seconds from which an unlocked folder counts as left by a killed run."""


@contextlib.contextmanager
def scratch_folder() -> Iterator[str]:
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
