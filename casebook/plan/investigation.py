"""An investigation as data: its environments, patterns and all else that `conf/` declares."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple, TypeVar

from casebook.plan.axes import Axis, Point
from casebook.plan.mistakes import PlanError, one_of


@dataclass(frozen=True, slots=True)
class Backend:
    """A library under test; `patterns` is the dotted name of the module of its patterns."""

    id: str
    title: str
    patterns: str
    url: str = ""


@dataclass(frozen=True, slots=True)
class Environment:
    """One locked set of releases. `lock` is the lock's path relative to the project.

    `install` lists the requirements that the lock is compiled from, `imports` the modules that must
    import before a pattern runs; `source` says where the installation is documented. `differs_from`
    is the environment that this one is compared with, since they differ in one package, or "".
    `adds` is empty except in a twin, where it lists the requirements that an addition installs
    beyond those of `differs_from`. `pins` are the lock's packages and releases, if it was read.
    `axis` is the package of the axis that generated the environment, or "" if a row declares it,
    and `python` the release of Python that the axis asks for, or "" for the usual one. `patterns`
    are those that run there besides the controls, or None for all of the backend.
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
    pins: tuple[tuple[str, str], ...] = ()
    axis: str = ""
    python: str = ""
    patterns: tuple[str, ...] | None = None

    @property
    def locked(self) -> dict[str, str]:
        """The releases that the lock pins, by normalised package name."""
        return dict(self.pins)

    @property
    def unresolved(self) -> str:
        """The file that replaces the lock if no releases fit together; it holds the reason."""
        return self.lock.removesuffix(".txt") + ".unresolved"


@dataclass(frozen=True, slots=True)
class Database:
    """A database on which experiments run.

    `needs` are the requirements of its driver, `server` the dotted name of the module that starts
    its server, or "". `installs` is the lock of what a session named like the database installs for
    that, or "". `url` is the value of `DATABASE_URL` that a reproduction gets, with
    `{address}` for the address that the module yields.
    """

    id: str
    title: str
    needs: tuple[str, ...] = ()
    server: str = ""
    url: str = ""
    installs: str = ""


class Setting(NamedTuple):
    """Where a finding holds: the ids of an environment and of a database."""

    environment: str
    database: str


@dataclass(frozen=True, slots=True)
class Addition:
    """Requirements that some experiments add; each environment in `to` gets a twin with them.

    Without `to` in the TOML file it is each declared environment.
    """

    id: str
    title: str
    install: tuple[str, ...]
    to: tuple[str, ...]

    def twin_id(self, environment: Environment) -> str:
        """Return the id of the environment's twin."""
        return f"{environment.id}-with-{self.id}"

    def twin(self, environment: Environment) -> Environment:
        """Return the environment's twin: the same with this addition installed."""
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
            axis=environment.axis,
            python=environment.python,
            patterns=environment.patterns,
        )


@dataclass(frozen=True, slots=True)
class Pattern:
    """One way to use the backend; `function` is its function in the backend's module.

    A claim is judged on it if both have the same `about`; "" is the investigation's own question.
    `without_subject_like` names the controls that do the same as this one, but with the subject of
    the question: where they fail and it does not, the subject is broken and not the experiment.
    """

    id: str
    title: str
    backend: str
    control: bool
    function: str
    about: str = ""
    without_subject_like: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Situation:
    """A reader's situation ("I use X with Y"), and the environments that answer it.

    `claims` are the claims that matter in it beyond the grades, `about` is that of its patterns.
    """

    id: str
    title: str
    text: str
    environments: tuple[str, ...]
    claims: tuple[str, ...] = ()
    about: str = ""


@dataclass(frozen=True, slots=True)
class Renamed:
    """A published id and the id that replaced it, so that links to the old one lead to the new."""

    kind: str
    before: str
    to: str


Named = TypeVar("Named", Addition, Backend, Database, Environment, Pattern, Situation)


@dataclass(frozen=True, slots=True)
class Bar:
    """How labels of one letter are drawn: the events that open, close and touch their bars."""

    label: str
    title: str
    opens: str
    closes: str
    touches: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Diagram:
    """Which experiments' histories are drawn, and how: one lane for each label of letter `lane`.

    `lane_title` is the reader's word for a lane, or the letter if the TOML file gives no title.
    """

    experiments: tuple[str, ...]
    lane: str
    bars: tuple[Bar, ...]
    markers: tuple[str, ...]
    lane_title: str = ""


@dataclass(frozen=True, slots=True)
class Experiment:
    """An experiment as its module describes it: its needs, and the databases that it can run on.

    `needs` are requirements beyond the environment's, as an addition installs them; `databases` is
    empty if it can run on all of them.
    """

    id: str
    needs: tuple[str, ...] = ()
    databases: tuple[str, ...] = ()

    def runs_on(self, database: str) -> bool:
        """Return whether the experiment can run on a database, if its needs are installed."""
        return not self.databases or database in self.databases


@dataclass(frozen=True, slots=True)
class PlannedCell:
    """One pattern under one experiment, in one environment, with one database.

    `decides` is the environment whose findings it decides; an experiment that needs more than is
    installed there runs in its twin. `again` marks a cell of a twin that also runs in `decides`, so
    that the two can be compared.
    """

    environment: str
    database: str
    pattern: str
    experiment: str
    decides: str = ""
    again: bool = False

    def __post_init__(self) -> None:
        object.__setattr__(self, "decides", self.decides or self.environment)

    @property
    def ran_in(self) -> Setting:
        """The setting in which the cell runs."""
        return Setting(self.environment, self.database)

    @property
    def setting(self) -> Setting:
        """The setting whose findings the cell decides."""
        return Setting(self.decides, self.database)


@dataclass(frozen=True)
class Investigation:
    """A question with its environments, patterns and claims. `id` is its TOML file's stem.

    `environments` are those that are declared; their `twins` add the packages that some experiments
    need. `axes` take packages through their releases, and `swept` are the environments that they
    generate, which decide no answer and no statement. `packages` are the normalised names of the
    packages whose releases readers care about, in order of importance. `chapters` are the pages
    below the investigation's first page, in the order of the navigation. `reproductions` is the
    dotted name of the module that has one function per claim, from which the scripts that reproduce
    its findings are made, or "". `subject` is what the question is about ("the desk"); controls
    that are `without_subject_like` others do without.
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
    chapters: tuple[str, ...] = ("comparison", "claims", "statements", "method")
    renamed: tuple[Renamed, ...] = ()
    reproductions: str = ""
    subject: str = "the subject"
    axes: tuple[Axis, ...] = ()
    swept: tuple[Environment, ...] = ()

    @property
    def file(self) -> str:
        """The TOML file that declares the investigation, relative to the project."""
        return f"conf/{self.id}.toml"

    @property
    def controls(self) -> tuple[Pattern, ...]:
        """The patterns built to be right or to be wrong, in the order of the file."""
        return tuple(pattern for pattern in self.patterns if pattern.control)

    @cached_property
    def twins(self) -> tuple[Environment, ...]:
        """The environments with an addition installed, in the order of the additions."""
        return tuple(
            addition.twin(environment)
            for addition in self.additions
            for environment in (*self.environments, *self.swept)
            if environment.id in addition.to
        )

    @cached_property
    def installed(self) -> tuple[Environment, ...]:
        """Every environment to install: the declared, then the swept ones, then the twins."""
        return (*self.environments, *self.swept, *self.twins)

    def points(self, axis: Axis) -> tuple[Point, ...]:
        """Return the releases of an axis, the oldest first, with the environments that have them.

        That is a declared environment where one has the release, else a swept one.
        """
        known = {one.id: one for one in (*self.environments, *self.swept)}
        return tuple(Point(release, known[id], axis.name_at(release)) for release, id in axis.at)

    def left_out(self, axis: Axis) -> tuple[Addition, ...]:
        """Return the additions to an axis's start whose twins do not follow it."""
        if axis.additions is None:
            return ()
        return tuple(
            addition
            for addition in self.additions
            if axis.start in addition.to and addition.id not in axis.additions
        )

    def database(self, id: str) -> Database:
        """Return the database of this id; one that is not described has its id as its title."""
        return next(
            (database for database in self.described if database.id == id), Database(id, id)
        )

    def backend(self, id: str) -> Backend:
        """Return the backend of this id; raise PlanError if none is declared."""
        return named(self.file, "backend", self.backends, id)

    def environment(self, id: str) -> Environment:
        """Return the environment or twin of this id; raise PlanError if none is declared."""
        return named(self.file, "environment", self.installed, id)

    def pattern(self, id: str) -> Pattern:
        """Return the pattern of this id; raise PlanError if none is declared."""
        return named(self.file, "pattern", self.patterns, id)

    def patterns_in(self, environment: Environment) -> tuple[Pattern, ...]:
        """Return the patterns that run in an environment: its backend's and all controls.

        Of the backend's, an axis may choose some for the environments that it generates.
        """
        chosen = environment.patterns
        return tuple(
            pattern
            for pattern in self.patterns
            if pattern.control
            or (pattern.backend == environment.backend and (chosen is None or pattern.id in chosen))
        )

    def home(self, environment: Environment, database: str, needs: Iterable[str] = ()) -> str:
        """Return the id of the environment in which an experiment with these needs runs.

        This is the environment itself if nothing is missing there, else its first twin in which the
        needs, with those of the database, are installed; "" if there is no such twin.
        """
        wanted = {*needs, *self.database(database).needs}
        if wanted <= set(environment.install):
            return environment.id
        having = (addition for addition in self.additions if environment.id in addition.to)
        return next(
            (
                addition.twin_id(environment)
                for addition in having
                if wanted <= set(addition.install)
            ),
            "",
        )

    def former(self, kind: str, id: str) -> tuple[str, ...]:
        """Return the former ids of whatever has this id now, the latest first."""
        return tuple(
            name
            for renamed in self.renamed
            if (renamed.kind, renamed.to) == (kind, id)
            for name in (renamed.before, *self.former(kind, renamed.before))
        )

    def experiment_module(self, experiment: str) -> str:
        """Return the dotted name of an experiment's module, named by its id with underscores."""
        return f"{self.experiments}.{experiment.replace('-', '_')}"


# --- Names ----------------------------------------------------------------------------------------


def named(file: str, kind: str, items: Iterable[Named], id: str) -> Named:
    """Return the item of this id; raise PlanError if none of this kind is declared."""
    declared = {item.id: item for item in items}
    if id not in declared:
        fix = f"declare it under [[{kind}]], or fix the name ({one_of(id, declared)})"
        raise PlanError(file, kind, f"unknown {kind} {id!r}", fix)
    return declared[id]


def package_name(requirement: str) -> str:
    """Return the normalised name of the package in a requirement ("Two_Words>=2")."""
    name = re.match(r"[\w.-]*", requirement.strip())
    return re.sub(r"[-_.]+", "-", name[0]).lower() if name else ""
