"""An investigation as data: what is asked, and the error for what is asked wrongly."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TypeVar

CHAPTERS = ("comparison", "claims", "statements", "method")
"""The pages that every investigation has, each from a template where its folder has no prose."""


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
    stands beside because it differs in one package, or "". `adds` is empty, or what an addition
    installs beyond the environment `differs_from`, whose twin this one then is.
    """

    id: str
    title: str
    backend: str
    install: tuple[str, ...]
    imports: tuple[str, ...]
    source: str
    differs_from: str
    lock: str
    adds: tuple[str, ...] = ()

    @property
    def unresolved(self) -> str:
        """The file that stands in the lock's place, with the resolver's reason, where none fits."""
        return self.lock.removesuffix(".txt") + ".unresolved"


@dataclass(frozen=True, slots=True)
class Database:
    """A database on which experiments run.

    `needs` are the requirements of its driver, `server` the dotted name of the module that starts
    its server, or "", and `url` what a reproduction is told of that server, in the environment
    variable `DATABASE_URL`, with `{address}` for the address that the module yields.
    """

    id: str
    title: str
    needs: tuple[str, ...] = ()
    server: str = ""
    url: str = ""


@dataclass(frozen=True, slots=True)
class Addition:
    """What experiments need beyond an environment; each environment of `to` gets a twin with it."""

    id: str
    title: str
    install: tuple[str, ...]
    to: tuple[str, ...]

    def twin_id(self, environment: Environment) -> str:
        """Return the id of the environment with just this added."""
        return f"{environment.id}-with-{self.id}"

    def twin(self, environment: Environment) -> Environment:
        """Return the environment with just this added."""
        id = self.twin_id(environment)
        return Environment(
            id=id,
            title=f"{environment.title}, and {self.title}",
            backend=environment.backend,
            install=(*environment.install, *self.install),
            imports=environment.imports,
            source=f"the environment `{environment.id}`, and {', '.join(self.install)}",
            differs_from=environment.id,
            lock=f"{environment.lock.rpartition('/')[0]}/{id}.txt",
            adds=self.install,
        )


@dataclass(frozen=True, slots=True)
class Pattern:
    """One way to hand the session over; `function` is its function in the backend's module.

    `about` says what claims must be about to be judged on it; "" is what the investigation asks.
    """

    id: str
    title: str
    backend: str
    control: bool
    function: str
    about: str = ""


@dataclass(frozen=True, slots=True)
class Situation:
    """What somebody is in who asks what to write, and the environments in which it is answered.

    `claims` are those that it turns on beyond the grades, `about` what its patterns are about.
    """

    id: str
    title: str
    text: str
    environments: tuple[str, ...]
    claims: tuple[str, ...] = ()
    about: str = ""


@dataclass(frozen=True, slots=True)
class Renamed:
    """An id that was published and what it became, so that links to the old one lead to the new."""

    kind: str
    before: str
    to: str


Named = TypeVar("Named", Addition, Backend, Database, Environment, Pattern, Situation)


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
class Experiment:
    """What an experiment's module says of it: what it needs, and on which databases it can run.

    `needs` are requirements beyond the environment's, as an addition installs them; `databases` is
    empty where it can run on every one.
    """

    id: str
    needs: tuple[str, ...] = ()
    databases: tuple[str, ...] = ()

    def runs_on(self, database: str) -> bool:
        """Return whether the experiment can run on a database, given what it needs."""
        return not self.databases or database in self.databases


@dataclass(frozen=True, slots=True)
class PlannedCell:
    """One pattern under one experiment, in one environment, with one database.

    `place` is the environment whose findings it decides: where the experiment needs more than that
    holds, it runs in a twin. `again` is a cell of a twin that runs in `place`, too, to be compared.
    """

    environment: str
    database: str
    pattern: str
    experiment: str
    place: str = ""
    again: bool = False

    def __post_init__(self) -> None:
        object.__setattr__(self, "place", self.place or self.environment)


@dataclass(frozen=True, slots=True)
class Investigation:
    """A question with its environments, patterns and claims. `id` is its TOML file's stem.

    `environments` are those that are judged; their `twins` hold what experiments need beyond them.
    `packages` are those whose releases readers care about, in their order, by normalised name.
    `chapters` are the pages below the investigation's first, in the order of the navigation.
    `reproductions` is the module, dotted, with a function for each claim of which scripts are made
    that show its findings, or "".
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
    additions: tuple[Addition, ...] = ()
    described: tuple[Database, ...] = ()
    situations: tuple[Situation, ...] = ()
    chapters: tuple[str, ...] = CHAPTERS
    renamed: tuple[Renamed, ...] = ()
    reproductions: str = ""

    @property
    def file(self) -> str:
        """The TOML file that declares the investigation, relative to the project."""
        return f"conf/{self.id}.toml"

    @property
    def controls(self) -> tuple[Pattern, ...]:
        """The patterns that are built to be right or to be wrong, as declared."""
        return tuple(pattern for pattern in self.patterns if pattern.control)

    @property
    def twins(self) -> tuple[Environment, ...]:
        """The environments with an addition, by addition."""
        return tuple(
            addition.twin(environment)
            for addition in self.additions
            for environment in self.environments
            if environment.id in addition.to
        )

    @property
    def installed(self) -> tuple[Environment, ...]:
        """Every environment that is installed: those that are judged, then their twins."""
        return (*self.environments, *self.twins)

    def database(self, id: str) -> Database:
        """Return what is said of a database, which may be no more than its id."""
        return next((one for one in self.described if one.id == id), Database(id, id))

    def backend(self, id: str) -> Backend:
        """Return the backend of this id; raise PlanError where none is declared."""
        return named(self.file, "backend", self.backends, id)

    def environment(self, id: str) -> Environment:
        """Return the environment of this id, or twin; raise PlanError where none is declared."""
        return named(self.file, "environment", self.installed, id)

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

    def home(self, environment: Environment, database: str, needs: Iterable[str] = ()) -> str:
        """Return the id of the environment in which something runs that needs all this.

        That is the environment itself where nothing is needed, else the first of its twins in which
        the needs, with those of the database, are added; "" where there is none.
        """
        wanted = {*needs, *self.database(database).needs}
        if wanted <= set(environment.install):
            return environment.id
        having = (one for one in self.additions if environment.id in one.to)
        return next((one.twin_id(environment) for one in having if wanted <= set(one.install)), "")

    def former(self, kind: str, id: str) -> tuple[str, ...]:
        """Return the ids under which something was published before, the last one first."""
        return tuple(
            name
            for one in self.renamed
            if (one.kind, one.to) == (kind, id)
            for name in (one.before, *self.former(kind, one.before))
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
