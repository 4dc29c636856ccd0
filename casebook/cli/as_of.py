"""Observes the releases of past days, and says what became of the statements of these days."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from pathlib import Path

from casebook.judge.project import read_report
from casebook.judge.report import Report
from casebook.plan.conf import investigation_ids
from casebook.releases.past import AsOf, NotAsOf, Say, observe_as_of
from casebook.text import counted, one_line

WIDTH = 300
"""The characters of a reason that are shown."""


class WrongDay(Exception):
    """What was given is no day as of which anything could be observed; the text says why."""


def observe_days(root: Path, days: Sequence[str], today: date, say: Say) -> tuple[str, ...]:
    """Observe the releases of these days, or of all on which statements were written.

    Returns the reasons why a day, or an environment as of it, could not be observed; what was kept
    of the day stays as it was. Raises WrongDay, also for a day of which nothing is stated.
    """
    for day in days:
        _check(day, today)
    reports = [read_report(root, id) for id in investigation_ids(root)]
    stated = {day for report in reports for day in _days(report)}
    for day in days:
        if day not in stated:
            known = ", ".join(sorted(stated)) or "no day"
            raise WrongDay(f"no statement is of {day}: nothing to observe; they are of {known}")
    reasons: list[str] = []
    for report in reports:
        asked = [day for day in days or _days(report) if day in _days(report)]
        for day in asked:
            try:
                _check(day, today)
                kept = observe_as_of(root, report, day, say)
                say(f"{day}: {_kept(kept)}")
                reasons += (f"{day}: {reason}" for reason in kept.failed)
            except NotAsOf as error:
                reasons.append(f"{day}: {error}")
            except WrongDay as error:
                reasons.append(str(error))
        for line in told(read_report(root, report.investigation.id), asked):
            say(line)
    return tuple(reasons)


def _days(report: Report) -> tuple[str, ...]:
    return report.said.days if report.said else ()


def _kept(kept: AsOf) -> str:
    if not kept.ran and not kept.same:
        return "nothing ran: no statement of that day is bound to a claim or a check"
    ran = f"{counted(kept.ran, 'setting')} ran with that day's releases"
    return f"{ran}, {kept.same} have the same today"


def told(report: Report, days: Sequence[str]) -> list[str]:
    """Return in lines what became of the statements that were written on these days."""
    then = [
        (stated, one)
        for stated in report.stated
        for one in report.then.get(stated.statement.id, ())
        if one.day in days
    ]
    counts: dict[tuple[str, str], int] = {}
    for _, one in then:
        counts[one.day, one.words] = counts.get((one.day, one.words), 0) + 1
    lines = [f"{day}: {count} {words}" for (day, words), count in sorted(counts.items())]
    for stated, one in then:
        if one.stated.outcome != stated.outcome:
            lines.append(f"  {stated.statement.id}: {one.told}")
            lines.append(f"      then: {one_line(one.stated.reason, WIDTH)}")
            lines.append(f"      today: {one_line(stated.reason, WIDTH)}")
    return lines


def _check(day: str, today: date) -> None:
    try:
        given = date.fromisoformat(day)
    except ValueError:
        raise WrongDay(f"{day!r} is no day: write it as 2025-10-18") from None
    if given.isoformat() != day:
        raise WrongDay(f"{day!r} is no day: write it as {given.isoformat()}")
    if given >= today:
        raise WrongDay(f"{day} is not over yet: what the index will hold nobody knows")
