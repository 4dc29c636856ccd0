"""An axis with what was found at each of its releases: its stops, the findings, and their turns."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise

from casebook.judge.report import Finding
from casebook.judge.settings import Difference
from casebook.judge.spans import spans
from casebook.plan.axes import Axis
from casebook.plan.investigation import Environment, package_name
from casebook.stored import Record

DECIDED = ("supported", "refuted")
"""The verdicts between which a finding turns; the others say that it is open."""


@dataclass(frozen=True, slots=True)
class Stop:
    """A release of an axis: its environment, the record of it, and why nothing can be said of it.

    `package` is the axis's package as it was called then. `missing` says that no record can be
    used, `unavailable` is the exact error because of which nothing could run there, and `cannot`
    says what the environment cannot be: resolved, installed or imported; each is "" where it does
    not hold.
    """

    release: str
    package: str
    environment: Environment
    record: Record | None
    missing: str
    unavailable: str
    cannot: str

    @property
    def releases(self) -> Mapping[str, str]:
        """Everything that is installed, from the record or else from the lock."""
        return self.record.releases if self.record else self.environment.locked


@dataclass(frozen=True, slots=True)
class Course:
    """An axis with its stops, oldest first; `start` is the environment that it starts from."""

    axis: Axis
    start: Environment
    stops: tuple[Stop, ...]

    @property
    def package(self) -> str:
        """The package whose releases these are."""
        return self.axis.package

    @property
    def releases(self) -> tuple[str, ...]:
        """The releases, oldest first."""
        return tuple(stop.release for stop in self.stops)

    @property
    def id(self) -> str:
        """What names it on pages."""
        return f"{self.start.id}-{self.package}"

    @property
    def observed(self) -> tuple[Stop, ...]:
        """The stops that a record tells of."""
        return tuple(stop for stop in self.stops if not stop.missing)

    @property
    def usable(self) -> tuple[Stop, ...]:
        """The stops that a record tells of, and at which something could run."""
        return tuple(stop for stop in self.observed if not stop.unavailable)

    @property
    def tried(self) -> str:
        """The releases with which something could run, in words."""
        return spans(self.releases, {stop.release for stop in self.usable})

    @property
    def unusable(self) -> dict[str, str]:
        """The releases with which nothing could run, by what their environments cannot be."""
        found: dict[str, set[str]] = {}
        for stop in self.observed:
            if stop.unavailable:
                found.setdefault(stop.cannot, set()).add(stop.release)
        return {words: spans(self.releases, own) for words, own in found.items()}

    def at(self, environment: str) -> Stop | None:
        """Return the stop at an environment, or None."""
        return next((stop for stop in self.stops if stop.environment.id == environment), None)

    def moved(self, before: Stop, after: Stop) -> tuple[Difference, ...]:
        """Return the packages beside the axis's own in whose releases two stops differ."""
        old, new = before.releases, after.releases
        own = {self.package, before.package, after.package}
        return tuple(
            Difference(name, old.get(name), new.get(name))
            for name in sorted(old.keys() | new.keys())
            if package_name(name) not in own and old.get(name) != new.get(name)
        )


@dataclass(frozen=True, slots=True)
class Track:
    """What was found of one claim on one pattern along an axis, on one database.

    `findings` has one for each stop, None where none is planned.
    """

    course: Course
    claim: str
    pattern: str
    database: str
    findings: tuple[Finding | None, ...]

    @property
    def decided(self) -> tuple[tuple[Stop, Finding], ...]:
        """The stops at which the claim is supported or refuted."""
        pairs = zip(self.course.stops, self.findings, strict=True)
        return tuple((stop, one) for stop, one in pairs if one and one.verdict in DECIDED)

    @property
    def open(self) -> tuple[tuple[Stop, Finding], ...]:
        """The stops at which the claim is inconclusive."""
        pairs = zip(self.course.stops, self.findings, strict=True)
        return tuple((stop, one) for stop, one in pairs if one and one.verdict == "inconclusive")

    @property
    def turns(self) -> tuple[Turn, ...]:
        """Every change of verdict, oldest first."""
        decided = self.decided
        return tuple(
            Turn(self, *before, *after)
            for before, after in pairwise(decided)
            if before[1].verdict != after[1].verdict
        )


@dataclass(frozen=True, slots=True)
class Turn:
    """A change of verdict along an axis: between two stops, of which `now` brought it."""

    track: Track
    then: Stop
    before: Finding
    now: Stop
    after: Finding

    @property
    def skipped(self) -> tuple[str, ...]:
        """The releases between the two that show neither verdict: the turn may be at any."""
        releases = self.track.course.releases
        return releases[releases.index(self.then.release) + 1 : releases.index(self.now.release)]

    @property
    def moved(self) -> tuple[Difference, ...]:
        """The other packages whose releases moved along."""
        return self.track.course.moved(self.then, self.now)


@dataclass(frozen=True, slots=True)
class Parted:
    """Where two histories of one cell part at a turn: the experiment, their digests, and words."""

    experiment: str
    before: str
    after: str
    words: str


@dataclass(frozen=True, slots=True)
class Elsewise:
    """Releases on which something else is so: what, on which, and the first finding of it."""

    said: str
    releases: str
    finding: Finding | None = None


@dataclass(frozen=True, slots=True)
class Over:
    """How a finding or a grade fares over the releases of a package.

    `course` names the axis. `same` names the releases on which it is the same, `since` says it in
    relation to the others, with the package. `otherwise` are these, by what is so there; `open` are
    those of which it is not known.
    """

    course: str
    package: str
    same: str
    since: str
    otherwise: tuple[Elsewise, ...] = ()
    open: str = ""
