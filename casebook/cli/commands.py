"""The commands: what nox calls, and what a person may call by hand.

Each command imports what it needs: those that run inside an environment under test, or where
nothing is installed, have the standard library alone, and `--help` does not wait for Sphinx.
"""

from __future__ import annotations

import argparse
import re
import signal
import sys
import time
from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import TYPE_CHECKING, TypeVar

from casebook import ENGINE
from casebook.cli import previous
from casebook.cli.needed import by_faults, by_mutants, ran_on, ran_since, to_observe, to_sweep
from casebook.cli.watch import NOX_LOG
from casebook.exit_codes import MEANINGS, HarnessError, gravest
from casebook.installed import is_final, reason
from casebook.plan.cells import cells_in
from casebook.plan.conf import investigation_ids, read_investigations
from casebook.plan.faults import read_faults
from casebook.plan.investigation import Investigation, one_of
from casebook.plan.mutants import mutants_file, read_mutants

if TYPE_CHECKING:
    from casebook.judge.report import Report

Result = TypeVar("Result")


class UsageError(Exception):
    """The command was given what it cannot use; the message says what it can."""


# --- A project of one's own -----------------------------------------------------------------------


def new(arguments: argparse.Namespace) -> int:
    """Write a small investigation that can be run at once, and the project around it."""
    from casebook.cli.new import Taken, write_new

    try:
        written = write_new(arguments.root, arguments.id)
    except Taken as error:
        raise UsageError(str(error)) from None
    for path in written:
        print(f"wrote {path.relative_to(arguments.root)}")
    print("\nNext:")
    print("  make report    run the experiments, build the site: build/html/index.html")
    print("  make test      run the tests")
    print("  make serve     show the site, built again as you change it")
    print("`casebook tutorial` leads from here to a finding of your own that you can cite.")
    return 0


def tutorial(arguments: argparse.Namespace) -> int:
    """Print the tutorial, from a new investigation to a finding that is cited, as Markdown."""
    _write((ENGINE / "tutorial.md").read_text(encoding="utf-8"))
    return 0


def reference(arguments: argparse.Namespace) -> int:
    """Print the reference of all that one may write, as Markdown."""
    from casebook.cli.main import parser
    from casebook.cli.reference import reference

    _write(reference(parser()))
    return 0


# --- In an environment under test -----------------------------------------------------------------


def run(arguments: argparse.Namespace) -> int:
    """Run an environment's cells, with each database on which some are planned."""
    from casebook.observe.run import observe, show_once
    from casebook.observe.setting import SettingRun

    signal.signal(signal.SIGTERM, signal.default_int_handler)
    investigation = _owner(arguments)
    databases = _databases(arguments, investigation)
    named = (name.partition("/") for name in arguments.cells)
    cells = frozenset((pattern, experiment) for pattern, _, experiment in named) or None
    settings = [
        SettingRun.of(arguments.root, investigation.id, arguments.environment, database, cells)
        for database in ([arguments.database] if arguments.database else databases)
    ]
    if not settings:
        print(f"{arguments.environment}: no cell is planned")
        return 0
    if arguments.once:
        pattern, experiment = arguments.once
        show_once(settings[0], pattern, experiment, arguments.kept)
        return 0
    codes = []
    for setting in settings:
        try:
            codes.append(0 if observe(setting, fresh=arguments.fresh) else 1)
        except HarnessError as error:  # the other databases can still be observed
            codes.append(1)
            print(f"casebook: {error}", file=sys.stderr)
    return gravest(*codes)


def not_rerun(arguments: argparse.Namespace) -> int:
    """Note why an environment could not be installed now; the committed records stay.

    Where its lock cannot be installed at all, that is what is recorded.
    """
    from casebook.observe.run import note_not_rerun, record_uninstallable
    from casebook.observe.setting import SettingRun

    investigation = _owner(arguments)
    said = arguments.said.read_text(encoding="utf-8", errors="replace")
    why, final = reason(said), is_final(said)
    for database in _databases(arguments, investigation):
        setting = SettingRun.of(arguments.root, investigation.id, arguments.environment, database)
        (record_uninstallable if final else note_not_rerun)(setting, why)
    if final:
        return 0
    print(f"{arguments.environment}: not rerun, its committed record stays: {why}")
    return 3


def show(arguments: argparse.Namespace) -> int:
    """Run one cell in its environment, print its history and what the claims say of it."""
    from casebook.cli.show import NotRun, shown

    investigation = _owner(arguments)
    database = arguments.database or investigation.databases[0]
    where = (arguments.environment, database)
    cell = (arguments.pattern, arguments.experiment)
    try:
        print("\n".join(shown(arguments.root, investigation, where, *cell)))
    except NotRun as error:
        return error.code
    return 0


def needs(arguments: argparse.Namespace) -> int:
    """Print the environments that are needed, a line each: for what, and for which of it."""
    investigations = _investigations(arguments)
    if arguments.what == "faults":
        found = by_faults(arguments.root, investigations, arguments.names)
    elif arguments.what == "mutants":
        found = by_mutants(arguments.root, investigations)
    elif arguments.what == "sweep":
        _check_packages(arguments.names, investigations)
        found = to_sweep(arguments.root, investigations, arguments.names, fresh=arguments.fresh)
    else:
        found = to_observe(arguments.root, investigations, fresh=arguments.fresh)
    print("\n".join(dict.fromkeys(found)))
    return 0


def watch(arguments: argparse.Namespace) -> int:
    """Run nox, show in one line how far its environments are, and end with its exit code."""
    from casebook.cli.progress import Overview, expected_runs
    from casebook.cli.watch import watch

    for number in (signal.SIGTERM, signal.SIGHUP):  # nox must be told, also where a terminal closes
        if signal.getsignal(number) is not signal.SIG_IGN:
            signal.signal(number, signal.default_int_handler)
    investigations = _investigations(arguments)
    command: list[str] = arguments.nox
    jobs = dict(pairwise(command)).get("--parallel", "")
    named = set(re.findall(r"experiments\(([\w.-]+)\)", " ".join(command)))
    runs = expected_runs(arguments.root, investigations)
    locks = {one.id: one.lock for each in investigations for one in each.installed}
    overview = Overview(
        arguments.root,
        tuple(run for run in runs if not named or run.environment in named),
        {id: lock for id, lock in locks.items() if not named or id in named},
        jobs=int(jobs) if jobs.isdecimal() else 1,
        install_only="--install-only" in command,
    )
    return watch(arguments.root, overview, command, sys.stdout)


def unite(arguments: argparse.Namespace) -> int:
    """Unite what several machines observed with the results here: folders of clones or artifacts.

    What contradicts or is foreign is refused, and nothing is written; what is missing is counted.
    """
    from casebook.cli.unite import said, unite, write

    for source in arguments.folders:
        if not (source / "build" / "runs").is_dir():
            fix = "name a clone in which experiments ran, or what a job kept of one"
            raise UsageError(f"{source}: holds no build/runs: {fix}")
    investigations = _investigations(arguments)
    found = [unite(arguments.root, one, arguments.folders) for one in investigations]
    refused = [line for united in found for line in united.refused]
    if refused:
        print("\n".join(refused), file=sys.stderr)
        print("casebook: nothing was united, and nothing is written", file=sys.stderr)
        return _explained(4)
    for investigation, united in zip(investigations, found, strict=True):
        write(arguments.root, investigation, united)
        print(f"{investigation.id}: {said(united, len(arguments.folders))}")
    _note_days(arguments)
    return _explained(3 if any(united.missing for united in found) else 0)


# --- From the records to the site -----------------------------------------------------------------


def keep(arguments: argparse.Namespace) -> int:
    """Keep a copy of the records, with which the report of the coming run is compared."""
    previous.keep_records(arguments.root)
    return 0


def report(arguments: argparse.Namespace) -> int:
    """Judge, build the site and say what was found, at the end of a run of the experiments."""
    clock = _Clock({"experiments": arguments.experiments_took})
    began = datetime.now(UTC) - timedelta(seconds=arguments.experiments_took)
    _note_days(arguments)
    reports = clock("verdicts", lambda: _reports(arguments))
    code = gravest(arguments.experiments_ended, _built(arguments, reports, clock))
    print(ran_since(arguments.root, began) or clock)
    if arguments.experiments_ended:
        ended = f"The experiments ended with exit code {arguments.experiments_ended}"
        print(f"{ended}: see {arguments.root / NOX_LOG}")
    _print_summary(arguments, reports, code)
    return code


def swept(arguments: argparse.Namespace) -> int:
    """Judge, build the site and say what the releases came to, at the end of a sweep."""
    from casebook.cli.swept import code_of, told

    clock = _Clock({"experiments": arguments.experiments_took})
    _note_days(arguments)
    reports = clock("verdicts", lambda: _reports(arguments))
    _check_packages(arguments.packages, [report.investigation for report in reports])
    codes = [arguments.experiments_ended, int(_built(arguments, reports, clock) == 1)]
    print(clock)
    for report in reports:
        print("\n".join(told(report, arguments.packages)))
        codes.append(code_of(report, arguments.packages))
    return _explained(gravest(*codes))


def _note_days(arguments: argparse.Namespace) -> None:
    """Note the day of each record that changed in a run that ends now."""
    from casebook.judge.days import note_days

    for investigation in _investigations(arguments):
        note_days(arguments.root, investigation, ran_on(arguments.root, investigation))


def site(arguments: argparse.Namespace) -> int:
    """Judge the committed records and build the site, running nothing."""
    from casebook.site.build import INDEX

    clock = _Clock()
    reports = clock("verdicts", lambda: _reports(arguments))
    code = _built(arguments, reports, clock)
    print(f"{clock}\nThe page: {arguments.root / INDEX}", flush=True)
    return _explained(code, reports)


def pages(arguments: argparse.Namespace) -> int:
    """Judge and write the pages' sources, which Sphinx builds."""
    from casebook.site.build import write_pages

    reports = _reports(arguments)
    print(f"{write_pages(arguments.root, reports)} files changed in build/docs")
    return 0 if arguments.calm else _explained(_exit_code(reports), reports)


def publish(arguments: argparse.Namespace) -> int:
    """Build the site anew and lay it into a folder of editions, as the latest.

    Gaps are published, since the pages show them; where the harness failed nothing is.
    """
    from casebook.editions.folder import publish
    from casebook.site.build import build_anew, site_title

    clock = _Clock()
    reports = clock("verdicts", lambda: _reports(arguments))
    code = _exit_code(reports)
    if code == 1:
        print("casebook: nothing is published: a checker failed", file=sys.stderr)
        return _explained(code, reports)
    built = clock("site", lambda: build_anew(arguments.root, reports))
    folder, today = arguments.root / arguments.folder, datetime.now(UTC).date()
    title = site_title(arguments.root)
    done = clock("publishing", lambda: publish(built, folder, title, today))
    print(f"{clock}\n{done}", flush=True)
    return _explained(code, reports)


def serve(arguments: argparse.Namespace) -> int:
    """Show the site on localhost, built again as files change."""
    from casebook.site.build import serve, write_pages

    write_pages(arguments.root, _reports(arguments))
    return serve(arguments.root, arguments.port)


def summary(arguments: argparse.Namespace) -> int:
    """Say what was found, as at the end of a run."""
    reports = _reports(arguments)
    code = _exit_code(reports)
    _print_summary(arguments, reports, code)
    return code


def verdicts(arguments: argparse.Namespace) -> int:
    """Print `verdicts.json`."""
    from casebook.site.build import site_url
    from casebook.site.verdicts import print_published, published_verdicts

    reports = _reports(arguments)
    _write(print_published(published_verdicts(reports, site_url(arguments.root))))
    return _explained(_exit_code(reports), reports)


def cite(arguments: argparse.Namespace) -> int:
    """Print a Markdown reply that cites a claim's findings."""
    from casebook.cite.block import Uncitable
    from casebook.cite.cite import citations, cite, cited
    from casebook.site.build import site_url

    reports = _reports(arguments)
    wanted = (arguments.claim, arguments.pattern, arguments.environment)
    try:
        found = citations(arguments.root, cited(reports, *wanted), site_url(arguments.root))
        _write(cite(found, *wanted, arguments.database, full=arguments.full))
    except Uncitable as error:
        raise UsageError(str(error)) from None
    return 0


def verify(arguments: argparse.Namespace) -> int:
    """Say whether cited blocks say what the results say: those of a file, an address or a text."""
    from functools import partial

    from casebook.cite.block import Uncitable
    from casebook.cite.cite import citations
    from casebook.cite.source import Unreadable, read_source
    from casebook.cite.verify import updated, verify
    from casebook.site.build import site_url

    compose = partial(citations, arguments.root)
    try:
        source = read_source(arguments.what)
        results = _reports(arguments), site_url(arguments.root), compose
        if arguments.update:
            _write(updated(source, *results))
            return 0
        outcomes = verify(source, *results)
    except (Unreadable, Uncitable) as error:
        raise UsageError(str(error)) from None
    for outcome in outcomes:
        print("\n".join(outcome.lines))
    return _explained(gravest(*(outcome.code for outcome in outcomes)))


def diff(arguments: argparse.Namespace) -> int:
    """Say which findings turned between two result sets: folders, commits or editions."""
    from casebook.cli.compare import NotComparable, alike, compare_all

    try:
        text, problems = compare_all(
            arguments.root,
            arguments.before,
            arguments.after,
            markdown=arguments.markdown,
            full=arguments.full,
            called_from=arguments.called_from,
        )
    except NotComparable as error:
        raise UsageError(str(error)) from None
    _write(text)
    for line in alike(problems):
        print(f"casebook: {line}", file=sys.stderr)
    return _explained(4 if problems else 0)


def stale(arguments: argparse.Namespace) -> int:
    """Ask the package index for releases newer than the locked ones, and for yanked ones."""
    from casebook.cli.stale import ask

    codes = [0]
    for investigation in _investigations(arguments):
        asked = ask(arguments.root, investigation, datetime.now(UTC).date())
        print("\n".join(asked.lines), flush=True)
        codes.append(0 if asked.answered else 3)
    return _explained(gravest(*codes))


def as_of(arguments: argparse.Namespace) -> int:
    """Observe the releases that the index held on a day, by which statements of it are judged."""
    from functools import partial

    from casebook.cli.as_of import WrongDay, observe_days

    today = datetime.now(UTC).date()
    try:
        reasons = observe_days(arguments.root, arguments.days, today, partial(print, flush=True))
    except WrongDay as error:
        raise UsageError(str(error)) from None
    for why in reasons:
        print(f"casebook: {why}", file=sys.stderr)
    return _explained(3 if reasons else 0)


# --- Other releases -------------------------------------------------------------------------------


def candidate(arguments: argparse.Namespace) -> int:
    """Replace one package by a checkout, a wheel, a Git reference or a release: say what turns.

    Nothing that is committed changes.
    """
    from casebook.cli.candidate import try_candidate

    try_candidate(arguments)
    return 0


def bisect(arguments: argparse.Namespace) -> int:
    """Find the release of a package at which a claim's verdict on a pattern turned, and keep it."""
    from casebook.cli.bisecting import find_turn

    find_turn(arguments)
    return 0


# --- The evidence, put to the test ---------------------------------------------------------------


def faults(arguments: argparse.Namespace) -> int:
    """Put faults into copied environments, all or those named, and say which findings turned.

    The outcome of all is recorded; that of some is printed and nothing is written.
    """
    from casebook.files import write_whole
    from casebook.proof.laboratory import try_all
    from casebook.proof.outcomes import dump_outcomes, outcomes_file, outcomes_of, readable

    held, reports = True, _reports(arguments)
    read = [read_faults(arguments.root, report.investigation).faults for report in reports]
    known = [fault.id for declared in read for fault in declared]
    for id in arguments.faults:
        if id not in known:
            raise UsageError(f"unknown fault {id!r}: {one_of(id, known)}")
    for report, declared in zip(reports, read, strict=True):
        chosen = [one for one in declared if not arguments.faults or one.id in arguments.faults]
        found = []
        for fault, outcome in try_all(arguments.root, report, chosen, arguments.jobs):
            found.append(outcome)
            held = held and outcome.held
            print("\n".join(readable(fault, outcome)), flush=True)
        if declared and not arguments.faults:
            file = arguments.root / outcomes_file(report.investigation.id)
            write_whole(file, dump_outcomes(outcomes_of(arguments.root, report, found)))
    return 0 if held else _explained(3)


def mutants(arguments: argparse.Namespace) -> int:
    """Change libraries by operators, all mutants or those named, and say which findings turned.

    The outcome of all is recorded; that of some is printed and nothing is written.
    """
    from casebook.files import write_whole
    from casebook.proof.mutants import chosen_of, mutants_of
    from casebook.proof.scores import (
        dump_scores,
        readable,
        scores_file,
        scores_of,
        summary_of,
        unexplained,
        wrongly_explained,
    )
    from casebook.proof.survival import try_mutants

    signal.signal(signal.SIGTERM, signal.default_int_handler)  # so that what runs ends, too
    codes = [0]
    for report in _reports(arguments):
        declared = read_mutants(arguments.root, report.investigation)
        known = mutants_of(arguments.root, report.investigation, declared)
        for wanted in arguments.mutants:
            if known and not chosen_of(known, [wanted]):
                raise UsageError(f"no mutant is called {wanted!r}: see `mutants --list`")
        chosen = chosen_of(known, arguments.mutants)
        if arguments.list:
            print("\n".join(f"{mutant.id}  {mutant.title}" for mutant in chosen))
            continue
        found = []
        started = time.monotonic()
        for outcome in try_mutants(arguments.root, report, declared, chosen, arguments.jobs):
            found.append(outcome)
            print("\n".join(readable(outcome, declared)), flush=True)
        if known and chosen == known:
            file = arguments.root / scores_file(report.investigation.id)
            write_whole(file, dump_scores(scores_of(arguments.root, report, found)))
        if found:
            took = time.monotonic() - started
            print(f"{summary_of(found, declared)}; took {took:.0f} s")
        codes.append(3 if unexplained(found, declared) else 0)
        codes.append(1 if any(one.outcome == "unobserved" for one in found) else 0)
        for id in wrongly_explained(found, declared):
            plan = mutants_file(report.investigation.id)
            print(f"casebook: {plan}: harmless '{id}': it was caught: delete it", file=sys.stderr)
            codes.append(2)
    return _explained(gravest(*codes))


def repros(arguments: argparse.Namespace) -> int:
    """Run the reproductions of all findings, or of those named, and say which see what they say."""
    from casebook.proof.runner import readable, reproductions, run_all, summary_of
    from casebook.proof.scripts import missing

    reports = _reports(arguments)
    scripts = reproductions(arguments.root, reports, arguments.findings)
    if not scripts:
        named = " ".join(arguments.findings) or "the plan"
        raise UsageError(f"no finding of {named} has a reproduction: name it by its id, or with *")
    ran = []
    for one in run_all(arguments.root, scripts, arguments.jobs, installed=arguments.installed):
        ran.append(one)
        if not one.agrees:
            print(readable(one), flush=True)
    without = [
        f"{report.investigation.id}: the claim {claim} has no reproduction"
        for report in reports
        if report.investigation.reproductions and not arguments.findings
        for claim in missing(arguments.root, report)
    ]
    print("\n".join([*without, summary_of(ran)]))
    return 0 if all(one.agrees for one in ran) and not without else _explained(3)


# --- The project's own files ----------------------------------------------------------------------


def schemas(arguments: argparse.Namespace) -> int:
    """Write the JSON schemas that are out of date."""
    from casebook.site.verdicts import write_schemas

    for path in write_schemas(arguments.root):
        print(path)
    return 0


def lock(arguments: argparse.Namespace) -> int:
    """Resolve the locks again, all or those named."""
    from casebook.cli.locks import LockError, all_locks, locks, make_lock, strays

    known = {one.name: one for one in locks(arguments.root)}
    for name in arguments.names:
        if name not in known:
            raise UsageError(f"unknown lock {name!r}: {one_of(name, known)}")
    failed = False
    named = (known[name] for name in arguments.names)
    for one in named if arguments.names else all_locks(arguments.root):
        try:
            print(make_lock(arguments.root, one), flush=True)
        except LockError as error:
            print(f"casebook: {error}", file=sys.stderr)
            failed = True
    for path in strays(arguments.root):
        print(f"{path}: no environment has this lock: delete it")
    return int(failed)


def explain(arguments: argparse.Namespace) -> int:
    """Say what an exit code means."""
    meaning = MEANINGS.get(arguments.code, MEANINGS[1])
    print(f"casebook: exit code {arguments.code}: {meaning}")
    return 0


def check_known(named: Iterable[str], known: Iterable[str], kind: str) -> None:
    """Raise UsageError for a name that is not known, with the one that it resembles."""
    known = list(known)
    for id in named:
        if id not in known:
            raise UsageError(f"unknown {kind} {id!r}: {one_of(id, known)}")


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
        fix = one_of(arguments.environment, owners)
        raise UsageError(f"environment {arguments.environment!r} is not declared: {fix}")
    return owners[arguments.environment]


def _check_packages(names: Iterable[str], investigations: Iterable[Investigation]) -> None:
    """Raise UsageError for a package that no axis takes through its releases."""
    known = {axis.package for each in investigations for axis in each.axes}
    for name in names:
        if name not in known:
            raise UsageError(f"no [[axis]] has the package {name!r}: {one_of(name, sorted(known))}")


def _databases(arguments: argparse.Namespace, investigation: Investigation) -> list[str]:
    """Return the databases on which cells are planned in the environment."""
    cells = cells_in(arguments.root, investigation, arguments.environment)
    own = {cell.database for cell in cells}
    return [database for database in investigation.databases if database in own]


def _reports(arguments: argparse.Namespace) -> tuple[Report, ...]:
    """Return the reports that are asked for: of all investigations, or of the one named."""
    from casebook.judge.project import read_report, read_reports

    if arguments.investigation is None:
        return read_reports(arguments.root)
    _check_investigation(arguments)
    return (read_report(arguments.root, arguments.investigation),)


def _investigations(arguments: argparse.Namespace) -> tuple[Investigation, ...]:
    """Return the investigations that are asked for: all, or the one named."""
    if arguments.investigation is not None:
        _check_investigation(arguments)
    every = read_investigations(arguments.root)
    return tuple(one for one in every if arguments.investigation in (None, one.id))


def _check_investigation(arguments: argparse.Namespace) -> None:
    known = investigation_ids(arguments.root)
    if arguments.investigation not in known:
        fix = one_of(arguments.investigation, known)
        raise UsageError(f"unknown investigation {arguments.investigation!r}: {fix}")


def _exit_code(reports: Iterable[Report]) -> int:
    from casebook.judge.report import exit_code

    return gravest(0, *map(exit_code, reports))


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


def _print_summary(arguments: argparse.Namespace, reports: Iterable[Report], code: int) -> None:
    from casebook.cli.summary import ending, previous, summary
    from casebook.site.build import INDEX

    for report in reports:
        print(summary(report, previous(arguments.root, report.investigation)), end="")
    print(ending(str(arguments.root / INDEX), code), end="")


def _explained(code: int, reports: Iterable[Report] = ()) -> int:
    """Return the exit code, having said why it is not 0, and what it means."""
    if code:
        from casebook.cli.summary import shortcomings

        for report in reports:
            for line in shortcomings(report):
                print(line, file=sys.stderr)
        print(f"casebook: exit code {code}: {MEANINGS[code]}", file=sys.stderr)
    return code


def _write(text: str) -> None:
    """Write a document to standard output, in UTF-8 whatever the terminal's encoding is.

    A citation is sealed, and others read `verdicts.json`: neither may lose a character.
    """
    sys.stdout.flush()
    sys.stdout.buffer.write(text.encode())
    sys.stdout.buffer.flush()
