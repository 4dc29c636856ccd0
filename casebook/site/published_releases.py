"""What `verdicts.json` says of each release of an axis: in what it differs from the start."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from casebook.claim import VerdictWord
from casebook.editions import addresses
from casebook.judge.courses import Course, Stop
from casebook.judge.releases import Releases
from casebook.judge.report import Report


@dataclass(frozen=True, slots=True)
class PublishedDifference:
    """A finding that is other than in the environment from which an axis starts."""

    claim: str
    pattern: str
    database: str
    verdict: VerdictWord
    reason: str


@dataclass(frozen=True, slots=True)
class PublishedRelease:
    """One release of an axis: `package`, taken through its releases from the environment `start`.

    `releases` are the packages whose releases are not those of `start`; one that is not installed
    is "". Where `observed`, and `unavailable` is "", every claim that was judged here has on these
    `databases` the verdict and the reason that it has in `start`, but for the `differences`;
    `not_tried` are the claims that were not judged here. Of a release that a declared environment
    has, everything is among `findings`, and nothing among the `differences`.
    """

    investigation: str
    package: str
    release: str
    start: str
    environment: str
    databases: tuple[str, ...]
    declared: bool
    observed: bool
    unavailable: str
    releases: dict[str, str]
    differences: tuple[PublishedDifference, ...]
    not_tried: tuple[str, ...]
    url: str


def published_releases(report: Report, site_url: str) -> Iterator[PublishedRelease]:
    """Yield each release of each axis, the oldest first; links begin with `site_url`."""
    releases = Releases(report)
    for course in releases.courses:
        for stop in course.stops:
            yield _published(releases, course, stop, site_url)


def _published(releases: Releases, course: Course, stop: Stop, site_url: str) -> PublishedRelease:
    investigation, environment = releases.investigation, stop.environment
    start = course.at(course.start.id)
    moved = course.moved(start, stop) if start else ()
    on_page = environment.axis and not stop.missing
    address = addresses.swept(investigation, environment.id) if on_page else ""
    return PublishedRelease(
        investigation=investigation.id,
        package=stop.package,
        release=stop.release,
        start=course.start.id,
        environment=environment.id,
        databases=tuple(
            one.database for one in releases.report_of(environment.id).databases_of(environment.id)
        ),
        declared=not environment.axis,
        observed=not stop.missing,
        unavailable=": ".join(filter(None, (stop.cannot, stop.unavailable))),
        releases={one.package: one.after or "" for one in moved} if stop.record else {},
        differences=tuple(
            PublishedDifference(one.claim, one.pattern, one.database, one.verdict, one.reason)
            for one in releases.apart.get(environment.id, ())
        ),
        not_tried=tuple(claim.id for claim in releases.not_tried(course, stop)),
        url=addresses.absolute(site_url, address or addresses.releases(investigation, course.id)),
    )
