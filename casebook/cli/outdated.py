"""What `report` does not run again and earlier scripts made, in one line with the commands."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

from casebook.judge.report import Report
from casebook.plan.investigation import Setting
from casebook.proof.outcomes import faults_table
from casebook.proof.scores import mutants_table
from casebook.text import counted


def out_of_date(root: Path, reports: Iterable[Report]) -> str:
    """Return the line, or "" where all is as today's scripts make it.

    It is no part of the exit code: each of these commands ends with its own.
    """
    reports = tuple(reports)
    kinds = {
        "setting": ("sweep", sum(len(_swept(report)) for report in reports)),
        "fault": ("faults", sum(_faults(root, report) for report in reports)),
        "mutant": ("mutants", sum(len(mutants_table(root, one).stale) for one in reports)),
        "bisection": ("bisect", sum(len(report.outdated) for report in reports)),
    }
    told = [
        f"{counted(number, kind)} (`nox -s {session}`)"
        for kind, (session, number) in kinds.items()
        if number
    ]
    return f"Out of date, and marked so: {', '.join(told)}." if told else ""


def _swept(report: Report) -> set[Setting]:
    """Return the settings of the axes that were not observed, or with earlier scripts."""
    return set(_not_current(report.swept)) if report.swept else set()


def _not_current(swept: Report) -> Iterator[Setting]:
    yield from (one for one in swept.settings if swept.record(one) is None)
    yield from (Setting(environment, database) for environment, database, *_ in swept.changed)


def _faults(root: Path, report: Report) -> int:
    return sum(not row.outcome or bool(row.stale) for row in faults_table(root, report).rows)
