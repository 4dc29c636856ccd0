"""Bisection on the command line: the release at which a verdict turned, step by step."""

from __future__ import annotations

import argparse
import platform
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from packaging.version import InvalidVersion, Version

from casebook.cli.asked import check_known
from casebook.cli.command import UsageError
from casebook.cli.passing import Passing
from casebook.exit_codes import HarnessError, Unanswered
from casebook.judge.answers import Answers
from casebook.judge.bisected import Bisection, Step, bisections_file, inputs_of
from casebook.judge.comparison import where_parting
from casebook.judge.findings import Finding
from casebook.judge.project import read_reports
from casebook.judge.report import Report
from casebook.plan.axes import Axis
from casebook.plan.investigation import package_name
from casebook.plan.mistakes import one_of
from casebook.releases.bisect import NothingObserved, Turning, bisect
from casebook.releases.bisections import keep
from casebook.releases.candidates import Candidate
from casebook.releases.environments import NotInstallable
from casebook.releases.index import NotListed, eligible, like_which, listed_over
from casebook.releases.projects import Locks, NotObserved
from casebook.releases.resolving import Lock, Unresolvable, moved
from casebook.releases.trying import Question, axis_of, homes_of, locks, observe, question
from casebook.releases.uv import UvFailed
from casebook.text import counted, one_line

WIDTH = 300
"""The characters of a reason that are shown."""


def find_turn(arguments: argparse.Namespace) -> None:
    """Say at which release of a package a verdict turned, and keep the answer.

    Raises UsageError, and Unanswered where nothing can be observed.
    """
    root: Path = arguments.root
    package = package_name(arguments.package)
    report, finding = _finding(read_reports(root), package, arguments)
    environment = report.investigation.environment(finding.environment)
    axis = axis_of(report.investigation, environment, package)
    releases = _between(axis, package, arguments)
    asked = question(root, report, environment, [finding])
    several = len(report.investigation.databases) > 1
    where = f"{environment.id} ({finding.database})" if several else environment.id
    print(
        f"{finding.claim} of {finding.pattern} in {where}: "
        f"{counted(len(releases), 'release')} of {package} from {releases[0]} to {releases[-1]}"
        f"{_formerly(axis, releases)}, "
        f"{counted(len(asked.cells), 'cell')} each",
        flush=True,
    )
    trials = _Trials(root, report, asked, package, finding, axis)
    turning = _turning(trials, releases)
    made = trials.bisection(turning)
    print("\n".join(_told(made, turning)))
    problem = keep(root, report.investigation.id, made)
    if problem:
        raise HarnessError(f"not kept: {problem.file}: {problem.place}: {problem.rule}")
    print(f"Kept in {bisections_file(report.investigation.id)}")


class _Trials:
    """Observes a finding with one release of a package after the other, and remembers each."""

    def __init__(
        self,
        root: Path,
        report: Report,
        asked: Question,
        package: str,
        finding: Finding,
        axis: Axis | None,
    ) -> None:
        self.root, self.report, self.asked = root, report, asked
        self.package, self.finding, self.axis = package, finding, axis
        self.locks: dict[str, Locks] = {}
        self.reports: dict[str, Report] = {}
        self.steps: dict[str, Step] = {}

    def ask(self, release: str) -> Step:
        """Return what a release shows, and remember it."""
        self.steps[release] = step = self._step(release)
        return step

    def bisection(self, turning: Turning) -> Bisection:
        """Return what is kept of a bisection."""
        before, first = turning.before.release, turning.first.release
        home, finding = self.asked.environment.id, self.finding
        parted = None
        if turning.turned:
            was, now = self.reports[before], self.reports[first]
            parted = where_parting(was, was.by_id[finding.id], now, now.by_id[finding.id])
        pins = [
            lock.pins if isinstance(lock := self.locks[one][home], Lock) else ()
            for one in (before, first)
        ]
        return Bisection(
            claim=finding.claim,
            pattern=finding.pattern,
            package=self.package,
            environment=home,
            database=finding.database,
            python=".".join(platform.python_version_tuple()[:2]),
            turned=turning.turned,
            before=before,
            first=first,
            skipped=tuple(step.release for step in turning.skipped),
            moved={
                one.package: (one.before or "", one.after or "")
                for one in moved(*pins)
                if one.package not in self._names()
            },
            experiment=parted[0] if parted else "",
            parting=parted[1] if parted else "",
            steps=tuple(self.steps[one] for one in sorted(self.steps, key=Version)),
            inputs=inputs_of(self.root, self.report.investigation, self.asked.cells),
            former=_former(self.axis, self.steps),
        )

    def _names(self) -> tuple[str, ...]:
        return self.axis.names if self.axis else (self.package,)

    def _step(self, release: str) -> Step:
        made = Candidate(self.package, release, f"{self.package} {release}")
        try:
            self.locks[release] = own = locks(self.root, self.report, self.asked, made)
            broken = next((one for one in own.values() if isinstance(one, Unresolvable)), None)
            if broken:
                return Step(release, None, f"cannot be resolved: {broken}")
            with Passing(f"  {release}  ") as passing:
                found = observe(self.root, self.report, self.asked, own, passing.show)
        except UvFailed as error:
            if error.out_of_reach:
                raise Unanswered(f"{self.package} {release}: {error}", error.said) from None
            return Step(release, None, f"cannot be resolved: {error}")
        except NotInstallable as error:
            if error.out_of_reach:
                raise Unanswered(f"{self.package} {release}: {error}", error.said) from None
            return Step(release, None, f"cannot be installed: {error}")
        except NotObserved as error:
            raise Unanswered(str(error)) from None
        for record in found.records.values():
            if record.unavailable is not None:
                return Step(release, None, f"cannot be imported: {record.unavailable}")
        self.reports[release] = found
        came = found.by_id[self.finding.id]
        return Step(release, came.verdict, came.reason)


def _turning(trials: _Trials, releases: Sequence[str]) -> Turning:
    """Bisect and print each step as it is done."""
    wide = max(map(len, releases))
    steps = bisect(releases, trials.ask)
    try:
        while True:
            step = next(steps)
            verdict = (step.verdict or "stepped over").replace("-", " ")
            said = one_line(step.reason, WIDTH)
            print(f"  {step.release:<{wide}}  {verdict:<12}  {said}", flush=True)
    except StopIteration as ended:
        turning: Turning = ended.value
        return turning
    except NothingObserved:
        raise Unanswered("none of these releases can be observed: see above") from None


def _told(made: Bisection, turning: Turning) -> Iterator[str]:
    """Yield the answer in lines."""
    before, first = turning.before, turning.first
    was, became = ((one.verdict or "").replace("-", " ") for one in (before, first))
    if not turning.turned:
        yield f"Both ends say the same: {before.release} and {first.release}, {became}."
        yield f"  {before.release}: {before.reason}"
        yield f"  {first.release}: {first.reason}"
        return
    yield f"{made.named(first.release)} is the first release with the new verdict: {became}."
    if turning.skipped:
        names = ", ".join(step.release for step in turning.skipped)
        yield f"It may have come with {names}, too, which could not be observed."
    yield f"  {before.release}: {was}: {before.reason}"
    yield f"  {first.release}: {became}: {first.reason}"
    for package, (old, new) in made.moved.items():
        yield f"  {package} moved along: {old or 'not installed'} -> {new or 'not installed'}"
    if made.parting:
        yield f"  The histories of {made.experiment} part {made.parting}"


def _former(axis: Axis | None, releases: Iterable[str]) -> dict[str, str]:
    """Return the names of those releases that were published under a former name."""
    names = {one: axis.name_at(like_which(axis.releases, one)) for one in releases} if axis else {}
    return {release: name for release, name in names.items() if axis and name != axis.package}


def _formerly(axis: Axis | None, releases: Iterable[str]) -> str:
    """Return in words which releases were published under former names, or ""."""
    own: dict[str, list[str]] = {}
    for release, name in _former(axis, releases).items():
        own.setdefault(name, []).append(release)
    return "".join(f" ({', '.join(some)} as {name})" for name, some in own.items())


def _finding(
    reports: Sequence[Report], package: str, arguments: argparse.Namespace
) -> tuple[Report, Finding]:
    """Return the finding that is asked for: in the environment named, else the first of today's."""
    claims = {claim.id for report in reports for claim in report.claims}
    patterns = {one.id for report in reports for one in report.investigation.patterns}
    check_known([arguments.claim], claims, "claim")
    check_known([arguments.pattern], patterns, "pattern")
    of = f"{arguments.claim} of {arguments.pattern}"
    judged = [
        (report, finding)
        for report in reports
        for finding in Answers(report).findings(arguments.claim, arguments.pattern)
        if arguments.database in (None, finding.database) and homes_of(report, finding)
    ]
    if not judged:
        raise UsageError(f"no environment judges {of}: the claim is not of that pattern")
    homes = {one.environment: one for _, one in judged}
    if arguments.environment and arguments.environment not in homes:
        fix = one_of(arguments.environment, homes)
        raise UsageError(f"{of} is not judged in {arguments.environment!r}: {fix}")
    having = [
        (report, finding)
        for report, finding in judged
        if arguments.environment in (None, finding.environment)
        and package in report.investigation.environment(finding.environment).locked
    ]
    if not having:
        raise UsageError(f"no environment that judges {of} has {package}: name one that it has")
    return having[0]


def _between(axis: Axis | None, package: str, arguments: argparse.Namespace) -> list[str]:
    """Return the releases to bisect, the oldest first; raise UsageError where there is none."""
    try:
        known = listed_over(axis, package)
    except NotListed as error:
        if error.out_of_reach:
            raise Unanswered(str(error)) from None
        raise UsageError(str(error)) from None
    found = [one.release for one in eligible(known, pre=arguments.pre, yanked=arguments.yanked)]
    ends = arguments.between or ()
    names = {one.version: one.release for one in known}
    chosen = []
    for end in ends:
        release = names.get(_version(end))
        if release is None:
            fix = one_of(end, [*names.values()][::-1])
            raise UsageError(f"{package} {end}: the index lists no such release; {fix}")
        chosen.append(release)
    # An end that is named counts, also where it was yanked or is a pre-release.
    order = [one.release for one in known if one.release in {*found, *chosen}]
    if chosen:
        low, high = sorted(order.index(release) for release in chosen)
        order = order[low : high + 1]
    if len(order) < 2:
        raise UsageError(f"{package}: there is nothing between: {', '.join(order) or 'no release'}")
    return order


def _version(text: str) -> Version:
    try:
        return Version(text)
    except InvalidVersion:
        raise UsageError(f"{text!r} is no release: write it as the index does") from None
