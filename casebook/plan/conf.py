"""Reads the investigations of `conf/` with what their locks pin, or raises what is to be fixed."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

from casebook.plan import references
from casebook.plan.investigation import Environment, Investigation, package_name
from casebook.plan.mistakes import PlanError, one_of
from casebook.plan.sweep import with_sweep
from casebook.plan.tables import read_tables

BESIDE = (
    ".statements.toml",
    ".faults.toml",
    ".mutants.toml",
    ".references.toml",
    ".symptoms.toml",
)
"""The endings of the files that accompany an investigation's own file."""


def investigation_ids(root: Path) -> tuple[str, ...]:
    """Return the ids of the investigations that `conf/` declares, sorted.

    Raises PlanError for a file that accompanies none: its kind is unknown, or nothing is declared.
    """
    files = {file.name for file in (root / "conf").glob("*.toml")} - {"site.toml"}
    for name in sorted(files):
        id, _, kind = name.removesuffix(".toml").rpartition(".")
        if name.endswith(BESIDE) and f"{id}.toml" not in files:
            ids = [one.removesuffix(".toml") for one in sorted(files) if not one.endswith(BESIDE)]
            problem = f"there is no investigation {id!r}"
            raise PlanError(
                f"conf/{name}", "file", problem, f"rename or delete it ({one_of(id, ids)})"
            )
        if not name.endswith(BESIDE) and f"{id}.toml" in files:
            kinds = [ending.split(".")[1] for ending in BESIDE]
            problem = f"an investigation has no file of the kind {kind!r}"
            fix = f"rename it ({one_of(kind, kinds)})"
            raise PlanError(f"conf/{name}", "file", problem, fix)
    return tuple(sorted(name.removesuffix(".toml") for name in files if not name.endswith(BESIDE)))


def read_investigation(root: Path, id: str) -> Investigation:
    """Return one investigation with the packages that its locks pin.

    Raises PlanError for the first mistake in its file, or for a lock or function that is missing.
    """
    return _locked(root, read_unlocked(root, id))


def read_investigations(root: Path) -> tuple[Investigation, ...]:
    """Return every investigation.

    Raises PlanError as `read_investigation` does, and if two of them share an environment id.
    """
    return tuple(_locked(root, investigation) for investigation in read_all_unlocked(root))


def read_unlocked(root: Path, id: str) -> Investigation:
    """Return one investigation whose locks may be missing, as they are before `nox -s lock`.

    Raises PlanError for the first mistake in its file, for a function that does not exist and for
    an id that is not declared.
    """
    declared = read_tables(root, id, investigation_ids(root))
    references.check_ids(declared)
    references.check_functions(root, declared)
    return with_sweep(_pinned(root, declared))


def read_all_unlocked(root: Path) -> tuple[Investigation, ...]:
    """Return every investigation as `read_investigations` does; their locks may be missing."""
    if not (root / "conf").is_dir():
        fix = "name the project's folder with --root"
        raise PlanError(str(root), "conf", "does not exist", fix)
    investigations = tuple(read_unlocked(root, id) for id in investigation_ids(root))
    check_owners(investigations)
    return investigations


def check_locks(root: Path, investigation: Investigation) -> None:
    """Raise PlanError for an environment that has neither a lock nor a `.unresolved` file.

    So it does for a database's server that would be installed and has no lock.
    """
    for environment in investigation.installed:
        if not any((root / path).is_file() for path in (environment.lock, environment.unresolved)):
            raise PlanError(
                investigation.file,
                f"environment '{environment.id}'.lock",
                f"{environment.lock} does not exist",
                "create it with `nox -s lock`",
            )
    for database in investigation.described:
        if database.installs and not (root / database.installs).is_file():
            problem = f"{database.installs} does not exist"
            place = f"database '{database.id}'.installs"
            raise PlanError(investigation.file, place, problem, "create it, or fix the path")


def _locked(root: Path, investigation: Investigation) -> Investigation:
    """Return an investigation with its locks' pins; raise PlanError if a lock is missing."""
    check_locks(root, investigation)
    return _pinned(root, investigation)


def _pinned(root: Path, investigation: Investigation) -> Investigation:
    """Return an investigation whose environments know what their locks pin, if there are any."""

    def known(environments: Iterable[Environment]) -> tuple[Environment, ...]:
        return tuple(replace(one, pins=pins(root, one)) for one in environments)

    return replace(
        investigation,
        environments=known(investigation.environments),
        swept=known(investigation.swept),
    )


_PIN = re.compile(r"^([A-Za-z0-9][\w.-]*)==([^\s;]+)", re.MULTILINE)


def pins(root: Path, environment: Environment) -> tuple[tuple[str, str], ...]:
    """Return the packages and releases of a lock, or none if the environment has no lock."""
    lock = root / environment.lock
    return pins_of(lock.read_text(encoding="utf-8") if lock.is_file() else "")


def pins_of(text: str) -> tuple[tuple[str, str], ...]:
    """Return the packages and releases that the text of a lock pins."""
    return tuple((package_name(name), release) for name, release in _PIN.findall(text))


def check_owners(investigations: Iterable[Investigation]) -> None:
    """Raise PlanError if two investigations declare the same environment id."""
    owners: dict[str, str] = {}
    for investigation in investigations:
        for environment in investigation.installed:
            owner = owners.setdefault(environment.id, investigation.file)
            if owner != investigation.file:
                raise PlanError(
                    investigation.file,
                    f"environment '{environment.id}'.id",
                    f"{owner} declares the same id",
                    "change one of them: commands name an environment by its id alone",
                )
