"""An axis with what was found at each of its releases: its stops, the findings, and their turns."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from itertools import pairwise

from packaging.version import Version

from casebook.judge.bisected import Bisection
from casebook.judge.findings import Finding
from casebook.judge.settings import Difference
from casebook.judge.spans import spans
from casebook.plan.axes import PYTHON, Axis
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
    """An axis with its stops, oldest first; `start` is the environment that it starts from.

    `listed` are the releases that the index was known to have, the oldest first, as far as it was
    asked, and `bisections` those that were made of this package in `start`.
    """

    axis: Axis
    start: Environment
    stops: tuple[Stop, ...]
    listed: tuple[str, ...] = ()
    bisections: tuple[Bisection, ...] = ()

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
        return self.spans({stop.release for stop in self.usable})

    @property
    def unusable(self) -> dict[str, str]:
        """The releases with which nothing could run, by what their environments cannot be."""
        found: dict[str, set[str]] = {}
        for stop in self.observed:
            if stop.unavailable:
                found.setdefault(stop.cannot, set()).add(stop.release)
        return {words: self.spans(own) for words, own in found.items()}

    def spans(self, chosen: Collection[str]) -> str:
        """Return in words which releases of the axis are chosen."""
        return spans(self.releases, chosen, self.follows)

    def follows(self, one: str, other: str) -> bool:
        """Return whether it is known that no release was published between one and a later one.

        The index said so, or a bisection, which tries each release between two; of Python itself
        every minor release counts.
        """
        then, now = Version(one), Version(other)
        if self.package == PYTHON:
            return now.release == (then.major, then.minor + 1)
        if any((one, other) == (each.before, each.first) for each in self.bisections if each.next):
            return True
        known = [*map(Version, self.listed)]
        return bool(known) and now <= known[-1] and not any(then < each < now for each in known)

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

    `findings` has one for each stop, None where none is planned. `bisection` is that of the same
    claim, if one was made with the scripts of now.
    """

    course: Course
    claim: str
    pattern: str
    database: str
    findings: tuple[Finding | None, ...]
    bisection: Bisection | None = None

    @property
    def decided(self) -> tuple[tuple[Stop, Finding], ...]:
        """The stops at which the claim is supported or refuted."""
        pairs = zip(self.course.stops, self.findings, strict=True)
        return tuple((stop, one) for stop, one in pairs if one and one.verdict in DECIDED)

    def at(self, stop: Stop) -> Finding | None:
        """Return the finding at a stop, or None."""
        return self.findings[self.course.stops.index(stop)]

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
            Turn(self, *before, *after, self.bisection)
            for before, after in pairwise(decided)
            if before[1].verdict != after[1].verdict
        )


@dataclass(frozen=True, slots=True)
class Turn:
    """A change of verdict along an axis: between two stops, of which `now` has the new one.

    `bisected` is what was found out of the releases between some two, perhaps between these.
    """

    track: Track
    then: Stop
    before: Finding
    now: Stop
    after: Finding
    bisected: Bisection | None = None

    @property
    def bisection(self) -> Bisection | None:
        """The bisection that says between which two releases it turned, if there is one."""
        made = self.bisected
        if not made or not made.turned or made.step(made.first).verdict != self.after.verdict:
            return None
        ends = (self.then.release, made.before, made.first, self.now.release)
        return made if [*ends] == sorted(ends, key=Version) else None

    @property
    def ends(self) -> tuple[str, str]:
        """The last release that is known without the new verdict, and the first with it."""
        made = self.bisection
        return (made.before, made.first) if made else (self.then.release, self.now.release)

    @property
    def exact(self) -> bool:
        """Whether it is known that the first of these releases brought the verdict."""
        if made := self.bisection:
            return made.next
        return not self.skipped and self.track.course.follows(*self.ends)

    @property
    def when(self) -> str:
        """The release that brought it, or between which two that lies: "between 2.0 and 2.2"."""
        last, first = self.ends
        return first if self.exact else f"between {last} and {first}"

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
