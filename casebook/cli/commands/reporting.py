"""From the records to the site, and what is said of both at the end of a run."""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, TypeVar

from casebook.cli import previous
from casebook.cli.asked import check_packages, investigations_of, reports_of
from casebook.cli.command import argument, command
from casebook.cli.needed import faults_of, ran_on, ran_since
from casebook.cli.said import explained, write
from casebook.cli.watch import NOX_LOG
from casebook.exit_codes import gravest

if TYPE_CHECKING:
    from casebook.judge.report import Report

Result = TypeVar("Result")

PORT = 8000

RAN = (
    argument("--experiments-took", type=float, default=0, metavar="SECONDS"),
    argument("--experiments-ended", type=int, default=0, metavar="CODE"),
)
"""What is known of the experiments that ran before."""


@command(anywhere=True)
def keep(arguments: argparse.Namespace) -> int:
    """Keep a copy of the records, with which the report of the coming run is compared."""
    previous.keep_records(arguments.root)
    return 0


@command(*RAN)
def report(arguments: argparse.Namespace) -> int:
    """Judge, build the site and say what was found, at the end of a run of the experiments."""
    clock = _Clock({"experiments": arguments.experiments_took})
    began = datetime.now(UTC) - timedelta(seconds=arguments.experiments_took)
    _note_days(arguments)
    reports = clock("verdicts", lambda: reports_of(arguments))
    code = gravest(arguments.experiments_ended, _built(arguments, reports, clock))
    print(ran_since(arguments.root, began) or clock)
    if arguments.experiments_ended:
        ended = f"The experiments ended with exit code {arguments.experiments_ended}"
        print(f"{ended}: see {arguments.root / NOX_LOG}")
    _print_summary(arguments, reports, code)
    return code


@command(argument("packages", nargs="*", metavar="PACKAGE"), *RAN)
def swept(arguments: argparse.Namespace) -> int:
    """Judge, build the site and say what the releases came to, at the end of a sweep."""
    from casebook.cli.swept import code_of, told

    clock = _Clock({"experiments": arguments.experiments_took})
    _note_days(arguments)
    reports = clock("verdicts", lambda: reports_of(arguments))
    check_packages(arguments.packages, [report.investigation for report in reports])
    codes = [arguments.experiments_ended, int(_built(arguments, reports, clock) == 1)]
    print(clock)
    for report in reports:
        print("\n".join(told(report, arguments.packages)))
        codes.append(code_of(report, arguments.packages))
    code = gravest(*codes)
    return explained(code, reports if code == 4 else ())


def _note_days(arguments: argparse.Namespace) -> None:
    """Note the day of each record that changed in a run that ends now."""
    from casebook.judge.days import note_days

    for investigation in investigations_of(arguments):
        note_days(arguments.root, investigation, ran_on(arguments.root, investigation))


@command()
def site(arguments: argparse.Namespace) -> int:
    """Judge the committed records and build the site, running nothing."""
    from casebook.site.build import INDEX

    clock = _Clock()
    reports = clock("verdicts", lambda: reports_of(arguments))
    code = _built(arguments, reports, clock)
    print(f"{clock}\nThe page: {arguments.root / INDEX}", flush=True)
    return explained(code, reports)


@command(argument("--calm", action="store_true", help="end with 0 where the report is incomplete"))
def pages(arguments: argparse.Namespace) -> int:
    """Judge and write the pages' sources, which Sphinx builds."""
    from casebook.site.build import write_pages

    reports = reports_of(arguments)
    print(f"{write_pages(arguments.root, reports)} files changed in build/docs")
    return 0 if arguments.calm else explained(_exit_code(reports), reports)


@command(argument("folder", nargs="?", default="public", help="relative to the project's"))
def publish(arguments: argparse.Namespace) -> int:
    """Build the site anew and lay it into a folder of editions, as the latest.

    Gaps are published, since the pages show them; where the harness failed nothing is.
    """
    from casebook.editions.folder import publish
    from casebook.site.build import build_anew, site_title

    clock = _Clock()
    reports = clock("verdicts", lambda: reports_of(arguments))
    code = _exit_code(reports)
    if code == 1:
        print("casebook: nothing is published: a checker failed", file=sys.stderr)
        return explained(code, reports)
    built = clock("site", lambda: build_anew(arguments.root, reports))
    folder, today = arguments.root / arguments.folder, datetime.now(UTC).date()
    title = site_title(arguments.root)
    done = clock("publishing", lambda: publish(built, folder, title, today))
    print(f"{clock}\n{done}", flush=True)
    return explained(code, reports)


@command(argument("--port", type=int, default=PORT))
def serve(arguments: argparse.Namespace) -> int:
    """Show the site on localhost, built again as files change."""
    from casebook.site.build import serve, write_pages

    write_pages(arguments.root, reports_of(arguments))
    return serve(arguments.root, arguments.port)


@command()
def summary(arguments: argparse.Namespace) -> int:
    """Say what was found, as at the end of a run."""
    reports = reports_of(arguments)
    code = _exit_code(reports)
    _print_summary(arguments, reports, code)
    return code


@command()
def verdicts(arguments: argparse.Namespace) -> int:
    """Print `verdicts.json`."""
    from casebook.site.build import site_url
    from casebook.site.verdicts import print_published, published_verdicts

    reports = reports_of(arguments)
    write(print_published(published_verdicts(reports, site_url(arguments.root))))
    return explained(_exit_code(reports), reports)


def _built(arguments: argparse.Namespace, reports: Sequence[Report], clock: _Clock) -> int:
    """Build the site and return the exit code: that of the reports, or 1 where that failed."""
    from casebook.site.build import SiteError, build, is_made, note_made, write_pages

    codes = [_exit_code(reports)]
    if is_made(arguments.root, reports):
        return codes[0]
    stages: dict[str, Callable[[], object]] = {
        "pages": lambda: write_pages(arguments.root, reports),
        "Sphinx": lambda: build(arguments.root),
    }
    for stage, work in stages.items():
        try:
            clock(stage, work)
        except SiteError as error:  # what could be written is, and Sphinx builds it
            print(f"casebook: {error}", file=sys.stderr)
            codes.append(1)
    if len(codes) == 1:
        note_made(arguments.root, reports)
    return gravest(*codes)


def _print_summary(arguments: argparse.Namespace, reports: Sequence[Report], code: int) -> None:
    from casebook.cli.outdated import out_of_date
    from casebook.cli.summary import ending, previous, summary
    from casebook.site.build import INDEX

    for report in reports:
        then = previous(arguments.root, report.investigation)
        faults = faults_of(arguments.root, report.investigation)
        print(summary(report, then, faults), end="")
    outdated = out_of_date(arguments.root, reports)
    print(ending(str(arguments.root / INDEX), code, outdated), end="")


def _exit_code(reports: Iterable[Report]) -> int:
    from casebook.judge.report import exit_code

    return gravest(0, *map(exit_code, reports))


class _Clock:
    """Measures the stages of a command and shows them in one line."""

    def __init__(self, took: dict[str, float] | None = None) -> None:
        self.took = took or {}

    def __call__(self, stage: str, work: Callable[[], Result]) -> Result:
        """Return what `work()` returns, having noted how long it took."""
        started = time.perf_counter()
        try:
            return work()
        finally:
            self.took[stage] = time.perf_counter() - started

    def __str__(self) -> str:
        return "Took " + ", ".join(f"{stage} {took:.1f} s" for stage, took in self.took.items())
