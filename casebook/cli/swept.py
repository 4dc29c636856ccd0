"""What a sweep came to, in a few lines for each axis, and the exit code that it deserves."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from casebook.editions import addresses
from casebook.exit_codes import gravest
from casebook.installed import cannot, python
from casebook.judge.courses import Turn
from casebook.judge.findings import control_failure
from casebook.judge.releases import Releases
from casebook.judge.report import Report
from casebook.judge.untested import brief
from casebook.plan.axes import Axis, Point
from casebook.text import counted, one_line

WIDTH = 160
MOST = 3
"""The failed controls of a release that are named, and the changes of verdict of an axis."""


def told(report: Report, packages: Sequence[str]) -> Iterator[str]:
    """Yield what was observed of the axes, of all packages or of those named, in lines."""
    releases = Releases(report)
    for axis in _axes(report, packages):
        points = report.investigation.points(axis)
        seen = [point.release for point in points if _is_observed(report, point)]
        without = [addition.title for addition in report.investigation.left_out(axis)]
        yield (
            f"{axis.package} in {axis.start}: {', '.join(seen) or 'nothing'} observed"
            + _controls(report, points)
            + (f"; left out: what needs {' or '.join(without)}" if without else "")
        )
        for point in points:
            lines = [
                *_out_of_reach(report, point),
                *_failing(report, point),
                *_short_of(report, point),
            ]
            yield from (f"  {one_line(f'{point.release}: {line}', WIDTH)}" for line in lines)
        yield from (f"  {line}" for line in _turned(releases, axis))


def _turned(releases: Releases, axis: Axis) -> Iterator[str]:
    """Yield the first changes of verdict along an axis, and how many more there are."""
    turns = [turn for turn in releases.turns if turn.track.course.axis == axis]
    lines = list(dict.fromkeys(map(_turn, turns)))  # once, on however many databases
    yield from lines[:MOST]
    if lines[MOST:]:
        page = addresses.releases(releases.investigation)
        yield f"and {counted(len(lines) - MOST, 'more change')} of verdict: build/html/{page}"


def _turn(turn: Turn) -> str:
    """Return the release that brought a turn, or between which two it lies, and what turned."""
    became = f"{turn.before.verdict} -> {turn.after.verdict}"
    return f"{turn.when}: {turn.track.claim} of {turn.track.pattern}: {became}"


def code_of(report: Report, packages: Sequence[str]) -> int:
    """Return 1 if a checker raised, 4 if a result file is invalid, 3 if something is missing.

    Missing is what the axes generate, of all packages or of those named, and was not observed, was
    not rerun, or has a control that failed. A Python that is not installed here is not.
    """
    swept = report.swept
    points = [one for axis in _axes(report, packages) for one in report.investigation.points(axis)]
    ids = {point.environment.id for point in points if point.environment.axis}
    raised = swept is not None and any(
        finding.environment in ids
        for finding in swept.findings
        if finding.id in swept.failed_checkers
    )
    missing = any(next(_short_of(report, point), None) for point in points)
    return gravest(int(raised), 4 if report.problems else 0, 3 if missing else 0)


def _axes(report: Report, packages: Sequence[str]) -> Iterator[Axis]:
    for axis in report.investigation.axes:
        if not packages or axis.package in packages:
            yield axis


def _part(report: Report, point: Point) -> Report:
    """Return the report that holds the findings of a release."""
    return report.swept if point.environment.axis and report.swept else report


def _controls(report: Report, points: Sequence[Point]) -> str:
    """Return in words how many controls came out as declared with these releases."""
    outcomes = [
        one
        for point in points
        for one in _part(report, point).controls
        if one.environment == point.environment.id
    ]
    held = sum(outcome.held for outcome in outcomes)
    return f"; {held:,} of {len(outcomes):,} controls as declared" if outcomes else ""


def _failing(report: Report, point: Point) -> Iterator[str]:
    """Yield of which claims the subject fails with a right control, too."""
    outcomes = _part(report, point).subject_failures
    claims = [one.claim for one in outcomes if one.environment == point.environment.id]
    if claims:
        named = ", ".join(dict.fromkeys(claims))
        yield f"{report.investigation.subject} fails with what is right, too: {named}"


def _is_observed(report: Report, point: Point) -> bool:
    part = _part(report, point)
    records = [part.record(setting) for setting in part.databases_of(point.environment.id)]
    return any(record is not None and record.unavailable is None for record in records)


def _out_of_reach(report: Report, point: Point) -> Iterator[str]:
    """Yield why nothing can run with a release, or why it did not have to."""
    part, release = _part(report, point), point.environment.python
    settings = part.databases_of(point.environment.id)
    reasons = [record.unavailable for one in settings if (record := part.record(one))]
    for reason in dict.fromkeys(filter(None, reasons)):
        words, error = cannot(reason)
        yield f"{words}: {brief(error)}"
    if release and not python(release):
        left = "its committed record stays" if reasons else "there is no record of it"
        yield f"Python {release} is not installed here: not run, {left}"


def _short_of(report: Report, point: Point) -> Iterator[str]:
    """Yield what is missing of a release for which the axis generates an environment."""
    if not point.environment.axis:
        return
    part = _part(report, point)
    settings = set(part.databases_of(point.environment.id))
    for (setting, reason), count in part.unobserved.items():
        if setting in settings:
            on = f" on {setting.database}" if len(part.investigation.databases) > 1 else ""
            have = "has" if count == 1 else "have"
            yield f"{counted(count, 'cell')}{on} {have} no observation: {reason}"
    ran = {point.environment.id} | {
        home for (id, *_), home in part.ran_in.items() if id == point.environment.id
    }
    for setting, reason in part.not_rerun.items():
        if setting.environment in ran:
            yield f"{setting.environment} not rerun: {reason}"
    failed = [one for one in part.failed_controls if one.setting in settings]
    for outcome in failed[:MOST]:
        yield f"{outcome.claim}: {control_failure(outcome)}"
    if failed[MOST:]:
        yield f"and {len(failed) - MOST} more controls"
