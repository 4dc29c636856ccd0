"""What the page about the releases shows."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property

from casebook.claim import Claim
from casebook.editions import addresses
from casebook.judge.bisected import Bisection
from casebook.judge.courses import Course, Parted, Stop, Track, Turn
from casebook.judge.findings import ControlOutcome, Finding
from casebook.judge.grades import GRADES
from casebook.judge.report import Report, main_releases
from casebook.judge.settings import Difference
from casebook.judge.spans import spans
from casebook.judge.untested import brief
from casebook.plan.investigation import Environment, Pattern
from casebook.site.book import Book

UNAVAILABLE = "unavailable"
"""The kind of a stop's cell where nothing could be resolved, installed or imported."""

MISSING = "missing"
"""The kind of a stop's cell where nothing was observed."""


@dataclass(frozen=True, slots=True)
class Step:
    """What is so of a pattern at one release: in words, as a grade or another kind, and where.

    `turned` says that it is other than at the release before which shows something.
    """

    stop: Stop
    kind: str
    words: str
    address: str
    turned: bool


@dataclass(frozen=True, slots=True)
class Strip:
    """A pattern over the releases of an axis."""

    pattern: Pattern
    steps: tuple[Step, ...]

    @property
    def turns(self) -> bool:
        """Whether what is so of the pattern turned anywhere."""
        return any(step.turned for step in self.steps)


@dataclass(frozen=True, slots=True)
class Strips:
    """The patterns of an axis over its releases."""

    course: Course
    strips: tuple[Strip, ...]


@dataclass(frozen=True, slots=True)
class Turned:
    """The turns of one claim that a release brought, pattern by pattern, all to one verdict."""

    course: Course
    claim: Claim
    turns: tuple[Turn, ...]

    @property
    def first(self) -> Turn:
        """The turn of the first pattern, which is told in full."""
        return self.turns[0]

    @property
    def id(self) -> str:
        """Its anchor on the page."""
        first = self.first
        where = first.ends[1] if first.exact else "-".join(first.ends)
        return f"{self.course.id}.{where}.{self.claim.id}.{first.after.verdict}"


@dataclass(frozen=True, slots=True)
class Matrix:
    """The claims that turned for a pattern along an axis, by releases."""

    course: Course
    tracks: tuple[Track, ...]


@dataclass(frozen=True, slots=True)
class Undecided:
    """Findings that are open at releases for one reason."""

    course: Course
    stops: tuple[Stop, ...]
    reason: str
    findings: tuple[Finding, ...]

    @property
    def claims(self) -> tuple[str, ...]:
        """The claims that they are of."""
        return tuple(dict.fromkeys(finding.claim for finding in self.findings))

    @property
    def releases(self) -> str:
        """The releases in words."""
        return self.course.spans({stop.release for stop in self.stops})


@dataclass(frozen=True, slots=True)
class Alike:
    """Controls of one claim and pattern that did not come out as declared, for one reason."""

    outcomes: tuple[ControlOutcome, ...]

    @property
    def first(self) -> ControlOutcome:
        """The one that is told in full."""
        return self.outcomes[0]


@dataclass(frozen=True, slots=True)
class Unjudged:
    """Controls that could not be run, for one reason: the environments, and how many."""

    reason: str
    environments: tuple[str, ...]
    number: int


class ReleasesPage:
    """What the page about the releases shows."""

    def __init__(self, book: Book) -> None:
        self.book = book
        self.releases = book.releases
        self.database = book.investigation.databases[0]

    @property
    def courses(self) -> tuple[Course, ...]:
        """Every axis with its stops."""
        return self.releases.courses

    @property
    def observed(self) -> bool:
        """Whether there is an axis of which more than one release was observed."""
        return any(len(course.observed) > 1 for course in self.courses)

    @property
    def bisections(self) -> tuple[Bisection, ...]:
        """Where verdicts turned between releases that no axis lists, too, as `bisect` kept it."""
        return self.book.report.bisections

    # --- The picture

    @cached_property
    def pictures(self) -> tuple[Strips, ...]:
        """Each axis with a strip for each pattern."""
        return tuple(Strips(course, tuple(self._strips(course))) for course in self.courses)

    def at(self, course: Course, stop: Stop) -> tuple[tuple[Pattern, Step], ...]:
        """Return what is so of each pattern at a stop, the best first, where something ran."""
        order = list[str](GRADES)
        found = (
            (strip.pattern, step)
            for picture in self.pictures
            if picture.course is course
            for strip in picture.strips
            for step in strip.steps
            if step.stop is stop and step.kind in order
        )
        return tuple(sorted(found, key=lambda one: order.index(one[1].kind)))

    def _strips(self, course: Course) -> Iterator[Strip]:
        for pattern in self.book.investigation.patterns:
            graded = not pattern.control and not pattern.about
            if graded and pattern.backend == course.start.backend:
                yield Strip(pattern, tuple(self._steps(course, pattern)))

    def _steps(self, course: Course, pattern: Pattern) -> Iterator[Step]:
        before = ""
        for stop in course.stops:
            kind, words = self._at(course, stop, pattern)
            said = "" if kind in (MISSING, "unknown") else words
            yield Step(
                stop=stop,
                kind=kind,
                words=words,
                address=self.address(stop.environment, pattern),
                turned=bool(before and said and before != said),
            )
            before = said or before

    def _at(self, course: Course, stop: Stop, pattern: Pattern) -> tuple[str, str]:
        """Return the kind and the words of what is so of a pattern at a stop."""
        if stop.missing:
            return MISSING, stop.missing
        if stop.unavailable:
            return UNAVAILABLE, f"{stop.cannot}: {brief(stop.unavailable)}"
        found = self.book.holding.summed(course, pattern.id, stop, self.database)
        if found is None:
            return MISSING, "not tried"
        words = self.book.holding.said(course, pattern.id, stop, self.database)
        return found.grade, words or GRADES[found.grade].name

    def address(self, environment: Environment, pattern: Pattern) -> str:
        """Return where the findings of a pattern in an environment are on the site."""
        if environment.axis:
            return addresses.swept(self.book.investigation, environment.id)
        return addresses.pattern(self.book.investigation, pattern.id)

    def left_out(self, course: Course) -> tuple[Claim, ...]:
        """Return the claims that no strip of an axis rests on, as some releases were not asked."""
        return self.releases.left_out(course, self.database)

    # --- Claims by releases

    @cached_property
    def turned(self) -> tuple[tuple[Pattern, tuple[Matrix, ...]], ...]:
        """Each pattern of which a claim turned, with these claims by releases."""
        found: dict[str, dict[str, list[Track]]] = {}
        for track in self.releases.tracks:
            if track.turns:
                own = found.setdefault(track.pattern, {})
                own.setdefault(track.course.id, []).append(track)
        return tuple(
            (self.book.patterns[pattern], tuple(self._matrices(tracks.values())))
            for pattern, tracks in found.items()
        )

    @staticmethod
    def _matrices(found: Iterable[list[Track]]) -> Iterator[Matrix]:
        for tracks in found:
            yield Matrix(tracks[0].course, tuple(tracks))

    @cached_property
    def never(self) -> int:
        """How many claims on patterns never turned, of those seen on more releases than one."""
        return sum(len(track.decided) > 1 and not track.turns for track in self.releases.tracks)

    @cached_property
    def compared(self) -> int:
        """How many claims on patterns were decided on more releases than one."""
        return sum(len(track.decided) > 1 for track in self.releases.tracks)

    @cached_property
    def groups(self) -> dict[str, tuple[Turned, ...]]:
        """The turns by axis, the oldest release first, equal ones of several patterns together."""
        found: dict[tuple[str, str, str, str], list[Turn]] = {}
        for turn in self.releases.turns:
            track = turn.track
            key = track.course.id, turn.when, track.claim, turn.after.verdict
            found.setdefault(key, []).append(turn)
        grouped: dict[str, list[Turned]] = {course.id: [] for course in self.courses}
        for (course, _, claim, _), turns in found.items():
            own = Turned(turns[0].track.course, self.book.claims[claim], tuple(turns))
            grouped[course].append(own)
        return {course: tuple(own) for course, own in grouped.items() if own}

    def group_of(self, turn: Turn) -> str:
        """Return the anchor of what is told of a turn."""
        track = turn.track
        return Turned(track.course, self.book.claims[track.claim], (turn,)).id

    def turn_at(self, track: Track, stop: Stop) -> Turn | None:
        """Return the turn that a release brought, or None."""
        return next((turn for turn in track.turns if turn.now is stop), None)

    def parted(self, turn: Turn) -> Parted | None:
        """Return where the histories behind a turn part."""
        return self.releases.parted(turn)

    @cached_property
    def undecided(self) -> tuple[Undecided, ...]:
        """What is open at releases and decided at others, by reason."""
        found: dict[tuple[str, str], list[tuple[Track, Stop, Finding]]] = {}
        for track in self.releases.tracks:
            for stop, finding in track.open if track.decided else ():
                key = track.course.id, finding.reason
                found.setdefault(key, []).append((track, stop, finding))
        return tuple(
            Undecided(
                own[0][0].course,
                tuple(stop for _, stop, _ in own),
                reason,
                tuple(one for *_, one in own),
            )
            for (_, reason), own in found.items()
        )

    # --- Controls

    @property
    def swept(self) -> Report | None:
        """The report on the environments that only an axis makes."""
        return self.book.report.swept

    @cached_property
    def held(self) -> int:
        """How many controls came out as declared in those environments."""
        return sum(outcome.held for outcome in self.swept.controls) if self.swept else 0

    @cached_property
    def failed(self) -> tuple[Alike, ...]:
        """The controls that say that an experiment does not show there what it should."""
        return self._alike(self.swept.failed_controls if self.swept else ())

    @cached_property
    def of_subject(self) -> tuple[Alike, ...]:
        """The right controls with which the subject itself fails there."""
        return self._alike(self.swept.subject_failures if self.swept else ())

    @cached_property
    def unjudged(self) -> tuple[Unjudged, ...]:
        """The controls that could not be run there, by reason."""
        found: dict[str, list[str]] = {}
        for finding in self.swept.findings if self.swept else ():
            known = self.swept and self.swept.control(
                finding.claim, finding.pattern, finding.setting
            )
            if not known and finding.pattern in self.book.claims[finding.claim].controls:
                record = self.swept and self.swept.record(finding.ran_in)
                reason = (record and record.unavailable) or finding.reason
                found.setdefault(reason, []).append(finding.environment)
        return tuple(
            Unjudged(reason, tuple(dict.fromkeys(own)), len(own)) for reason, own in found.items()
        )

    @staticmethod
    def _alike(outcomes: Iterable[ControlOutcome]) -> tuple[Alike, ...]:
        found: dict[tuple[str, ...], list[ControlOutcome]] = {}
        for one in outcomes:
            found.setdefault((one.claim, one.pattern, one.verdict, one.reason), []).append(one)
        return tuple(Alike(tuple(own)) for own in found.values())

    # --- What was observed

    def moved(self, course: Course, stop: Stop) -> tuple[Difference, ...]:
        """Return the packages whose releases at a stop are not those of the axis's start."""
        start = course.at(course.start.id)
        return course.moved(start, stop) if start and start is not stop else ()

    def headline(self, stop: Stop) -> dict[str, str]:
        """Return the releases at a stop that readers care about."""
        return main_releases(self.book.investigation, stop.releases)

    @property
    def not_observed(self) -> dict[str, str]:
        """The releases of each axis that were not observed, where there are any."""
        return {
            course.id: spans(course.releases, {one.release for one in course.stops if one.missing})
            for course in self.courses
            if any(stop.missing for stop in course.stops)
        }
