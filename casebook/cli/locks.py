"""Locks: the exact releases, with hashes, of every environment and of the tools, resolved by uv.

A lock depends on nothing of the machine that makes it: it asks for Python 3.11 on Linux, takes
releases from PyPI alone, and holds the hashes of all their files. `UV_EXCLUDE_NEWER` gives the
releases of a past date, `UV_DEFAULT_INDEX` a mirror of PyPI.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from casebook.files import write_whole
from casebook.installed import reason
from casebook.plan.conf import read_all_unlocked

PYTHON = "3.11"
PLATFORM = "x86_64-manylinux_2_28"
PYPI = "https://pypi.org/simple"
KEPT = (
    "UV_CACHE_DIR",
    "UV_DEFAULT_INDEX",
    "UV_EXCLUDE_NEWER",
    "UV_HTTP_TIMEOUT",
    "UV_OFFLINE",
    "UV_SYSTEM_CERTS",
)
"""What uv may learn from its environment variables; the others could change what is resolved."""


class LockError(Exception):
    """A lock could not be made now, and the file that exists is unchanged."""


@dataclass(frozen=True, slots=True)
class Lock:
    """One lock to make: its name on the command line, its path, what it is compiled from.

    `origin` is the file that holds the requirements, relative to the project. An environment's
    `install` stands in the TOML, beside other things; a tool's file, which has no `install`, is
    read by uv itself. That an environment's requirements have no solution is an observation. A
    twin's lock keeps the releases of the environment `beside`, whose lock must be there.
    """

    name: str
    path: Path
    origin: str
    install: tuple[str, ...] | None = None
    beside: str = ""


def locks(root: Path) -> tuple[Lock, ...]:
    """Return every lock of the project: nox and uv, the tools' sessions, the environments.

    Raises PlanError where `conf/` is wrong; that a lock is missing is no error here.
    """
    folders = [root, root / "conf" / "requirements", root / "casebook" / "requirements"]
    sources = [source for folder in folders for source in sorted(folder.glob("*.in"))]
    tools = [
        Lock(source.stem, source.with_suffix(".txt"), source.relative_to(root).as_posix())
        for source in sources
    ]
    environments = [
        Lock(
            environment.id,
            root / environment.lock,
            investigation.file,
            environment.install,
            investigation.environment(environment.differs_from).lock if environment.adds else "",
        )
        for investigation in read_all_unlocked(root)
        for environment in investigation.installed
    ]
    return (*tools, *environments)


def make_lock(root: Path, lock: Lock) -> str:
    """Resolve a lock, write it, and return one line that says what came out.

    Requirements that have no solution leave `<environment>.unresolved` with the resolver's reason
    in place of the lock. Raises LockError where uv failed for another reason (no network).
    """
    answer = subprocess.run(
        _command(lock.origin if lock.install is None else "-", lock.beside),
        input="\n".join(lock.install or ()),
        cwd=root,
        env=_variables(),
        capture_output=True,
        text=True,
    )
    unresolved = lock.path.with_suffix(".unresolved")
    if answer.returncode == 0:
        text = answer.stdout.replace("# via -r -", f"# via {lock.origin}")
        text = text.replace("#   -r -", f"#   {lock.origin}")
        changed = write_whole(lock.path, _header(lock) + text)
        unresolved.unlink(missing_ok=True)
        return f"{lock.name}: {'new releases' if changed else 'unchanged'}"
    why = reason(answer.stderr)
    network = "network was disabled" in answer.stderr
    if lock.install is not None and not network and "No solution found" in answer.stderr:
        write_whole(unresolved, why + "\n")
        lock.path.unlink(missing_ok=True)
        return f"{lock.name}: cannot be resolved: {why}"
    raise LockError(f"{lock.name}: {lock.origin}: not locked: {why}")


def _header(lock: Lock) -> str:
    return (
        f"# Exact releases with hashes, resolved from {lock.origin} for Python {PYTHON} on Linux.\n"
        f"# Made by `nox -s lock -- {lock.name}`; do not edit.\n\n"
    )


def _command(source: str, constraint: str = "") -> list[str]:
    uv = shutil.which("uv", path=Path(sys.executable).parent) or shutil.which("uv") or "uv"
    return [
        *(
            uv,
            "pip",
            "compile",
            source,
            "--quiet",
            "--no-config",
            "--generate-hashes",
            "--no-header",
        ),
        *(("--constraint", constraint) if constraint else ()),
        *("--python-version", PYTHON, "--python-platform", PLATFORM),
        *("--default-index", os.environ.get("UV_DEFAULT_INDEX", PYPI)),
    ]


def _variables() -> dict[str, str]:
    return {
        name: value
        for name, value in os.environ.items()
        if name in KEPT or not name.startswith(("UV_", "PIP_"))
    }
