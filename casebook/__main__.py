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
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from casebook import plan
from casebook.environment import EnvironmentMissing, interpreter, reason
from casebook.exit_codes import MEANINGS, gravest

if TYPE_CHECKING:
    from casebook.judge import Report

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
    except (plan.PlanError, UsageError, EnvironmentMissing) as error:
        print(f"casebook: {error}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        return 130
    except BrokenPipeError:
        # Whoever read our output stopped; Python must not try to write the rest when it ends.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0


# --- In an environment under test -----------------------------------------------------------------


def run(arguments: argparse.Namespace) -> int:
    """Run an environment's cells, with each database of the investigation."""
    from casebook import run

    investigation = plan.read(arguments.root, arguments.investigation)
    place = [investigation.id, arguments.environment, "--root", str(arguments.root)]
    databases = investigation.databases
    return gravest(*(run.main([*place, "--database", database]) for database in databases))


def not_rerun(arguments: argparse.Namespace) -> int:
    """Note why an environment could not be installed now; the committed records stay."""
    from casebook import run

    investigation = plan.read(arguments.root, arguments.investigation)
    why = reason(arguments.said.read_text(encoding="utf-8", errors="replace"))
    for database in investigation.databases:
        run.not_rerun(arguments.root, investigation.id, arguments.environment, database, why)
    print(f"{arguments.environment}: not rerun, its committed record stays: {why}")
    return 3


def show(arguments: argparse.Namespace) -> int:
    """Run one cell in its environment and print its history."""
    found = [
        investigation
        for investigation in plan.read_all(arguments.root)
        for environment in investigation.environments
        if environment.id == arguments.environment
    ]
    investigation = found[0] if found else _investigation(arguments)
    environment = investigation.environment(arguments.environment)
    database = arguments.database or investigation.databases[0]
    command = [str(interpreter(arguments.root, environment.id)), "-m", "casebook.run"]
    command += [investigation.id, environment.id, "--database", database]
    command += ["--root", str(arguments.root)]
    command += ["--only", arguments.pattern, arguments.experiment]
    return subprocess.run(command, cwd=arguments.root).returncode


# --- From the records to the site -----------------------------------------------------------------


def report(arguments: argparse.Namespace) -> int:
    """Judge, build the site and say what was found, at the end of a run of the experiments."""
    clock = _Clock({"experiments": arguments.experiments_took})
    judged = clock("verdicts", lambda: _judged(arguments))
    code = _built(arguments, judged, clock)
    code = gravest(arguments.experiments_ended, code)
    print(clock)
    _print_summary(arguments, judged, code)
    return code


def site(arguments: argparse.Namespace) -> int:
    """Judge the committed records and build the site, running nothing."""
    clock = _Clock()
    judged = clock("verdicts", lambda: _judged(arguments))
    code = _built(arguments, judged, clock)
    from casebook.site import INDEX

    print(f"{clock}\nThe page: {arguments.root / INDEX}", flush=True)
    return _explained(code)


def pages(arguments: argparse.Namespace) -> int:
    """Judge and write the pages' sources, which Sphinx builds."""
    from casebook.site import write_pages

    judged = _judged(arguments)
    print(f"{write_pages(arguments.root, judged)} files changed in build/docs")
    return 0 if arguments.calm else _explained(_exit_code(judged))


def serve(arguments: argparse.Namespace) -> int:
    """Show the site on localhost, built again as files change."""
    from casebook import site

    site.write_pages(arguments.root, _judged(arguments))
    return site.serve(arguments.root, arguments.port)


def summary(arguments: argparse.Namespace) -> int:
    """Say what was found, as at the end of a run."""
    judged = _judged(arguments)
    code = _exit_code(judged)
    _print_summary(arguments, judged, code)
    return code


def verdicts(arguments: argparse.Namespace) -> int:
    """Print `verdicts.json`."""
    from casebook import judge, results
    from casebook.site import site_url

    judged = _judged(arguments)
    published = judge.verdicts([judged], site_url(arguments.root))
    print(results.dump_published(published), end="")
    return _explained(_exit_code(judged))


def cite(arguments: argparse.Namespace) -> int:
    """Print a Markdown reply that cites a claim's findings."""
    from casebook.cite import cite
    from casebook.site import site_url

    judged = _judged(arguments)
    wanted = (arguments.claim, arguments.pattern, arguments.environment)
    try:
        reply = cite(judged, site_url(arguments.root), *wanted)
    except ValueError as error:
        raise UsageError(str(error)) from None
    print(reply, end="" if reply.endswith("\n") else "\n")
    return 0


# --- The project's own files ----------------------------------------------------------------------


def schemas(arguments: argparse.Namespace) -> int:
    """Write the JSON schemas that are out of date."""
    from casebook.results import write_schemas

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


def _investigation(arguments: argparse.Namespace) -> plan.Investigation:
    """Return the investigation that is meant: the one that is named, else the only one."""
    known = plan.find(arguments.root)
    if arguments.investigation is None and len(known) != 1:
        raise UsageError(f"name one investigation: --investigation {' or '.join(known)}")
    return plan.read(arguments.root, arguments.investigation or known[0])


def _judged(arguments: argparse.Namespace) -> Report:
    from casebook import judge

    return judge.report(arguments.root, _investigation(arguments).id)


def _exit_code(judged: Report) -> int:
    from casebook import judge

    return judge.exit_code(judged)


def _built(arguments: argparse.Namespace, judged: Report, clock: _Clock) -> int:
    """Build the site and return the exit code: that of the report, or 1 where Sphinx failed."""
    from casebook import site

    clock("pages", lambda: site.write_pages(arguments.root, judged))
    try:
        clock("Sphinx", lambda: site.build(arguments.root))
    except site.SiteError as error:
        print(f"casebook: {error}", file=sys.stderr)
        return gravest(1, _exit_code(judged))
    return _exit_code(judged)


def _print_summary(arguments: argparse.Namespace, judged: Report, code: int) -> None:
    from casebook import summary
    from casebook.site import INDEX

    before = summary.previous(arguments.root, judged.investigation)
    page = str(arguments.root / INDEX)
    print(summary.summary(judged, before, page, code), end="")


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

    def add(command: Command, name: str, *, investigation: bool = True) -> argparse.ArgumentParser:
        text = (command.__doc__ or "").strip()
        one = commands.add_parser(name, help=text, description=text)
        one.set_defaults(command=command)
        if investigation:
            one.add_argument("--investigation", metavar="ID", help="where there are several")
        return one

    one = add(run, "run", investigation=False)
    one.add_argument("investigation")
    one.add_argument("environment")

    one = add(not_rerun, "not-rerun", investigation=False)
    one.add_argument("investigation")
    one.add_argument("environment")
    one.add_argument("said", type=Path, metavar="FILE", help="what the installer said")

    one = add(show, "show")
    one.add_argument("environment")
    one.add_argument("pattern")
    one.add_argument("experiment")
    one.add_argument("--database")

    one = add(report, "report")
    one.add_argument("--experiments-took", type=float, default=0, metavar="SECONDS")
    one.add_argument("--experiments-ended", type=int, default=0, metavar="CODE")

    add(site, "site")
    one = add(pages, "pages")
    one.add_argument(
        "--calm", action="store_true", help="end with 0 where the report is incomplete"
    )
    one = add(serve, "serve")
    one.add_argument("--port", type=int, default=PORT)
    add(summary, "summary")
    add(verdicts, "verdicts")

    one = add(cite, "cite")
    one.add_argument("claim")
    one.add_argument("pattern", nargs="?")
    one.add_argument("--environment")

    add(schemas, "schemas", investigation=False)
    one = add(lock, "lock", investigation=False)
    one.add_argument("names", nargs="*", metavar="NAME")
    one = add(explain, "explain", investigation=False)
    one.add_argument("code", type=int)
    return parser


if __name__ == "__main__":
    sys.exit(main())
