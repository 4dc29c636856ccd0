"""Installs a lock into an environment of its own in `build/releases/`, or finds it there."""

from __future__ import annotations

import contextlib
import fcntl
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path

from casebook.releases import uv
from casebook.releases.resolving import Lock
from casebook.releases.uv import UvFailed

FOLDER = Path("build", "releases")
"""Where everything of this room is kept, relative to the project; all of it can be made again."""


class NotInstallable(Exception):
    """A lock cannot be installed; `said` is all that the installer printed."""

    def __init__(self, error: UvFailed) -> None:
        super().__init__(str(error))
        self.said = error.said
        self.out_of_reach = error.out_of_reach


def install(root: Path, lock: Lock) -> Path:
    """Return the path of the interpreter of an environment that holds just this lock.

    What was installed before is used again. Raises NotInstallable.
    """
    place = root / FOLDER / "environments" / lock.digest[:16]
    python = place / "bin" / "python"
    whole = place / "installed.txt"
    place.parent.mkdir(parents=True, exist_ok=True)
    with _alone(place.with_suffix(".lock")):
        if whole.exists() and python.exists():
            return python
        shutil.rmtree(place, ignore_errors=True)
        try:
            uv.run("venv", "--quiet", "--python", sys.executable, str(place))
            uv.run(
                *("pip", "install", "--quiet", "--python", str(python), "--no-deps", "-r", "-"),
                given=_requirements(lock),
            )
            if lock.wheel and lock.wheel.editable:
                folder = str(lock.wheel.editable)
                uv.run(
                    *("pip", "install", "--quiet", "--python", str(python), "--no-deps"),
                    *("--editable", folder),
                )
        except UvFailed as error:
            shutil.rmtree(place, ignore_errors=True)
            raise NotInstallable(error) from None
        whole.write_text(lock.text, encoding="utf-8")
    return python


def _requirements(lock: Lock) -> str:
    """Return what to install: each release from the index, but the wheel from its file."""
    own = lock.wheel
    lines = (
        f"{name} @ {own.file.as_uri()}" if own and name == own.package else f"{name}=={release}"
        for name, release in lock.pins
    )
    return "\n".join(lines) + "\n"


@contextlib.contextmanager
def _alone(file: Path) -> Iterator[None]:
    """Hold a lock, which the system releases when the process ends."""
    with file.open("w") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        yield
