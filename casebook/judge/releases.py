"""What was found over the releases of each package: every verdict by release, and where it turned.

An axis goes through the releases of one package, one environment each. Environments that `conf/`
declares are judged in the report, those that only the axis makes in `Report.swept`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cached_property

from casebook.claim import Claim, VerdictWord
from casebook.installed import cannot
from casebook.judge.bisected import Bisection
from casebook.judge.courses import Course, Parted, Stop, Track, Turn
from casebook.judge.differences import parting
from casebook.judge.findings import Finding
from casebook.judge.report import Report
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

    # --- What is known of an axis

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
