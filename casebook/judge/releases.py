"""What was found over the releases of each package: every verdict by release, and where it turned.

An axis goes through the releases of one package, one environment each. Environments that `conf/`
declares are judged in the report, those that only the axis makes in `Report.swept`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import cached_property
from itertools import pairwise

from packaging.version import Version

from casebook.claim import Claim, VerdictWord
from casebook.installed import cannot
from casebook.judge.bisected import Bisection
from casebook.judge.courses import DECIDED, Course, Elsewise, Over, Parted, Stop, Track, Turn
from casebook.judge.differences import parting
from casebook.judge.grades import GRADES, Sum, summed
from casebook.judge.report import Finding, Report
from casebook.judge.spans import since, spans
from casebook.plan.axes import USUAL_PYTHON, Axis, Point
from casebook.plan.investigation import Setting
from casebook.record import History
from casebook.stored import Record

NOT_OBSERVED = "not observed: run `nox -s sweep`"
"""Why nothing is known of a release that no record holds."""

AT_PYTHON = " where Python {} is installed"
"""What is added to it for a release of Python itself."""


class Releases:
    """What a report found along the axes of its investigation."""

    def __init__(self, report: Report) -> None:
        self.report = report
        self.investigation = report.investigation
        self._parted: dict[tuple[str, str], Parted | None] = {}
        self._tried: dict[tuple[str, str, str], frozenset[str]] = {}
        self._compared: dict[tuple[str, str], tuple[Claim, ...]] = {}

    # --- Where things are

    def report_of(self, environment: str) -> Report:
        """Return the report in which an environment is judged."""
        swept = self.report.swept
        return self.report if environment in self._declared or swept is None else swept

    @cached_property
    def _declared(self) -> frozenset[str]:
        return frozenset(one.id for one in self.investigation.environments)

    @cached_property
    def histories(self) -> dict[str, History]:
        """Every history by its digest, those of swept environments last."""
        return self.report.histories | (self.report.swept.histories if self.report.swept else {})

    @cached_property
    def records(self) -> dict[Setting, Record]:
        """Every record, those of swept environments last."""
        return self.report.records | (self.report.swept.records if self.report.swept else {})

    @cached_property
    def courses(self) -> tuple[Course, ...]:
        """Every axis with its stops, in the order of the file."""
        return tuple(
            Course(
                axis,
                self.investigation.environment(axis.start),
                tuple(map(self._stop, self.investigation.points(axis))),
                self._listed(axis.package),
                tuple(self._bisections(axis)),
            )
            for axis in self.investigation.axes
        )

    def _listed(self, package: str) -> tuple[str, ...]:
        """Return the releases of a package that the index was known to have."""
        known = self.report.known.packages if self.report.known else ()
        return next((one.releases for one in known if one.package == package), ())

    def _bisections(self, axis: Axis) -> Iterator[Bisection]:
        """Yield the bisections of an axis's package, with its Python, where it starts from."""
        python = self.investigation.environment(axis.start).python or USUAL_PYTHON
        for one in self.report.bisections:
            if (one.package, one.environment, one.python) == (axis.package, axis.start, python):
                yield one

    def bisection(
        self, course: Course, claim: str, pattern: str, database: str
    ) -> Bisection | None:
        """Return the bisection of a claim along an axis that the scripts of now made, or None."""
        asked = claim, pattern, database
        for one in course.bisections:
            if (one.claim, one.pattern, one.database) == asked and one not in self.report.outdated:
                return one
        return None

    @cached_property
    def through(self) -> Mapping[str, tuple[Course, ...]]:
        """The courses that stop at an environment, by its id."""
        found: dict[str, tuple[Course, ...]] = {}
        for course in self.courses:
            for stop in course.stops:
                id = stop.environment.id
                found[id] = (*found.get(id, ()), course)
        return found

    def _stop(self, point: Point) -> Stop:
        environment = point.environment
        report = self.report_of(environment.id)
        settings = report.databases_of(environment.id)
        records = (record for one in settings if (record := report.record(one)))
        record = next(records, None)
        reason = record.unavailable if record else None
        words, error = cannot(reason) if reason is not None else ("", "")
        where = AT_PYTHON.format(environment.python) if environment.python else ""
        return Stop(
            release=point.release,
            package=point.package,
            environment=environment,
            record=record,
            missing="" if record else NOT_OBSERVED + where,
            unavailable=error,
            cannot=words,
        )

    def finding(self, claim: str, pattern: str, environment: str, database: str) -> Finding | None:
        """Return a finding of a declared or a swept environment, or None."""
        report = self.report_of(environment)
        return report.finding(claim, pattern, Setting(environment, database))

    # --- What can be compared along an axis

    def _experiments(self, environment: str, database: str, claim: str) -> frozenset[str]:
        """Return the experiments of a claim that were planned in a setting."""
        ran_in = self.report_of(environment).ran_in
        own = self.report.claims_by_id[claim].experiments
        return frozenset(one for one in own if (environment, database, one) in ran_in)

    def tried(self, course: Course, claim: str, database: str) -> frozenset[str]:
        """Return the releases on which all of a claim's experiments were planned.

        Those are the experiments of any release of the axis: twins need not follow to all.
        """
        key = course.id, claim, database
        if key not in self._tried:
            planned = {
                stop.release: self._experiments(stop.environment.id, database, claim)
                for stop in course.stops
            }
            most = frozenset[str]().union(*planned.values())
            self._tried[key] = frozenset(
                release for release, own in planned.items() if own == most and most
            )
        return self._tried[key]

    def compared(self, course: Course, database: str) -> tuple[Claim, ...]:
        """Return the claims that were tried on every release of an axis that was observed."""
        key = course.id, database
        if key not in self._compared:
            observed = {stop.release for stop in course.usable}
            self._compared[key] = tuple(
                claim
                for claim in self.report.claims
                if observed <= self.tried(course, claim.id, database)
            )
        return self._compared[key]

    def left_out(self, course: Course, database: str) -> tuple[Claim, ...]:
        """Return the claims that were tried on some releases of an axis alone."""
        compared = self.compared(course, database)
        return tuple(
            claim
            for claim in self.report.claims
            if claim not in compared and self.tried(course, claim.id, database)
        )

    def not_tried(self, course: Course, stop: Stop) -> tuple[Claim, ...]:
        """Return the claims that were tried along an axis, and not on this release of it."""
        found = []
        for claim in self.report.claims:
            of = (self.tried(course, claim.id, one) for one in self.investigation.databases)
            tried = frozenset[str]().union(*of)
            if tried and stop.release not in tried:
                found.append(claim)
        return tuple(found)

    # --- Claims by releases

    @cached_property
    def tracks(self) -> tuple[Track, ...]:
        """The findings of each pattern and claim along each axis, on each database, but controls'.

        Databases after the first tell only what the first does not: another verdict on a release.
        """
        found: list[Track] = []
        for course in self.courses:
            for pattern in self.investigation.patterns:
                if not pattern.control and pattern.backend == course.start.backend:
                    for claim in self.report.claims:
                        found += self._tracks(course, claim.id, pattern.id)
        return tuple(found)

    def _tracks(self, course: Course, claim: str, pattern: str) -> Iterator[Track]:
        told: dict[str, set[VerdictWord]] = {}
        for database in self.investigation.databases:
            track = self.track(course, claim, pattern, database)
            words = {stop.release: finding.verdict for stop, finding in track.decided}
            if any(track.findings) and not all(
                word in told.get(release, ()) for release, word in words.items()
            ):
                yield track
            for release, word in words.items():
                told.setdefault(release, set()).add(word)

    def track(self, course: Course, claim: str, pattern: str, database: str) -> Track:
        """Return the findings of a claim on a pattern along an axis, on one database."""
        tried = self.tried(course, claim, database)
        findings = tuple(
            self.finding(claim, pattern, stop.environment.id, database)
            if stop.release in tried
            else None
            for stop in course.stops
        )
        bisection = self.bisection(course, claim, pattern, database)
        return Track(course, claim, pattern, database, findings, bisection)

    @cached_property
    def turns(self) -> tuple[Turn, ...]:
        """Every change of verdict, axis by axis, the oldest release first."""
        found = [turn for track in self.tracks for turn in track.turns]
        order = {course.id: number for number, course in enumerate(self.courses)}
        return tuple(
            sorted(
                found,
                key=lambda turn: (
                    order[turn.track.course.id],
                    turn.track.course.releases.index(turn.now.release),
                ),
            )
        )

    def parted(self, turn: Turn) -> Parted | None:
        """Return where the histories behind a turn part, None where the claim's are equal.

        Looked for first under the experiments that refuted the claim, and once for each turn.
        """
        key = turn.before.id, turn.after.id
        if key not in self._parted:
            self._parted[key] = self._part(turn)
        return self._parted[key]

    def _part(self, turn: Turn) -> Parted | None:
        shown = sorted((turn.before, turn.after), key=lambda one: one.verdict != "refuted")
        named = [evidence.experiment for one in shown for evidence in one.evidence]
        own = self.report.claims_by_id[turn.track.claim].experiments
        for experiment in dict.fromkeys([*named, *own]):
            before, after = self.cells(turn.before, experiment), self.cells(turn.after, experiment)
            for one, other in zip(before, after, strict=False):
                words = parting(before[one], after[other], self.investigation.diagram)
                if words:
                    return Parted(experiment, one, other, words)
        return None

    def cells(self, finding: Finding, experiment: str) -> dict[str, History]:
        """Return the histories of an experiment that a finding rests on, by their digests."""
        report = self.report_of(finding.environment)
        ran_in = report.ran_in.get((*finding.setting, experiment), finding.environment)
        cell = report.cell(Setting(ran_in, finding.database), finding.pattern, experiment)
        found = report.histories_of(cell)
        return dict(zip(cell.histories, found, strict=True)) if cell and found else {}

    @cached_property
    def apart(self) -> Mapping[str, tuple[Finding, ...]]:
        """The findings of each swept environment that are not as in the one it starts from.

        Another verdict or another reason sets them apart. Where nothing could be imported, only
        what says so is among them; claims that were not tried there are not.
        """
        by_environment: dict[str, list[Finding]] = {}
        for one in self.report.swept.findings if self.report.swept else ():
            by_environment.setdefault(one.environment, []).append(one)
        return {
            stop.environment.id: tuple(
                one
                for one in by_environment.get(stop.environment.id, ())
                if self._is_apart(course, stop, one)
            )
            for course in self.courses
            for stop in course.stops
            if stop.environment.axis and not stop.missing
        }

    def _is_apart(self, course: Course, stop: Stop, finding: Finding) -> bool:
        if stop.unavailable and finding.verdict == "not-tested":
            return False
        if stop.release not in self.tried(course, finding.claim, finding.database):
            return False
        then = self.finding(finding.claim, finding.pattern, course.start.id, finding.database)
        said = (then.verdict, then.reason) if then else None
        return said != (finding.verdict, finding.reason)

    # --- What a page says of a finding or of a grade

    def answered(self, course: Course) -> tuple[Stop, ...]:
        """Return the stops of an axis with which something ran, and of which anything is known.

        Of a release that was observed with earlier experiments alone nothing is.
        """
        decided = {
            stop.environment.id
            for track in self.tracks
            if track.course is course
            for stop, _ in track.decided
        }
        return tuple(stop for stop in course.usable if stop.environment.id in decided)

    def same(self, course: Course) -> str:
        """Return the releases in words of which an answer says whether it is the same there."""
        return course.spans({stop.release for stop in self.answered(course)})

    def not_known(self, course: Course) -> str:
        """Return the releases in words that were observed, and of which nothing is known."""
        known = self.answered(course)
        return course.spans({stop.release for stop in course.usable if stop not in known})

    def over(self, finding: Finding) -> tuple[Over, ...]:
        """Return on which releases the same was found as here, package by package.

        Nothing is said where it is not decided, or where no other release says anything.
        """
        if finding.verdict not in DECIDED:
            return ()
        courses = self.through.get(finding.environment, ())
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
        tried = self.tried(course, finding.claim, finding.database)
        made = self.bisection(course, finding.claim, finding.pattern, finding.database)
        said: dict[str, tuple[str, Finding | None]] = {
            step.release: (step.verdict, None)
            for step in (made.steps if made else ())
            if step.verdict and step.verdict != "not-tested"
        }
        for stop in course.stops:
            one = self.finding(
                finding.claim, finding.pattern, stop.environment.id, finding.database
            )
            said.pop(stop.release, None)
            if one and one.verdict != "not-tested" and stop.release in tried:
                said[stop.release] = one.verdict, one
        return said

    def _over(
        self, course: Course, finding: Finding, said: Mapping[str, tuple[str, Finding | None]]
    ) -> Over:
        return _over(course, _in_order([*course.releases, *said]), said, finding.verdict)

    def held(self, pattern: str, setting: Setting) -> tuple[Over, ...]:
        """Return on which releases a pattern has the grade that it has in a setting."""
        courses = self.through.get(setting.environment, ())
        found = (self._held(one, one.stops, pattern, setting) for one in courses)
        return tuple(one for one in found if one)

    def held_where_usable(self, pattern: str, setting: Setting) -> tuple[Over, ...]:
        """Return the same of the releases with which something could run, and is known."""
        courses = self.through.get(setting.environment, ())
        found = (self._held(one, self.answered(one), pattern, setting) for one in courses)
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
        for claim in self.compared(course, database):
            track = self.track(course, claim.id, pattern, database)
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
        claims, label = self.report.claims_by_id, GRADES[found.grade].name
        if found.grade == "avoid":
            return claims[found.refuted[0]].otherwise or label
        beside = ", ".join(claims[claim].otherwise for claim in found.caveats)
        return f"{label} {beside}".strip()

    def summed(self, course: Course, pattern: str, stop: Stop, database: str) -> Sum | None:
        """Return what the findings of a pattern at a stop add up to, None where there are none.

        They are those of the claims that were tried all along the axis, so that a grade turns
        where a verdict does, and not where an experiment was left out.
        """
        claims, words = self.compared(course, database), {}
        for claim in claims:
            finding = self.finding(claim.id, pattern, stop.environment.id, database)
            if finding:
                words[claim.id] = finding.verdict
        return summed([one for one in claims if one.id in words], words) if words else None


def _in_order(releases: Iterable[str]) -> list[str]:
    """Return releases once each, the oldest first."""
    return sorted(dict.fromkeys(releases), key=Version)


def _over(
    course: Course,
    releases: Sequence[str],
    said: Mapping[str, tuple[str, Finding | None]],
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
