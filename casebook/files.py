"""Files and folders: written whole or not at all, and digested by their content."""

from __future__ import annotations

import ctypes
import hashlib
import os
from pathlib import Path

AT_FDCWD = -100
RENAME_EXCHANGE = 2


def text_of(data: bytes) -> bytes:
    """Return a file's content with Unix line ends, since git may check it out with others."""
    return data.replace(b"\r\n", b"\n")


def digest(data: bytes) -> str:
    """Return the hexadecimal SHA-256 of a file's content, whatever its line ends."""
    return hashlib.sha256(text_of(data)).hexdigest()


def digest_of_file(path: Path) -> str:
    """Return the digest of a file's content, or "" if it cannot be read."""
    try:
        return digest(path.read_bytes())
    except OSError:
        return ""


def write_whole(path: str | os.PathLike[str], text: str, *, durable: bool = True) -> bool:
    """Write a file whole or not at all, and only if its content changed.

    Returns whether the file was written. Readers never see half a file, even if this is killed. If
    it is `durable`, not even after a loss of power; what is built again need not be.
    """
    path = os.fspath(path)
    data = text.encode()
    try:
        with open(path, "rb") as file:
            if file.read() == data:
                return False
    except FileNotFoundError:
        os.makedirs(os.path.dirname(path) or ".", exist_ok=True)
    draft = f"{path}.{os.getpid()}.part"
    try:
        with open(draft, "wb") as file:
            file.write(data)
            if durable:
                file.flush()
                os.fsync(file.fileno())
        os.replace(draft, path)
    except BaseException:
        if os.path.exists(draft):
            os.unlink(draft)
        raise
    return True


def swap(new: Path, place: Path) -> None:
    """Move the folder `new` to `place`; a folder that was at `place` is moved out of the way.

    Linux exchanges the two folders in one step. Other systems need two, between which `place` does
    not exist; if the second step fails, the old folder is put back.
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
    """Exchange two folders in one step; return False if the system cannot (needs glibc 2.28)."""
    rename = getattr(ctypes.CDLL(None), "renameat2", None)
    if rename is None:
        return False
    names = os.fsencode(one), os.fsencode(other)
    return bool(rename(AT_FDCWD, names[0], AT_FDCWD, names[1], RENAME_EXCHANGE) == 0)
