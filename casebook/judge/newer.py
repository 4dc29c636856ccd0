"""Which releases the package index was known to have, beside those that were observed.

docs/results/<investigation>.index.json holds what `nox -s stale` was told, and on which day. A page
is built without asking anything: it says what was known then.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import msgspec
from packaging.requirements import InvalidRequirement, Requirement
from packaging.version import InvalidVersion, Version

from casebook.files import write_whole
from casebook.judge.results import Problem
from casebook.plan.investigation import Environment, package_name
from casebook.text import one_line

SCHEMA = 1
"""The number of the file's form."""


@dataclass(frozen=True, slots=True)
class KnownPackage:
    """A package on the index: its newest release, the day on which that came, and all yanked ones.

    Pre-releases and what does not run on the Python of the locks are left out of the newest, and
    of the `releases`, the oldest first; those of a package that no axis goes through are not kept.
    """

    package: str
    newest: str
    uploaded: str
    yanked: tuple[str, ...] = ()
    releases: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class KnownReleases:
    """What the index was known to have on the day on which it was asked."""

    schema: int
    asked: str
    index: str
    packages: tuple[KnownPackage, ...]


@dataclass(frozen=True, slots=True)
class Newer:
    """A package of which the index has a newer release, or has withdrawn the one that is here."""

    package: str
    here: str
    newest: str
    uploaded: str
    yanked: bool

    @property
    def words(self) -> str:
        """What is to be said of it."""
        withdrawn = f"{self.package} {self.here} was yanked" if self.yanked else ""
        newer = f"{self.package} {self.newest}" if self.newest != self.here else ""
        return "; ".join(filter(None, (newer, withdrawn)))


def known_file(investigation: str) -> str:
    """Return the path of what the index was known to have, relative to the project."""
    return f"docs/results/{investigation}.index.json"


def read_known(root: Path, investigation: str) -> tuple[KnownReleases | None, list[Problem]]:
    """Return what the index was known to have, None where it was never asked."""
    file = known_file(investigation)
    try:
        found = msgspec.json.decode((root / file).read_bytes(), type=KnownReleases)
    except FileNotFoundError:
        return None, []
    except (OSError, msgspec.MsgspecError) as error:
        return None, [Problem(file, "", one_line(str(error), 200))]
    if found.schema != SCHEMA:
        return None, [Problem(file, "$.schema", f"schema {found.schema}, wanted {SCHEMA}")]
    return found, []


def write_known(root: Path, investigation: str, known: KnownReleases) -> bool:
    """Keep what the index was known to have; return whether anything of it is new."""
    text = msgspec.json.format(msgspec.json.encode(known), indent=1).decode() + "\n"
    return write_whole(root / known_file(investigation), text)


def newer(
    known: KnownReleases | None, releases: Mapping[str, str], environment: Environment
) -> tuple[Newer, ...]:
    """Return the packages of some releases that are newer on the index, or were yanked there.

    That an environment asks for one release exactly is its purpose: that there are newer ones is
    not said of it.
    """
    exact = set(exactly(environment.install))
    found = (
        Newer(one.package, here, _later(one.newest, here, one.package in exact), one.uploaded, gone)
        for one in (known.packages if known else ())
        if (here := releases.get(one.package)) is not None
        for gone in [here in one.yanked]
    )
    return tuple(one for one in found if one.yanked or one.newest != one.here)


def exactly(requirements: Iterable[str]) -> Iterator[str]:
    """Yield the packages of which these requirements take one release and no other."""
    for text in requirements:
        try:
            one = Requirement(text)
        except InvalidRequirement:
            continue
        if any(each.operator in ("==", "===") for each in one.specifier):
            yield package_name(one.name)


def _later(newest: str, here: str, exact: bool) -> str:
    """Return the newest release if it is later than the one that is here, else that one."""
    try:
        return newest if not exact and Version(newest) > Version(here) else here
    except InvalidVersion:
        return here
