"""What a command asks for: investigations, reports, environments and databases."""

from __future__ import annotations

import argparse
from collections.abc import Iterable
from typing import TYPE_CHECKING

from casebook.cli.command import UsageError
from casebook.plan.cells import cells_in
from casebook.plan.conf import investigation_ids, read_investigations
from casebook.plan.investigation import Investigation
from casebook.plan.mistakes import one_of

if TYPE_CHECKING:
    from casebook.judge.report import Report


def reports_of(arguments: argparse.Namespace) -> tuple[Report, ...]:
    """Return the reports that are asked for: of all investigations, or of the one named."""
    from casebook.judge.project import read_report, read_reports

    investigations_of(arguments)  # which raises for locks that do not fit
    if arguments.investigation is None:
        return read_reports(arguments.root)
    return (read_report(arguments.root, arguments.investigation),)


def investigations_of(arguments: argparse.Namespace) -> tuple[Investigation, ...]:
    """Return the investigations that are asked for: all, or the one named.

    Raises PlanError where a lock does not hold what its environment asks for.
    """
    from casebook.releases.fitting import check_fits

    if arguments.investigation is not None:
        _check_investigation(arguments)
    every = read_investigations(arguments.root)
    asked = tuple(one for one in every if arguments.investigation in (None, one.id))
    for one in asked:
        check_fits(arguments.root, one)
    return asked


def owner_of(arguments: argparse.Namespace) -> Investigation:
    """Return the investigation that declares the environment which is named."""
    owners = {
        environment.id: investigation
        for investigation in read_investigations(arguments.root)
        for environment in investigation.installed
    }
    if arguments.environment not in owners:
        fix = one_of(arguments.environment, owners)
        files = ", ".join(f"conf/{id}.toml" for id in investigation_ids(arguments.root))
        what = f"environment {arguments.environment!r} is not declared in {files or 'conf/'}"
        raise UsageError(f"{what}: {fix}")
    return owners[arguments.environment]


def databases_in(arguments: argparse.Namespace, investigation: Investigation) -> list[str]:
    """Return the databases on which cells are planned in the environment."""
    cells = cells_in(arguments.root, investigation, arguments.environment)
    own = {cell.database for cell in cells}
    return [database for database in investigation.databases if database in own]


def _check_investigation(arguments: argparse.Namespace) -> None:
    known = investigation_ids(arguments.root)
    if arguments.investigation not in known:
        fix = one_of(arguments.investigation, known)
        raise UsageError(f"unknown investigation {arguments.investigation!r}: {fix}")


def check_packages(names: Iterable[str], investigations: Iterable[Investigation]) -> None:
    """Raise UsageError for a package that no axis takes through its releases."""
    known = {axis.package for each in investigations for axis in each.axes}
    for name in names:
        if name not in known:
            raise UsageError(f"no [[axis]] has the package {name!r}: {one_of(name, sorted(known))}")


def check_known(named: Iterable[str], known: Iterable[str], kind: str) -> None:
    """Raise UsageError for a name that is not known, with the one that it resembles."""
    known = list(known)
    for id in named:
        if id not in known:
            raise UsageError(f"unknown {kind} {id!r}: {one_of(id, known)}")
