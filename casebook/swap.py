"""Puts a folder in the place of another, in one step where the system can."""

from __future__ import annotations

import ctypes
import os
from pathlib import Path

AT_FDCWD = -100
RENAME_EXCHANGE = 2


def swap(new: Path, place: Path) -> None:
    """Put the folder `new` in its place; what was there is then where `new` was.

    Linux exchanges two folders in one step. Elsewhere there is a moment between two steps in which
    nothing is there; an exception in it puts back what was.
    """
    if not place.exists():
        os.rename(new, place)
    elif not _exchange(new, place):
        aside = new.with_name(f"{new.name}.aside")
        os.rename(place, aside)
        try:
            os.rename(new, place)
        except BaseException:
            os.rename(aside, place)
            raise


def _exchange(one: Path, other: Path) -> bool:
    """Exchange two folders in one step, and return whether the system could (Linux, glibc 2.28)."""
    rename = getattr(ctypes.CDLL(None), "renameat2", None)
    if rename is None:
        return False
    names = os.fsencode(one), os.fsencode(other)
    return bool(rename(AT_FDCWD, names[0], AT_FDCWD, names[1], RENAME_EXCHANGE) == 0)
