"""What is on this machine: an environment's interpreter, or why there is none, and the engine."""

from __future__ import annotations

import functools
import hashlib
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path

from casebook import ENGINE

LONGEST_REASON = 400

NOT_RESOLVED = "cannot be resolved"
NOT_INSTALLED = "cannot be installed"
NOT_IMPORTED = "cannot be imported"
"""What may be said of an environment in which nothing can run."""

UNSOLVABLE = "No solution found"
"""What uv says where requirements do not fit together."""

BROKEN = (
    "The build backend returned an error",
    "has no wheels with a matching",
    "has no usable wheels",
    "does not satisfy Python",
)
"""What it says of a release that cannot be installed with this Python, here or elsewhere."""

PASSING = re.compile(r"network was disabled|connection|timed out|retries|name resolution", re.I)
"""What it says besides where something was out of reach this time."""


class EnvironmentMissing(Exception):
    """The environment is not installed here; the message says how to install it."""


def interpreter(root: Path, environment: str) -> Path:
    """Return the path of the interpreter in the environment that nox made.

    Environments are looked up in the folder that `CASEBOOK_ENVIRONMENTS` names, else in `.nox`.
    Raises EnvironmentMissing if the environment is not installed.
    """
    path = _folder(root, f"experiments({environment})") / "bin" / "python"
    if not path.exists():
        raise EnvironmentMissing(
            f'{environment}: not installed: run `nox -s "experiments({environment})"` first'
        )
    return path


def uv_beside() -> str | None:
    """Return the path of the uv beside this interpreter, else of the one on PATH, if any."""
    return shutil.which("uv", path=Path(sys.executable).parent) or shutil.which("uv")


def engine_alone(root: Path) -> Path:
    """Return a folder that holds the engine and no other package: what an environment may see.

    Where the engine is installed among packages, it is copied into the project's `build/engine`.
    """
    if not any(ENGINE.parent.glob("*.dist-info")):
        return ENGINE.parent
    files = sorted(path for path in ENGINE.rglob("*") if path.is_file() and path.suffix != ".pyc")
    total = sha256()
    for path in files:
        total.update(f"{path.relative_to(ENGINE)}\0{path.stat().st_size}\0".encode())
        total.update(path.read_bytes())
    place = root / "build" / "engine" / total.hexdigest()[:16]
    if not place.exists():
        place.parent.mkdir(parents=True, exist_ok=True)
        copy = Path(tempfile.mkdtemp(suffix=".part", dir=place.parent))
        shutil.copytree(ENGINE, copy / ENGINE.name, ignore=shutil.ignore_patterns("*.pyc"))
        try:
            copy.rename(place)
        except OSError:  # another process was faster
            shutil.rmtree(copy)
    return place


def is_installed(root: Path, session: str, lock: str) -> bool:
    """Return whether what a lock holds is installed in the folder that nox made for a session.

    The noxfile copies the lock to `installed.txt` when it has installed it; `lock` is its path.
    """
    try:
        installed = (_folder(root, session) / "installed.txt").read_bytes()
        return installed == (root / lock).read_bytes()
    except FileNotFoundError:
        return False


def packages(root: Path, environment: str, lock: str) -> Path | None:
    """Return the folder of an environment's packages, None where its lock is not installed here."""
    session = f"experiments({environment})"
    if not is_installed(root, session, lock):
        return None
    return next(_folder(root, session).glob("lib/python3*/site-packages"), None)


@functools.cache
def python(release: str) -> str | None:
    """Return the path of a Python of this release ("3.12") on this machine, or None.

    It is the first in the path that is one, else the newest that pyenv or uv installed.
    """
    for path in _pythons(release):
        try:
            answer = subprocess.run([path, "-V"], capture_output=True, text=True, timeout=10)
        except (OSError, subprocess.TimeoutExpired):
            continue
        if answer.returncode == 0 and answer.stdout.startswith(f"Python {release}."):
            return str(path)
    return None


def _pythons(release: str) -> Iterator[Path]:
    """Yield where a Python of this release may be; pyenv's name in the path may lead nowhere."""
    name, home = f"python{release}", Path.home()
    for folder in os.get_exec_path():
        if (path := Path(folder) / name).is_file():
            yield path
    pyenv = Path(os.environ.get("PYENV_ROOT") or home / ".pyenv") / "versions"
    data = Path(os.environ.get("XDG_DATA_HOME") or home / ".local" / "share")
    uv = Path(os.environ.get("UV_PYTHON_INSTALL_DIR") or data / "uv" / "python")
    for base, pattern in ((pyenv, f"{release}.*"), (uv, f"cpython-{release}.*")):
        found = (path / "bin" / name for path in base.glob(pattern))
        yield from sorted(filter(Path.is_file, found), key=_numbers, reverse=True)


def _numbers(path: Path) -> list[int]:
    return [int(number) for number in re.findall(r"\d+", path.parent.parent.name)]


def cannot(reason: str) -> tuple[str, str]:
    """Return what an environment cannot be, in words, and the exact error, from a record's reason.

    What could not be imported is recorded as Python says it, without words of ours before it.
    """
    for words in (NOT_RESOLVED, NOT_INSTALLED):
        if reason.startswith(f"{words}: "):
            return words, reason.removeprefix(f"{words}: ")
    return NOT_IMPORTED, reason


def is_final(output: str, *, resolving: bool = False) -> bool:
    """Return whether uv's output tells of what it was given, and not of this time's network.

    Where a lock is installed, that a release was not found says something of the index alone.
    """
    said = " ".join(output.split())
    telling = (*BROKEN, UNSOLVABLE) if resolving else BROKEN
    return any(words in said for words in telling) and not PASSING.search(said)


def sqlite_release() -> str | None:
    """Return the release of this interpreter's SQLite, or None if it was built without it."""
    try:
        import sqlite3
    except ImportError:
        return None
    return sqlite3.sqlite_version


def reason(output: str) -> str:
    """Return the reason why uv or pip failed, in one line, from its output.

    Hints, colors, progress, warnings, absolute paths and durations are left out, and so is the
    address of an index other than PyPI, because it may hold a password.
    """
    lines: list[str] = []
    for line in re.sub(r"\x1b\[[0-9;?]*[a-zA-Z]", "", output).splitlines():
        text = re.sub(r"^[^\w\[(\"'`<]+", "", line).strip()
        if text.startswith("hint:"):
            break
        if text and not text.startswith(("warning:", "WARNING:", "Using Python", "Resolved ")):
            lines.append(re.sub(r"^(error|ERROR|cause): *", "", text).rstrip(":"))
    text = re.sub(r" in \d+(\.\d+)?m?s\b", "", ": ".join(lines))
    text = re.sub(r"\w+://(?!pypi\.org/|files\.pythonhosted\.org/)[^\s/)`'\"]+", "<index>", text)
    text = re.sub(r"(?<![\w/:.>])/(?:[^\s/:`'\"]+/)+", "<path>/", text)
    if len(text) > LONGEST_REASON:
        text = text[: LONGEST_REASON - 3] + "..."
    return text or "the installer failed and said nothing"


def _folder(root: Path, session: str) -> Path:
    """Return the folder that nox makes for a session; of a long name it takes the digest.

    What is too long hangs on where nox keeps its folders, so the one that is there counts.
    """
    folder = root / Path(os.environ.get("CASEBOOK_ENVIRONMENTS") or root / ".nox")
    name = _folder_name(session)
    short = hashlib.sha1(name.encode(), usedforsecurity=False).hexdigest()[:8]
    return folder / (short if not (folder / name).exists() and (folder / short).exists() else name)


def _folder_name(session: str) -> str:
    """Return the name that nox gives to a session's folder (nox 2026.10.20, `_normalize_path`)."""
    name = re.sub(r"[^\w\s-]", "-", session).strip().lower()
    return re.sub(r"[-\s]+", "-", name).strip("-")
