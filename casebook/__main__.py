"""The commands: what nox calls, and what a person may call by hand.

Each command imports what it needs: those that run inside an environment under test, or where
nothing is installed, have the standard library alone, and `--help` does not wait for Sphinx.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from casebook import before
from casebook.exit_codes import MEANINGS, HarnessError, gravest
from casebook.installed import EnvironmentMissing, interpreter, reason
from casebook.plan.cells import planned_cells
from casebook.plan.conf import read_investigations
from casebook.plan.faults import read_faults
from casebook.plan.investigation import Investigation, PlanError, one_of

if TYPE_CHECKING:
    from casebook.report import Report

Result = TypeVar("Result")

Command = Callable[[argparse.Namespace], int]

PORT = 8000


class UsageError(Exception):
    """The command was given what it cannot use; the message says what it can."""


def main(argv: list[str] | None = None) -> int:
    """Run one command and return its exit code; an error is one line on standard error."""
    arguments = _parser().parse_args(argv)
    arguments.root = arguments.root.resolve()
    try:
        code = int(arguments.command(arguments))
        sys.stdout.flush()
        return code
    except (PlanError, UsageError, EnvironmentMissing) as error:
        print(f"casebook: {error}", file=sys.stderr)
        return 2
    except HarnessError as error:
        print(f"casebook: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130
    except BrokenPipeError:
        # Whoever read our output stopped; Python must not try to write the rest when it ends.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0


# --- In an environment under test -----------------------------------------------------------------


def run(arguments: argparse.Namespace) -> int:
    """Run an environment's cells, with each database on which some are planned."""
    from casebook import run

    investigation = _owner(arguments)
    place = [investigation.id, arguments.environment, "--root", str(arguments.root)]
    databases = _databases(arguments, investigation)
    return gravest(*(run.main([*place, "--database", database]) for database in databases))


def not_rerun(arguments: argparse.Namespace) -> int:
    """Note why an environment could not be installed now; the committed records stay."""
    from casebook import run

    investigation = _owner(arguments)
    why = reason(arguments.said.read_text(encoding="utf-8", errors="replace"))
    for database in _databases(arguments, investigation):
        run.not_rerun(arguments.root, investigation.id, arguments.environment, database, why)
    print(f"{arguments.environment}: not rerun, its committed record stays: {why}")
    return 3


def show(arguments: argparse.Namespace) -> int:
    """Run one cell in its environment and print its history."""
    investigation = _owner(arguments)
    database = arguments.database or investigation.databases[0]
    command = [str(interpreter(arguments.root, arguments.environment)), "-m", "casebook.run"]
    command += [investigation.id, arguments.environment, "--database", database]
    command += ["--root", str(arguments.root)]
    command += ["--only", arguments.pattern, arguments.experiment]
    return subprocess.run(command, cwd=arguments.root).returncode


# --- From the records to the site -----------------------------------------------------------------


def keep(arguments: argparse.Namespace) -> int:
    """Keep a copy of the records, with which the report of the coming run is compared."""
    before.keep(arguments.root)
    return 0


def report(arguments: argparse.Namespace) -> int:
    """Judge, build the site and say what was found, at the end of a run of the experiments."""
    clock = _Clock({"experiments": arguments.experiments_took})
    reports = clock("verdicts", lambda: _reports(arguments))
    code = gravest(arguments.experiments_ended, _built(arguments, reports, clock))
    print(clock)
    _print_summary(arguments, reports, code)
    return code


def site(arguments: argparse.Namespace) -> int:
    """Judge the committed records and build the site, running nothing."""
    clock = _Clock()
    reports = clock("verdicts", lambda: _reports(arguments))
    code = _built(arguments, reports, clock)
    from casebook.site import INDEX

    print(f"{clock}\nThe page: {arguments.root / INDEX}", flush=True)
    return _explained(code)


def pages(arguments: argparse.Namespace) -> int:
    """Judge and write the pages' sources, which Sphinx builds."""
    from casebook.site import write_pages

    reports = _reports(arguments)
    print(f"{write_pages(arguments.root, reports)} files changed in build/docs")
    return 0 if arguments.calm else _explained(_exit_code(reports))


def publish(arguments: argparse.Namespace) -> int:
    """Build the site anew and lay it into a folder of editions, as the latest.

    Gaps are published, since the pages show them; where the harness failed nothing is.
    """
    from datetime import UTC, datetime

    from casebook import editions, site

    clock = _Clock()
    reports = clock("verdicts", lambda: _reports(arguments))
    code = _exit_code(reports)
    if code == 1:
        print("casebook: nothing is published: a checker failed", file=sys.stderr)
        return _explained(code)
    built = clock("site", lambda: site.build_anew(arguments.root, reports))
    folder, today = arguments.root / arguments.folder, datetime.now(UTC).date()
    title = site.title(arguments.root)
    done = clock("publishing", lambda: editions.publish(built, folder, title, today))
    print(f"{clock}\n{done}", flush=True)
    return _explained(code)


def serve(arguments: argparse.Namespace) -> int:
    """Show the site on localhost, built again as files change."""
    from casebook import site

    site.write_pages(arguments.root, _reports(arguments))
    return site.serve(arguments.root, arguments.port)


def summary(arguments: argparse.Namespace) -> int:
    """Say what was found, as at the end of a run."""
    reports = _reports(arguments)
    code = _exit_code(reports)
    _print_summary(arguments, reports, code)
    return code


def verdicts(arguments: argparse.Namespace) -> int:
    """Print `verdicts.json`."""
    from casebook import publish
    from casebook.site import site_url

    reports = _reports(arguments)
    published = publish.verdicts(reports, site_url(arguments.root))
    print(publish.dump_published(published), end="")
    return _explained(_exit_code(reports))


def cite(arguments: argparse.Namespace) -> int:
    """Print a Markdown reply that cites a claim's findings."""
    from casebook import judge
    from casebook.block import Uncitable
    from casebook.cite import citations, cite, cited
    from casebook.site import site_url

    if arguments.investigation is None:
        reports = _reports(arguments)
    else:
        reports = (judge.report(arguments.root, arguments.investigation),)
    wanted = (arguments.claim, arguments.pattern, arguments.environment)
    try:
        found = citations(arguments.root, cited(reports, *wanted), site_url(arguments.root))
        print(cite(found, *wanted, arguments.database), end="")
    except Uncitable as error:
        raise UsageError(str(error)) from None
    return 0


def verify(arguments: argparse.Namespace) -> int:
    """Say whether cited blocks say what the results say: those of a file, an address or a text."""
    from functools import partial

    from casebook import fetch, verify
    from casebook.block import Uncitable
    from casebook.cite import citations
    from casebook.site import site_url

    compose = partial(citations, arguments.root)
    try:
        source = fetch.source(arguments.what)
        results = _reports(arguments), site_url(arguments.root), compose
        if arguments.update:
            print(verify.updated(source, *results), end="")
            return 0
        outcomes = verify.verify(source, *results)
    except (fetch.Unreadable, Uncitable) as error:
        raise UsageError(str(error)) from None
    for outcome in outcomes:
        print("\n".join(outcome.lines))
    return _explained(gravest(*(outcome.code for outcome in outcomes)))


# --- The evidence, put to the test ---------------------------------------------------------------


def faults(arguments: argparse.Namespace) -> int:
    """Put faults into copied environments, all or those named, and say which findings turned.

    The outcome of all is recorded; that of some is printed and nothing is written.
    """
    from casebook import laboratory, outcomes
    from casebook.record import write_whole

    held, reports = True, _reports(arguments)
    read = [read_faults(arguments.root, report.investigation).faults for report in reports]
    known = [fault.id for declared in read for fault in declared]
    for id in arguments.faults:
        if id not in known:
            raise UsageError(f"no fault is called {id!r}: {one_of(id, known)}")
    for report, declared in zip(reports, read, strict=True):
        chosen = [one for one in declared if not arguments.faults or one.id in arguments.faults]
        found = []
        for fault, outcome in laboratory.try_all(arguments.root, report, chosen, arguments.jobs):
            found.append(outcome)
            held = held and outcome.held
            print("\n".join(outcomes.readable(fault, outcome)), flush=True)
        if declared and not arguments.faults:
            file = arguments.root / outcomes.file_of(report.investigation.id)
            write_whole(file, outcomes.dump(outcomes.outcomes(arguments.root, report, found)))
    return 0 if held else _explained(3)


def repros(arguments: argparse.Namespace) -> int:
    """Run the reproductions of all findings, or of those named, and say which see what they say."""
    from casebook import reproduction, repros

    reports = _reports(arguments)
    scripts = repros.reproductions(arguments.root, reports, arguments.findings)
    if not scripts:
        named = " ".join(arguments.findings) or "the plan"
        raise UsageError(f"no finding of {named} has a reproduction: name it by its id, or with *")
    came = []
    for one in repros.run_all(
        arguments.root, scripts, arguments.jobs, installed=arguments.installed
    ):
        came.append(one)
        if not one.agrees:
            print(repros.readable(one), flush=True)
    missing = [
        f"{report.investigation.id}: the claim {claim} has no reproduction"
        for report in reports
        if report.investigation.reproductions and not arguments.findings
        for claim in reproduction.missing(arguments.root, report)
    ]
    print("\n".join([*missing, repros.summary(came)]))
    return 0 if all(one.agrees for one in came) and not missing else _explained(3)


# --- The project's own files ----------------------------------------------------------------------


def schemas(arguments: argparse.Namespace) -> int:
    """Write the JSON schemas that are out of date."""
    from casebook.publish import write_schemas

    for path in write_schemas(arguments.root):
        print(path)
    return 0


def lock(arguments: argparse.Namespace) -> int:
    """Resolve the locks again, all or those named."""
    from casebook import lock

    known = {one.name: one for one in lock.locks(arguments.root)}
    if unknown := set(arguments.names) - known.keys():
        raise UsageError(f"no lock is called {', '.join(sorted(unknown))}: {', '.join(known)} are")
    failed = False
    for one in (known[name] for name in arguments.names or known):
        try:
            print(lock.make(arguments.root, one), flush=True)
        except lock.LockError as error:
            print(f"casebook: {error}", file=sys.stderr)
            failed = True
    return int(failed)


def explain(arguments: argparse.Namespace) -> int:
    """Say what an exit code means."""
    meaning = MEANINGS.get(arguments.code, MEANINGS[1])
    print(f"casebook: exit code {arguments.code}: {meaning}")
    return 0


# --- Parts ----------------------------------------------------------------------------------------


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


def _owner(arguments: argparse.Namespace) -> Investigation:
    """Return the investigation that declares the environment which is named."""
    owners = {
        environment.id: investigation
        for investigation in read_investigations(arguments.root)
        for environment in investigation.installed
    }
    if arguments.environment not in owners:
        mend = one_of(arguments.environment, owners)
        raise UsageError(f"environment {arguments.environment!r} is not declared: {mend}")
    return owners[arguments.environment]


def _databases(arguments: argparse.Namespace, investigation: Investigation) -> list[str]:
    """Return the databases on which cells are planned in the environment."""
    cells = planned_cells(arguments.root, investigation)
    own = {cell.database for cell in cells if cell.environment == arguments.environment}
    return [database for database in investigation.databases if database in own]


def _reports(arguments: argparse.Namespace) -> tuple[Report, ...]:
    from casebook import judge

    return judge.reports(arguments.root)


def _exit_code(reports: Iterable[Report]) -> int:
    from casebook.report import exit_code

    return gravest(0, *map(exit_code, reports))


def _built(arguments: argparse.Namespace, reports: Sequence[Report], clock: _Clock) -> int:
    """Build the site and return the exit code: that of the reports, or 1 where that failed."""
    from casebook import site

    codes = [_exit_code(reports)]
    stages: dict[str, Callable[[], object]] = {
        "pages": lambda: site.write_pages(arguments.root, reports),
        "Sphinx": lambda: site.build(arguments.root),
    }
    for stage, work in stages.items():
        try:
            clock(stage, work)
        except site.SiteError as error:  # what could be written is, and Sphinx builds it
            print(f"casebook: {error}", file=sys.stderr)
            codes.append(1)
    return gravest(*codes)


def _print_summary(arguments: argparse.Namespace, reports: Iterable[Report], code: int) -> None:
    from casebook import summary
    from casebook.site import INDEX

    for report in reports:
        print(summary.summary(report, summary.previous(arguments.root, report.investigation)))
    print(summary.ending(str(arguments.root / INDEX), code), end="")


def _explained(code: int) -> int:
    """Return the exit code, having said what it means where it is not 0."""
    if code:
        print(f"casebook: exit code {code}: {MEANINGS[code]}", file=sys.stderr)
    return code


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m casebook", description=__doc__)
    here = Path(__file__).resolve().parent.parent
    parser.add_argument("--root", type=Path, default=here, help="another project's folder")
    commands = parser.add_subparsers(title="commands", metavar="COMMAND", required=True)

    def add(command: Command, name: str) -> argparse.ArgumentParser:
        text = (command.__doc__ or "").strip()
        one = commands.add_parser(name, help=text, description=text)
        one.set_defaults(command=command)
        return one

    one = add(run, "run")
    one.add_argument("environment")

    one = add(not_rerun, "not-rerun")
    one.add_argument("environment")
    one.add_argument("said", type=Path, metavar="FILE", help="what the installer said")

    one = add(show, "show")
    one.add_argument("environment")
    one.add_argument("pattern")
    one.add_argument("experiment")
    one.add_argument("--database")

    add(keep, "keep")
    one = add(report, "report")
    one.add_argument("--experiments-took", type=float, default=0, metavar="SECONDS")
    one.add_argument("--experiments-ended", type=int, default=0, metavar="CODE")

    add(site, "site")
    one = add(pages, "pages")
    one.add_argument(
        "--calm", action="store_true", help="end with 0 where the report is incomplete"
    )
    one = add(publish, "publish")
    one.add_argument("folder", nargs="?", default="public", help="relative to the project's")
    one = add(serve, "serve")
    one.add_argument("--port", type=int, default=PORT)
    add(summary, "summary")
    add(verdicts, "verdicts")

    one = add(cite, "cite")
    one.add_argument("claim")
    one.add_argument("pattern", nargs="?")
    one.add_argument("--environment")
    one.add_argument("--database")
    one.add_argument("--investigation", metavar="ID", help="where several have the claim")

    one = add(verify, "verify")
    one.add_argument("what", metavar="FILE-OR-URL-OR-BLOCK", help="- reads standard input")
    one.add_argument(
        "--update", action="store_true", help="print the text with each block as of today instead"
    )

    one = add(faults, "faults")
    one.add_argument("faults", nargs="*", metavar="FAULT")
    one.add_argument("--jobs", type=int, default=2, help="how many are tried at a time")

    one = add(repros, "repros")
    one.add_argument("findings", nargs="*", metavar="FINDING", help="an id, which may hold * and ?")
    one.add_argument("--jobs", type=int, default=2, help="how many run at a time")
    one.add_argument(
        "--installed", action="store_true", help="in the installed environments, without uv"
    )

    add(schemas, "schemas")
    one = add(lock, "lock")
    one.add_argument("names", nargs="*", metavar="NAME")
    one = add(explain, "explain")
    one.add_argument("code", type=int)
    return parser


if __name__ == "__main__":
    sys.exit(main())
