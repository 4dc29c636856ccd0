"""On which releases of each package a finding holds, or a pattern keeps its grade."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from packaging.version import Version

from casebook.judge.courses import DECIDED, Course, Stop
from casebook.judge.findings import Finding
from casebook.judge.grades import GRADES, Sum, summed
from casebook.judge.releases import Releases
from casebook.judge.spans import since, spans
from casebook.plan.investigation import Setting

Said = Mapping[str, tuple[str, Finding | None]]
"""What is so on each release, and the finding that says it, if one finding does."""


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
    those of which it is not known. `turned` says of a grade what is known to have come before.
    """

    course: str
    package: str
    same: str
    since: str
    otherwise: tuple[Elsewise, ...] = ()
    open: str = ""
    turned: str = ""


class Holding:
    """On which releases of an investigation's axes its findings and grades are as they are."""

    def __init__(self, releases: Releases) -> None:
        self.releases = releases

    def over(self, finding: Finding) -> tuple[Over, ...]:
        """Return on which releases the same was found as here, package by package.

        Nothing is said where it is not decided, or where no other release says anything.
        """
        if finding.verdict not in DECIDED:
            return ()
        courses = self.releases.through.get(finding.environment, ())
        found = ((course, self._verdicts(course, finding)) for course in courses)
        return tuple(
            self._over(course, finding, said)
            for course, said in found
            if len(said) > 1 and (own := course.at(finding.environment)) and own.release in said
        )

    def on(self, course: Course, finding: Finding) -> Over:
        """Return the same along one axis; there are always words for it."""
        if finding.verdict not in DECIDED:
            words = f"(on which releases of {course.package} is not known)"
            return Over(course.id, course.package, "", words)
        return self._over(course, finding, self._verdicts(course, finding))

    def _verdicts(self, course: Course, finding: Finding) -> dict[str, tuple[str, Finding | None]]:
        """Return the verdicts on the releases of an axis, and on those that a bisection tried."""
        tried = self.releases.tried(course, finding.claim, finding.database)
        made = self.releases.bisection(course, finding.claim, finding.pattern, finding.database)
        said: dict[str, tuple[str, Finding | None]] = {
            step.release: (step.verdict, None)
            for step in (made.steps if made else ())
            if step.verdict and step.verdict != "not-tested"
        }
        for stop in course.stops:
            one = self.releases.finding(
                finding.claim, finding.pattern, stop.environment.id, finding.database
            )
            said.pop(stop.release, None)
            if one and one.verdict != "not-tested" and stop.release in tried:
                said[stop.release] = one.verdict, one
        return said

    def _over(self, course: Course, finding: Finding, said: Said) -> Over:
        return _over(course, _in_order([*course.releases, *said]), said, finding.verdict)

    def held(self, pattern: str, setting: Setting) -> tuple[Over, ...]:
        """Return on which releases a pattern has the grade that it has in a setting."""
        courses = self.releases.through.get(setting.environment, ())
        found = (self._held(one, one.stops, pattern, setting) for one in courses)
        return tuple(one for one in found if one)

    def held_where_usable(self, pattern: str, setting: Setting) -> tuple[Over, ...]:
        """Return the same of the releases with which something could run, and is known."""
        courses = self.releases.through.get(setting.environment, ())
        found = (self._held(one, self.releases.answered(one), pattern, setting) for one in courses)
        return tuple(one for one in found if one)

    def _held(
        self, course: Course, stops: Sequence[Stop], pattern: str, setting: Setting
    ) -> Over | None:
        said = {
            stop.release: (word, None)
            for stop in stops
            if (word := self.said(course, pattern, stop, setting.database))
        }
        own = course.at(setting.environment)
        if own is None or own.release not in said or len(said) < 2:
            return None
        word = said[own.release][0]
        known = {release: words == word for release, (words, _) in said.items()}
        turned = []
        for then, now in pairwise(stop for stop in stops if stop.release in said):
            if known[then.release] != known[now.release]:
                between, notes = self._between(course, pattern, setting.database, then, now)
                known |= {one: known[like] for one, like in between.items()}
                turned += notes
        releases = _in_order([*(stop.release for stop in stops), *known])
        found = _over(course, [stop.release for stop in stops], said, word)
        so = {release: known.get(release) for release in releases}
        return replace(
            found, since=since(so, course.package, course.follows), turned=", ".join(turned)
        )

    def _between(
        self, course: Course, pattern: str, database: str, then: Stop, now: Stop
    ) -> tuple[dict[str, str], list[str]]:
        """Return what bisections say of a grade between two stops where it turned.

        These are further releases, each with the stop whose grade it has, and in words what turned
        where the rest is not known. That a claim is refuted on a release says the grade of it; that
        it no longer is says it only where nothing else differs.
        """
        differing, turns = [], []
        for claim in self.releases.compared(course, database):
            track = self.releases.track(course, claim.id, pattern, database)
            words = [one.verdict if (one := track.at(stop)) else "" for stop in (then, now)]
            if words[0] != words[1]:
                differing.append(claim)
                turns += [one for one in track.turns if (one.then, one.now) == (then, now)]
        made = [turn for turn in turns if turn.bisection]
        if len(differing) == 1 and made:
            last, first = made[0].ends
            return {last: then.release, first: now.release}, []
        if course.follows(then.release, now.release):
            return {}, []
        return {}, [
            f"{one.track.claim} turned {'at ' if one.exact else ''}{one.when}" for one in made
        ]

    def said(self, course: Course, pattern: str, stop: Stop, database: str) -> str:
        """Return what is so of a pattern at a stop of an axis, "" where that is not known."""
        if stop.unavailable:
            return stop.cannot
        found = self.summed(course, pattern, stop, database)
        if found is None or found.grade == "unknown":
            return ""
        claims, label = self.releases.report.claims_by_id, GRADES[found.grade].name
        if found.grade == "avoid":
            return claims[found.refuted[0]].otherwise or label
        beside = ", ".join(claims[claim].otherwise for claim in found.caveats)
        return f"{label} {beside}".strip()

    def summed(self, course: Course, pattern: str, stop: Stop, database: str) -> Sum | None:
        """Return what the findings of a pattern at a stop add up to, None where there are none.

        They are those of the claims that were tried all along the axis, so that a grade turns
        where a verdict does, and not where an experiment was left out.
        """
        claims, words = self.releases.compared(course, database), {}
        for claim in claims:
            finding = self.releases.finding(claim.id, pattern, stop.environment.id, database)
            if finding:
                words[claim.id] = finding.verdict
        return summed([one for one in claims if one.id in words], words) if words else None


def _in_order(releases: Iterable[str]) -> list[str]:
    """Return releases once each, the oldest first."""
    return sorted(dict.fromkeys(releases), key=Version)


def _over(
    course: Course,
    releases: Sequence[str],
    said: Said,
    own: str,
) -> Over:
    """Return where what is said of these releases is the same as one's own, and what else is."""
    groups: dict[str, list[str]] = {}
    for release, (word, _) in said.items():
        groups.setdefault(word, []).append(release)
    so = {release: said[release][0] == own if release in said else None for release in releases}
    return Over(
        course.id,
        course.package,
        spans(releases, groups.get(own, ()), course.follows),
        since(so, course.package, course.follows),
        tuple(
            Elsewise(
                word,
                spans(releases, where, course.follows),
                next((one for release in where if (one := said[release][1])), None),
            )
            for word, where in groups.items()
            if word != own
        ),
        spans(releases, [release for release in releases if so[release] is None]),
    )
