"""Other releases on the command line: a candidate beside the current result, and bisection."""

from __future__ import annotations

import argparse
import platform
import time
from collections.abc import Collection, Iterable, Iterator, Sequence
from pathlib import Path

from packaging.version import InvalidVersion, Version

from casebook.cite.compared import compared_lines, compared_markdown
from casebook.cite.markdown import finalized
from casebook.cli.commands import UsageError
from casebook.exit_codes import HarnessError
from casebook.files import write_whole
from casebook.judge.answers import Answers
from casebook.judge.comparison import Comparison, compare, where_parting
from casebook.judge.project import read_reports
from casebook.judge.report import Finding, Report
from casebook.plan.investigation import Environment, one_of, package_name
from casebook.releases.bisect import NothingObserved, Step, Turning, bisect
from casebook.releases.bisections import (
    Bisection,
    bisections_file,
    inputs_of,
    keep,
)
from casebook.releases.candidates import Candidate, NotBuilt, WrongCandidate, candidate, parted
from casebook.releases.environments import NotInstallable
from casebook.releases.index import NotListed, eligible, listed
from casebook.releases.projects import Locks, NotObserved
from casebook.releases.resolving import Lock, Unresolvable, moved
from casebook.releases.trying import (
    Question,
    committed,
    homes_of,
    locks,
    observe,
    question,
    side,
    up_to_date,
)
from casebook.releases.uv import UvFailed
from casebook.text import one_line

WIDTH = 300
"""The characters of a reason that are shown."""


class NothingToSay(Exception):
    """Something that the answer needs cannot be had now; `said` is all that a tool printed."""

    def __init__(self, why: str, said: str = "") -> None:
        super().__init__(why)
        self.said = said


# --- A candidate ----------------------------------------------------------------------------------


def try_candidate(arguments: argparse.Namespace) -> None:
    """Say what turns with a candidate in the place of a release, environment by environment.

    Raises UsageError, and NothingToSay where a candidate cannot be built, installed or run.
    """
    root: Path = arguments.root
    try:
        package, what = parted(" ".join(arguments.what))
        reports = read_reports(root)
        chosen = list(_chosen(reports, package, arguments))
        made = candidate(
            root, package, what, called_from=arguments.called_from, editable=arguments.editable
        )
    except WrongCandidate as error:
        raise UsageError(str(error)) from None
    except NotBuilt as error:
        raise NothingToSay(f"{' '.join(arguments.what)}: {error}", error.said) from None
    replies = []
    for report, environment in chosen:
        started = time.monotonic()
        comparison, notes = _compared(root, report, environment, made, arguments)
        took = time.monotonic() - started
        print("\n".join(["", *notes, "", *compared_lines(comparison)]), flush=True)
        print(f"Took {took:.0f} s.", flush=True)
        replies.append(compared_markdown(comparison) + _as_list(notes))
    if arguments.markdown:
        write_whole(arguments.called_from / arguments.markdown, "\n".join(replies))
        print(f"The reply: {arguments.called_from / arguments.markdown}")


def _compared(
    root: Path,
    report: Report,
    environment: Environment,
    made: Candidate,
    arguments: argparse.Namespace,
) -> tuple[Comparison, list[str]]:
    """Return what becomes of an environment's findings, and what is to be known of the run."""
    wanted, left = _findings(report, environment, arguments)
    if not wanted:
        raise UsageError(_nothing_judged(report, environment, arguments))
    asked = question(root, report, environment, wanted)
    own = _locks(root, report, asked, made)
    notes = [f"{environment.title}, with {made.named} in place of {_release(environment, made)}."]
    print(f"{environment.id}: {_count(len(asked.cells), 'cell')} to run", flush=True)
    notes += _about(report, asked, own)
    after = _observed(root, report, asked, own)
    before = report
    if not up_to_date(report, asked):
        notes.append("The recorded result is not up to date, so it was observed again, too.")
        before = _observed(root, report, asked, committed(root, report, asked))
    notes += _unavailable(asked, own, after)
    if left:
        notes.append(
            f"{_count(left, 'finding')} of this environment need more than is installed in it, "
            "and were not observed: --twins observes them, too."
        )
    ids = [finding.id for finding in wanted]
    compared = compare(
        side(f"{made.package} {_release(environment, made)}", before, ids),
        side(made.named, after, ids),
    )
    return compared, notes


def _chosen(
    reports: Sequence[Report], package: str, arguments: argparse.Namespace
) -> Iterator[tuple[Report, Environment]]:
    """Yield the environments to try; raise UsageError where one cannot be."""
    having = [
        (report, environment)
        for report in reports
        for environment in Answers(report).environments
        if package in environment.locked
    ]
    if not having:
        known = {name for report in reports for name in _packages(report)}
        raise UsageError(f"no environment has {package}: {one_of(package, sorted(known))}")
    if arguments.all:
        yield from having
        return
    by_id = {environment.id: (report, environment) for report, environment in having}
    for id in arguments.environment or [having[0][1].id]:
        if id not in by_id:
            raise UsageError(f"no environment {id!r} has {package}: {one_of(id, by_id)}")
        yield by_id[id]


def _findings(
    report: Report, environment: Environment, arguments: argparse.Namespace
) -> tuple[list[Finding], int]:
    """Return the findings to observe, and how many are left out since they need a twin."""
    claims, patterns = arguments.claim or (), arguments.pattern or ()
    _check(claims, [claim.id for claim in report.claims], "claim")
    _check(patterns, [pattern.id for pattern in report.investigation.patterns], "pattern")
    controls = {pattern.id for pattern in report.investigation.controls}
    asked = [
        finding
        for finding in report.findings
        if finding.environment == environment.id
        and (not claims or finding.claim in claims)
        and (finding.pattern in patterns if patterns else finding.pattern not in controls)
        and homes_of(report, finding)
    ]
    twins = arguments.twins or bool(claims)
    found = [one for one in asked if twins or homes_of(report, one) == {environment.id}]
    return found, len(asked) - len(found)


def _check(named: Iterable[str], known: Collection[str], kind: str) -> None:
    for id in named:
        if id not in known:
            raise UsageError(f"unknown {kind} {id!r}: {one_of(id, known)}")


def _nothing_judged(report: Report, environment: Environment, arguments: argparse.Namespace) -> str:
    claims, patterns = ", ".join(arguments.claim or ()), ", ".join(arguments.pattern or ())
    return (
        f"{environment.id}: no finding of {claims or 'any claim'} on {patterns or 'any pattern'}: "
        "name an environment whose backend has the pattern"
    )


# --- Bisection ------------------------------------------------------------------------------------


def find_turn(arguments: argparse.Namespace) -> None:
    """Say at which release of a package a verdict turned, and keep the answer.

    Raises UsageError, and NothingToSay where nothing can be observed.
    """
    root: Path = arguments.root
    package = package_name(arguments.package)
    report, finding = _finding(read_reports(root), package, arguments)
    environment = report.investigation.environment(finding.environment)
    releases = _between(package, environment, arguments)
    asked = question(root, report, environment, [finding])
    print(
        f"{finding.claim} of {finding.pattern} in {environment.id} ({finding.database}): "
        f"{_count(len(releases), 'release')} of {package} from {releases[0]} to {releases[-1]}, "
        f"{_count(len(asked.cells), 'cell')} each",
        flush=True,
    )
    trials = _Trials(root, report, asked, package, finding, pre=arguments.pre)
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
        *,
        pre: bool,
    ) -> None:
        self.root, self.report, self.asked = root, report, asked
        self.package, self.finding, self.pre = package, finding, pre
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
                if one.package != self.package
            },
            experiment=parted[0] if parted else "",
            parting=parted[1] if parted else "",
            steps=tuple(self.steps[one] for one in sorted(self.steps, key=Version)),
            inputs=inputs_of(self.root, self.report, self.asked.cells),
        )

    def _step(self, release: str) -> Step:
        made = Candidate(self.package, release, f"{self.package} {release}")
        try:
            self.locks[release] = own = locks(
                self.root, self.report, self.asked, made, pre=self.pre
            )
            broken = next((one for one in own.values() if isinstance(one, Unresolvable)), None)
            if broken:
                return Step(release, None, f"cannot be resolved: {broken}")
            found = observe(self.root, self.report, self.asked, own)
        except UvFailed as error:
            if error.out_of_reach:
                raise NothingToSay(f"{self.package} {release}: {error}", error.said) from None
            return Step(release, None, f"cannot be resolved: {error}")
        except NotInstallable as error:
            if error.out_of_reach:
                raise NothingToSay(f"{self.package} {release}: {error}", error.said) from None
            return Step(release, None, f"cannot be installed: {error}")
        except NotObserved as error:
            raise NothingToSay(str(error)) from None
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
        raise NothingToSay("none of these releases can be observed: see above") from None


def _told(made: Bisection, turning: Turning) -> Iterator[str]:
    """Yield the answer in lines."""
    before, first = turning.before, turning.first
    was, became = ((one.verdict or "").replace("-", " ") for one in (before, first))
    if not turning.turned:
        yield f"Both ends say the same: {before.release} and {first.release}, {became}."
        yield f"  {before.release}: {before.reason}"
        yield f"  {first.release}: {first.reason}"
        return
    yield f"{made.package} {first.release} is the first release with the new verdict: {became}."
    if turning.skipped:
        names = ", ".join(step.release for step in turning.skipped)
        yield f"It may have come with {names}, too, which could not be observed."
    yield f"  {before.release}: {was}: {before.reason}"
    yield f"  {first.release}: {became}: {first.reason}"
    for package, (old, new) in made.moved.items():
        yield f"  {package} moved along: {old or 'not installed'} -> {new or 'not installed'}"
    if made.parting:
        yield f"  The histories of {made.experiment} part {made.parting}"


def _finding(
    reports: Sequence[Report], package: str, arguments: argparse.Namespace
) -> tuple[Report, Finding]:
    """Return the finding that is asked for: in the environment named, else the first of today's."""
    claims = {claim.id for report in reports for claim in report.claims}
    patterns = {one.id for report in reports for one in report.investigation.patterns}
    _check([arguments.claim], claims, "claim")
    _check([arguments.pattern], patterns, "pattern")
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


def _between(package: str, environment: Environment, arguments: argparse.Namespace) -> list[str]:
    """Return the releases to bisect, the oldest first; raise UsageError where there is none."""
    try:
        known = listed(package)
    except NotListed as error:
        if error.out_of_reach:
            raise NothingToSay(str(error)) from None
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


# --- Words ----------------------------------------------------------------------------------------


def _locks(root: Path, report: Report, asked: Question, made: Candidate) -> Locks:
    try:
        return locks(root, report, asked, made)
    except UvFailed as error:
        raise NothingToSay(f"cannot be resolved: {error}", error.said) from None


def _observed(root: Path, report: Report, asked: Question, own: Locks) -> Report:
    try:
        return observe(root, report, asked, own)
    except NotInstallable as error:
        raise NothingToSay(f"cannot be installed: {error}", error.said) from None
    except NotObserved as error:
        raise NothingToSay(str(error)) from None


def _about(report: Report, asked: Question, own: Locks) -> Iterator[str]:
    """Yield what the resolver did to an environment: what moved, or why there is no solution."""
    for id, lock in own.items():
        if isinstance(lock, Unresolvable):
            yield f"{id} cannot be resolved: {lock}"
    home = own.get(asked.environment.id)
    if isinstance(home, Lock):
        also = [
            f"{one.package} {one.before or 'not installed'} -> {one.after or 'not installed'}"
            for one in moved(asked.environment.pins, home.pins)
        ]
        yield f"Other releases: {', '.join(also)}." if also else "All releases have the same names."


def _unavailable(asked: Question, own: Locks, after: Report) -> Iterator[str]:
    for setting, record in after.records.items():
        if record.unavailable is not None and isinstance(own[setting.environment], Lock):
            yield f"{'.'.join(setting)} cannot be imported: {record.unavailable}"


def _release(environment: Environment, made: Candidate) -> str:
    return environment.locked[made.package]


def _packages(report: Report) -> Iterator[str]:
    for environment in report.investigation.environments:
        yield from environment.locked


def _as_list(notes: Iterable[str]) -> str:
    return "\n" + "".join(f"- {finalized(one_line(note))}\n" for note in notes)


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"
