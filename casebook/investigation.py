"""An investigation as data: what is asked, and the error for what is asked wrongly."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TypeVar


class PlanError(Exception):
    """Something in `conf/`, or in a module that it names, is wrong.

    `file` is a path relative to the project, `key` the place in it (`pattern 'db'.backend`, or
    `pattern[3].id` for the third pattern, which has no id), `mend` what to do about it.
    """

    def __init__(self, file: str, key: str, problem: str, mend: str) -> None:
        super().__init__(f"{file}: {key}: {problem}: {mend}")
        self.file = file
        self.key = key
        self.mend = mend


@dataclass(frozen=True, slots=True)
class Backend:
    """A library that supplies the session; `patterns` is the module of its patterns, dotted."""

    id: str
    title: str
    patterns: str
    url: str = ""


@dataclass(frozen=True, slots=True)
class Environment:
    """One locked set of releases. `lock` is the lock's path relative to the project.

    `install` is what the lock is compiled from, `imports` what must import before a pattern runs,
    `source` where the installation is documented, `differs_from` the environment that this one
    stands beside because it differs in one package, or "".
    """

    id: str
    title: str
    backend: str
    install: tuple[str, ...]
    imports: tuple[str, ...]
    source: str
    differs_from: str
    lock: str

    @property
    def unresolved(self) -> str:
        """The file that stands in the lock's place, with the resolver's reason, where none fits."""
        return self.lock.removesuffix(".txt") + ".unresolved"


@dataclass(frozen=True, slots=True)
class Pattern:
    """One way to hand the session over; `function` is its function in the backend's module.

    It is judged by the claims that are `about` the same as it is, "" for most.
    """

    id: str
    title: str
    backend: str
    control: bool
    function: str
    about: str = ""


Named = TypeVar("Named", Backend, Environment, Pattern)


@dataclass(frozen=True, slots=True)
class Bar:
    """How one letter of labels is drawn: what opens and closes its bar, and what touches it."""

    label: str
    title: str
    opens: str
    closes: str
    touches: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Diagram:
    """Which experiments' histories are drawn, and how: one lane for each label of letter `lane`.

    `lane_title` is what a reader calls a lane; the plan holds the letter where the TOML says none.
    """

    experiments: tuple[str, ...]
    lane: str
    bars: tuple[Bar, ...]
    markers: tuple[str, ...]
    lane_title: str = ""


@dataclass(frozen=True, slots=True)
class PlannedCell:
    """One pattern under one experiment, in one environment, with one database."""

    environment: str
    database: str
    pattern: str
    experiment: str


@dataclass(frozen=True, slots=True)
class Investigation:
    """A question with its environments, patterns and claims. `id` is its TOML file's stem.

    `packages` are those whose releases readers care about, in their order, by normalised name.
    """

    id: str
    title: str
    question: str
    experiments: str
    claims: str
    databases: tuple[str, ...]
    time_limit: float
    backends: tuple[Backend, ...]
    environments: tuple[Environment, ...]
    patterns: tuple[Pattern, ...]
    diagram: Diagram | None
    packages: tuple[str, ...] = ()

    @property
    def file(self) -> str:
        """The TOML file that declares the investigation, relative to the project."""
        return f"conf/{self.id}.toml"

    @property
    def controls(self) -> tuple[Pattern, ...]:
        """The patterns that are built to be right or to be wrong, as declared."""
        return tuple(pattern for pattern in self.patterns if pattern.control)

    def backend(self, id: str) -> Backend:
        """Return the backend of this id; raise PlanError where none is declared."""
        return named(self.file, "backend", self.backends, id)

    def environment(self, id: str) -> Environment:
        """Return the environment of this id; raise PlanError where none is declared."""
        return named(self.file, "environment", self.environments, id)

    def pattern(self, id: str) -> Pattern:
        """Return the pattern of this id; raise PlanError where none is declared."""
        return named(self.file, "pattern", self.patterns, id)

    def patterns_in(self, environment: Environment) -> tuple[Pattern, ...]:
        """Return what runs in an environment: its backend's patterns and every control, once."""
        return tuple(
            pattern
            for pattern in self.patterns
            if pattern.control or pattern.backend == environment.backend
        )

    def experiment_module(self, experiment: str) -> str:
        """Return the dotted name of an experiment's module: its id with underscores."""
        return f"{self.experiments}.{experiment.replace('-', '_')}"


# --- Names ----------------------------------------------------------------------------------------


def named(file: str, kind: str, items: Iterable[Named], id: str) -> Named:
    """Return the item of this id; raise PlanError where none of this kind is declared."""
    declared = {item.id: item for item in items}
    if id not in declared:
        mend = f"declare it under [[{kind}]], or {one_of(id, declared)}"
        raise PlanError(file, kind, f"{id!r} is not declared", mend)
    return declared[id]


def one_of(word: str, known: Iterable[str]) -> str:
    """Return the words "write ..." for a word that should have been one of the known."""
    known = list(known)
    similar = difflib.get_close_matches(word, known, n=1)
    if similar:
        return f"write {similar[0]!r} if you meant that"
    return "write one of " + ", ".join(map(repr, known)) if known else "add the first"


def package_name(requirement: str) -> str:
    """Return the normalised name of the package that a requirement asks for, or that it is."""
    name = re.match(r"[\w.-]*", requirement.strip())
    return re.sub(r"[-_.]+", "-", name[0]).lower() if name else ""
