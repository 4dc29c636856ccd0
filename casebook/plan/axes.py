"""The axes of releases: one package at a time, taken through its releases from an environment."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from casebook.plan.investigation import Environment

PYTHON = "python"
"""The package of an axis whose releases are those of the interpreter."""

USUAL_PYTHON = "3.11"
"""The Python of every environment of which no axis says another."""


@dataclass(frozen=True, slots=True)
class Companion:
    """Requirements that some releases of an axis are installed with, and why."""

    releases: tuple[str, ...]
    install: tuple[str, ...]
    why: str


@dataclass(frozen=True, slots=True)
class Former:
    """The name under which some releases of an axis were published, and what they import as."""

    package: str
    releases: tuple[str, ...]
    imports: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Axis:
    """A package, its releases from the oldest on, and the environment in which it is exchanged.

    `start` is the id of that environment. `install` replaces its requirements, with `{release}` for
    the release; where it is empty the requirement of the package alone is replaced. `companions`
    are needed by some releases; `former` is the name that some were published under. `additions`
    are those whose twins follow, or None for all, and `patterns` those that run, besides the
    controls. `at` leads from each release to the environment
    that has it: a declared one, or one that the axis generates.
    """

    package: str
    start: str
    releases: tuple[str, ...]
    install: tuple[str, ...] = ()
    companions: tuple[Companion, ...] = ()
    former: tuple[Former, ...] = ()
    additions: tuple[str, ...] | None = None
    patterns: tuple[str, ...] | None = None
    at: tuple[tuple[str, str], ...] = ()

    @property
    def names(self) -> tuple[str, ...]:
        """The names under which its releases were published, its own last."""
        return (*dict.fromkeys(one.package for one in self.former), self.package)

    @property
    def place(self) -> str:
        """The axis as messages name it."""
        return f"axis '{self.package}' from '{self.start}'"

    def name_at(self, release: str) -> str:
        """Return the package's name at a release, by which the index knows it."""
        former = (one.package for one in self.former if release in one.releases)
        return next(former, self.package)

    def companions_at(self, release: str) -> tuple[Companion, ...]:
        """Return what a release is installed with beside its own requirements."""
        return tuple(one for one in self.companions if release in one.releases)

    def environment_id(self, release: str) -> str:
        """Return the id of the environment that the axis generates for a release."""
        return f"{self.start}-at-{self.name_at(release)}-{release}"


@dataclass(frozen=True, slots=True)
class Point:
    """One release of an axis: the environment that has it, and the package's name then."""

    release: str
    environment: Environment
    package: str
