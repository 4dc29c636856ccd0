"""Locks: the exact releases, with hashes, of every environment and of the tools, resolved by uv.

A lock depends on nothing of the machine that makes it: it asks for one Python on Linux, takes
releases from PyPI alone, and holds the hashes of all their files. `UV_EXCLUDE_NEWER` gives the
releases of a past date, `UV_DEFAULT_INDEX` a mirror of PyPI.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from casebook.files import write_whole
from casebook.installed import NOT_RESOLVED, is_final, reason, uv_beside
from casebook.plan.axes import USUAL_PYTHON
from casebook.plan.conf import read_all_unlocked
from casebook.plan.investigation import Environment, Investigation, package_name
from casebook.releases.uv import KEPT as LEARNT
from casebook.releases.uv import PYPI

PLATFORM = "x86_64-manylinux_2_28"

KEPT = ("UV_EXCLUDE_NEWER", *LEARNT)
"""What uv may learn from its environment variables; a lock may be that of a past date, too."""


_UNHASHED = re.compile(r"^\S+ @ \S+$", re.MULTILINE)
"""A folder or a commit in place of a release: uv cannot say what it will hold."""


class LockError(Exception):
    """A lock could not be made now, and the file that exists is unchanged."""


@dataclass(frozen=True, slots=True)
class Lock:
    """One lock to make: its name on the command line, its path, what it is compiled from.

    `origin` is the file that holds the requirements, relative to the project. An environment's
    `install` stands in the TOML, beside other things; a tool's file, which has no `install`, is
    read by uv itself. That an environment's requirements have no solution is an observation. A
    twin's lock keeps the releases of the lock `beside`, which must be there unless its environment
    cannot be resolved. That of an environment which an axis generates prefers the releases of the
    lock `like`, so that what need not move does not.
    """

    name: str
    path: Path
    origin: str
    install: tuple[str, ...] | None = None
    beside: str = ""
    like: str = ""
    python: str = USUAL_PYTHON


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
    environments = (
        _lock_of(root, investigation, environment)
        for investigation in read_all_unlocked(root)
        for environment in investigation.installed
    )
    return (*tools, *environments)


def all_locks(root: Path) -> Iterator[Lock]:
    """Yield every lock, those too that the axes ask for only once the others are made.

    What an axis generates hangs on what the lock of its start pins.
    """
    done: set[str] = set()
    while left := [lock for lock in locks(root) if lock.name not in done]:
        done.add(left[0].name)
        yield left[0]


def strays(root: Path) -> list[str]:
    """Return the locks of environments that no row and no axis has any more, by their paths."""
    known = {lock.path.with_suffix("") for lock in locks(root)}
    files = sorted((root / "conf" / "requirements").glob("*/*"))
    return [one.relative_to(root).as_posix() for one in files if one.with_suffix("") not in known]


def _lock_of(root: Path, investigation: Investigation, environment: Environment) -> Lock:
    before = environment.differs_from if environment.adds or environment.axis else ""
    other = investigation.environment(before).lock if before else ""
    return Lock(
        environment.id,
        root / environment.lock,
        investigation.file,
        environment.install,
        beside=other if environment.adds else "",
        like="" if environment.adds else other,
        python=environment.python or USUAL_PYTHON,
    )


def make_lock(root: Path, lock: Lock, *, unresolved: bool = False) -> str:
    """Resolve a lock, write it, and return one line that says what came out.

    Requirements that have no solution leave `<environment>.unresolved` with the resolver's reason
    in place of the lock, and so do those of a twin whose environment has none. Raises LockError
    where uv failed for another reason (no network). It does so, too, unless `unresolved` says that
    it is meant, where there was a lock before or the index has not what is asked for: no package
    of this name, no such release.
    """
    without = (root / lock.beside).with_suffix(".unresolved")
    if lock.beside and without.is_file():
        why = without.read_text(encoding="utf-8").strip()
        return _unresolved(lock, why, meant=unresolved)
    with tempfile.TemporaryDirectory() as folder:
        made = Path(folder) / "lock.txt"
        if lock.like and (root / lock.like).is_file():
            shutil.copyfile(root / lock.like, made)
        answer = subprocess.run(
            _command(lock, made),
            input="\n".join(lock.install or ()),
            cwd=root,
            env=_variables(),
            capture_output=True,
            text=True,
        )
        text = made.read_text(encoding="utf-8") if answer.returncode == 0 else ""
    if answer.returncode == 0:
        if unhashed := _UNHASHED.search(text):
            raise LockError(
                f"{lock.name}: {lock.origin}: {unhashed[0]}: has no hash, so who installs it may "
                "get another; nothing is written: name a release, or try a checkout with "
                "`nox -s candidate`"
            )
        text = text.replace("# via -r -", f"# via {lock.origin}")
        text = text.replace("#   -r -", f"#   {lock.origin}")
        changed = write_whole(lock.path, _header(lock) + text)
        lock.path.with_suffix(".unresolved").unlink(missing_ok=True)
        return f"{lock.name}: {'new releases' if changed else 'unchanged'}"
    why = reason(answer.stderr)
    if lock.install is not None and is_final(answer.stderr, resolving=True):
        return _unresolved(lock, why, meant=unresolved)
    raise LockError(f"{lock.name}: {lock.origin}: not locked: {why}")


def _unresolved(lock: Lock, why: str, *, meant: bool) -> str:
    """Write why a lock cannot be made, in its place, and return it in one line.

    Raises LockError, and writes nothing, where it looks like a mistake and was not `meant`, now or
    when the same was written before.
    """
    before = lock.path.with_suffix(".unresolved")
    meant = meant or (before.is_file() and before.read_text(encoding="utf-8").strip() == why)
    unknown = [one for one in lock.install or () if _is_unknown(one, why)]
    if not meant and (unknown or lock.path.is_file()):
        stays = "the lock that is there stays" if lock.path.is_file() else "nothing is written"
        fix = f"fix {unknown[0]!r}" if unknown else "fix what it asks for"
        raise LockError(
            f"{lock.name}: {lock.origin}: {NOT_RESOLVED}: {why}; {stays}: {fix}, or, where that is "
            f"what you want to show, run `nox -s lock -- --unresolved {lock.name}`"
        )
    write_whole(lock.path.with_suffix(".unresolved"), why + "\n")
    lock.path.unlink(missing_ok=True)
    return f"{lock.name}: {NOT_RESOLVED}: {why}"


def _is_unknown(requirement: str, why: str) -> bool:
    """Return whether uv says that its index has no such package, or no such release (uv 0.13)."""
    said = re.search(r"Because (\S+)() was not found in the package registry", why)
    said = said or re.search(r"[Bb]ecause there is no version of ([^\s=]+)(==\S+)", why)
    name = package_name(requirement)
    return said is not None and package_name(said[1]) == name and said[2] in requirement


def _header(lock: Lock) -> str:
    return (
        f"# Exact releases with hashes, resolved from {lock.origin} for Python {lock.python}"
        f" on Linux.\n# Made by `nox -s lock -- {lock.name}`; do not edit.\n\n"
    )


def _command(lock: Lock, made: Path) -> list[str]:
    uv = uv_beside() or "uv"
    return [
        *(
            uv,
            "pip",
            "compile",
            lock.origin if lock.install is None else "-",
            *("--output-file", str(made)),
            "--quiet",
            "--no-config",
            "--generate-hashes",
            "--no-header",
        ),
        *(("--constraint", lock.beside) if lock.beside else ()),
        *("--python-version", lock.python, "--python-platform", PLATFORM),
        *("--default-index", os.environ.get("UV_DEFAULT_INDEX", PYPI)),
    ]


def _variables() -> dict[str, str]:
    return {
        name: value
        for name, value in os.environ.items()
        if name in KEPT or not name.startswith(("UV_", "PIP_"))
    }
