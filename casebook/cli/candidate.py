"""A candidate on the command line: what turns with it in the place of a release."""

from __future__ import annotations

import argparse
import time
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from casebook.cite.compared import compared_lines, compared_markdown
from casebook.cite.markdown import finalized
from casebook.cli.asked import check_known
from casebook.cli.command import UsageError
from casebook.cli.passing import Passing
from casebook.exit_codes import Unanswered
from casebook.files import write_whole
from casebook.judge.answers import Answers
from casebook.judge.comparison import Comparison, compare
from casebook.judge.findings import Finding
from casebook.judge.project import read_reports
from casebook.judge.report import Report
from casebook.plan.investigation import Environment
from casebook.plan.mistakes import one_of
from casebook.releases.candidates import Candidate, NotBuilt, WrongCandidate, candidate, parted
from casebook.releases.environments import NotInstallable
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
from casebook.text import counted, one_line


def try_candidate(arguments: argparse.Namespace) -> None:
    """Say what turns with a candidate in the place of a release, environment by environment.

    Raises UsageError, and Unanswered where a candidate cannot be built, installed or run.
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
        raise Unanswered(f"{' '.join(arguments.what)}: {error}", error.said) from None
    replies = []
    for report, environment in chosen:
        started = time.monotonic()
        comparison, notes = _compared(root, report, environment, made, arguments)
        took = time.monotonic() - started
        print("\n".join(["", *notes, "", *compared_lines(comparison)]))
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
    before_it = f"{made.package} {environment.locked[made.package]}"
    notes = [f"{environment.title}, with {made.named} in place of {before_it}."]
    print(f"{environment.id}: {counted(len(asked.cells), 'cell')}", flush=True)
    notes += _about(asked, own, made)
    after = _observed(root, report, asked, own)
    before = report
    if not up_to_date(report, asked):
        notes.append("The recorded result is not up to date, so it was observed again, too.")
        before = _observed(root, report, asked, committed(root, report, asked))
    notes += _unavailable(own, after)
    if left:
        needs, was = ("needs", "was") if left == 1 else ("need", "were")
        notes.append(
            f"{counted(left, 'finding')} of this environment {needs} more than is installed in "
            f"it, and {was} not observed: --twins observes that, too."
        )
    ids = [finding.id for finding in wanted]
    compared = compare(
        side(before_it, before, ids),
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
    check_known(claims, [claim.id for claim in report.claims], "claim")
    check_known(patterns, [pattern.id for pattern in report.investigation.patterns], "pattern")
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


def _nothing_judged(report: Report, environment: Environment, arguments: argparse.Namespace) -> str:
    claims, patterns = ", ".join(arguments.claim or ()), ", ".join(arguments.pattern or ())
    return (
        f"{environment.id}: no finding of {claims or 'any claim'} on {patterns or 'any pattern'}: "
        "name an environment whose backend has the pattern"
    )


def _locks(root: Path, report: Report, asked: Question, made: Candidate) -> Locks:
    try:
        return locks(root, report, asked, made)
    except UvFailed as error:
        raise Unanswered(f"cannot be resolved: {error}", error.said) from None


def _observed(root: Path, report: Report, asked: Question, own: Locks) -> Report:
    try:
        with Passing() as passing:
            return observe(root, report, asked, own, passing.show)
    except NotInstallable as error:
        raise Unanswered(f"cannot be installed: {error}", error.said) from None
    except NotObserved as error:
        raise Unanswered(str(error)) from None


def _about(asked: Question, own: Locks, made: Candidate) -> Iterator[str]:
    """Yield what the resolver did to an environment: what moved, or why there is no solution."""
    for id, lock in own.items():
        if isinstance(lock, Unresolvable):
            yield f"{id} cannot be resolved: {lock}"
    home = own.get(asked.environment.id)
    if isinstance(home, Lock):
        along = [
            f"{one.package} {one.before or 'not installed'} -> {one.after or 'not installed'}"
            for one in moved(asked.environment.pins, home.pins)
            if one.package != made.package
        ]
        yield f"Along with it moved: {', '.join(along)}." if along else "Nothing moved along."


def _unavailable(own: Locks, after: Report) -> Iterator[str]:
    for setting, record in after.records.items():
        if record.unavailable is not None and isinstance(own[setting.environment], Lock):
            yield f"{'.'.join(setting)} cannot be imported: {record.unavailable}"


def _packages(report: Report) -> Iterator[str]:
    for environment in report.investigation.environments:
        yield from environment.locked


def _as_list(notes: Iterable[str]) -> str:
    return "\n" + "".join(f"- {finalized(one_line(note))}\n" for note in notes)
