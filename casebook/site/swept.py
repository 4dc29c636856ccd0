"""What the page of each environment shows that only an axis makes."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from casebook.claim import Claim
from casebook.judge.courses import Course, Stop
from casebook.judge.findings import Finding
from casebook.judge.settings import Difference
from casebook.plan.investigation import Pattern
from casebook.site.book import Book


@dataclass(frozen=True, slots=True)
class Apart:
    """A finding that is not as in the environment that the axis starts from, and that one."""

    finding: Finding
    start: Finding | None


class SweptPage:
    """What the page of one environment shows that only an axis makes.

    It tells in full what is other than in the environment from which the axis starts.
    """

    def __init__(self, book: Book, course: Course, stop: Stop) -> None:
        self.book = book
        self.course = course
        self.stop = stop
        self.environment = stop.environment
        self.start = course.start
        report = book.releases.report_of(stop.environment.id)
        self.settings = report.databases_of(stop.environment.id)
        self.report = report
        self.findings = tuple(
            one for one in report.findings if one.environment == stop.environment.id
        )

    @property
    def differences(self) -> tuple[Difference, ...]:
        """The packages beside the axis's own in which it differs from the start."""
        start = self.course.at(self.start.id)
        return self.course.moved(start, self.stop) if start else ()

    @property
    def not_tried(self) -> tuple[Claim, ...]:
        """The claims that were tried along the axis, and not with this release."""
        return self.book.releases.not_tried(self.course, self.stop)

    @cached_property
    def apart(self) -> tuple[Apart, ...]:
        """The findings that are other than those of the start, but those that were not tested."""
        releases = self.book.releases
        return tuple(
            Apart(one, releases.finding(one.claim, one.pattern, self.start.id, one.database))
            for one in releases.apart.get(self.environment.id, ())
            if one.verdict != "not-tested"
        )

    @cached_property
    def told(self) -> tuple[tuple[Apart, ...], ...]:
        """Those with another verdict, the refuted first, by claim and reason."""
        found: dict[tuple[str, str, str], list[Apart]] = {}
        for one in self.apart:
            if one.start is None or one.start.verdict != one.finding.verdict:
                finding = one.finding
                key = finding.claim, finding.verdict, finding.reason
                found.setdefault(key, []).append(one)
        order = ("refuted", "supported", "inconclusive")
        ordered = sorted(found.items(), key=lambda one: order.index(one[0][1]))
        return tuple(tuple(alike) for _, alike in ordered)

    @property
    def turned(self) -> int:
        """How many have another verdict."""
        return sum(map(len, self.told))

    @property
    def reworded(self) -> tuple[Apart, ...]:
        """Those with the same verdict for another reason."""
        return tuple(
            one for one in self.apart if one.start and one.start.verdict == one.finding.verdict
        )

    @cached_property
    def same(self) -> int:
        """How many say what is said at the start, word for word."""
        starts = (
            (one, self.book.releases.finding(one.claim, one.pattern, self.start.id, one.database))
            for one in self.findings
        )
        return sum(
            then is not None and (then.verdict, then.reason) == (one.verdict, one.reason)
            for one, then in starts
        )

    @property
    def untested(self) -> int:
        """How many were not tested here, and say otherwise at the start."""
        return len(self.findings) - self.same - len(self.apart)

    @cached_property
    def ids(self) -> frozenset[str]:
        """The ids of the findings that are told apart from the table."""
        return frozenset(one.finding.id for one in self.apart)

    @cached_property
    def patterns(self) -> tuple[Pattern, ...]:
        """The patterns with findings here, without the controls."""
        having = {one.pattern for one in self.findings}
        patterns = self.book.investigation.patterns
        return tuple(one for one in patterns if one.id in having and not one.control)

    @property
    def rows(self) -> Iterator[tuple[Claim, list[list[Finding]], list[Finding]]]:
        """Each claim with its findings, pattern by pattern, and those for the controls."""
        for claim in self.book.report.claims:
            found = [one for one in self.findings if one.claim == claim.id]
            if found:
                cells = [[one for one in found if one.pattern == own.id] for own in self.patterns]
                controls = [one for one in found if self.book.patterns[one.pattern].control]
                yield claim, cells, controls


def swept_pages(book: Book) -> Iterator[SweptPage]:
    """Yield the page of each environment that only an axis makes and that was observed."""
    for course in book.releases.courses:
        for stop in course.stops:
            if stop.environment.axis and not stop.missing:
                yield SweptPage(book, course, stop)


def linked(book: Book) -> frozenset[str]:
    """Return the digests of the histories that the pages about releases link to."""
    parted = (book.releases.parted(turn) for turn in book.releases.turns)
    found = {digest for one in parted if one for digest in (one.before, one.after)}
    for page in swept_pages(book):
        for apart in page.apart:
            found |= {shown.digest for shown in book.shown(apart.finding)[:1]}
    return frozenset(found)
