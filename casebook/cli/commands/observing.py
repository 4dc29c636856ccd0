"""What runs in environments under test, and what is known of which have to run."""

from __future__ import annotations

import argparse
import re
import signal
import sys
from collections.abc import Iterable
from itertools import pairwise
from pathlib import Path

from casebook.cli.asked import check_packages, databases_in, investigations_of, owner_of
from casebook.cli.command import UsageError, argument, command
from casebook.cli.needed import by_faults, by_mutants, ran_on, to_observe, to_sweep
from casebook.cli.said import explained
from casebook.exit_codes import HarnessError, gravest
from casebook.installed import is_final, reason


@command(
    argument("environment"),
    argument("--database", help="this one alone; without it, each that has cells"),
    argument("--fresh", action="store_true", help="run all cells, those too that did not change"),
    argument(
        "--cells",
        nargs="+",
        default=[],
        metavar="PATTERN/EXPERIMENT",
        help="run these cells alone, and write a record that holds no others",
    ),
    argument(
        "--imports",
        nargs="+",
        metavar="MODULE",
        help="what must be importable, instead of what the environment declares",
    ),
    argument(
        "--once",
        nargs=2,
        metavar=("PATTERN", "EXPERIMENT"),
        help="run this cell once, write no file, and print its history",
    ),
    argument("--kept", type=Path, metavar="FILE", help="keep that history here instead"),
    anywhere=True,
)
def run(arguments: argparse.Namespace) -> int:
    """Run an environment's cells, with each database on which some are planned."""
    from casebook.observe.run import observe, show_once
    from casebook.observe.setting import SettingRun

    signal.signal(signal.SIGTERM, signal.default_int_handler)
    investigation = owner_of(arguments)
    databases = databases_in(arguments, investigation)
    named = (name.partition("/") for name in arguments.cells)
    cells = frozenset((pattern, experiment) for pattern, _, experiment in named) or None
    settings = [
        SettingRun.of(
            arguments.root,
            investigation.id,
            arguments.environment,
            database,
            cells,
            arguments.imports,
        )
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


@command(
    argument("environment"),
    argument("said", type=Path, metavar="FILE", help="what the installer said"),
    anywhere=True,
)
def not_rerun(arguments: argparse.Namespace) -> int:
    """Note why an environment could not be installed now; the committed records stay.

    Where its lock cannot be installed at all, that is what is recorded.
    """
    from casebook.observe.run import note_not_rerun, record_uninstallable
    from casebook.observe.setting import SettingRun

    investigation = owner_of(arguments)
    said = arguments.said.read_text(encoding="utf-8", errors="replace")
    why, final = reason(said), is_final(said)
    for database in databases_in(arguments, investigation):
        setting = SettingRun.of(arguments.root, investigation.id, arguments.environment, database)
        (record_uninstallable if final else note_not_rerun)(setting, why)
    if final:
        return 0
    print(f"{arguments.environment}: not rerun, its committed record stays: {why}")
    return 3


@command(
    argument("environment"),
    argument("pattern"),
    argument("experiment"),
    argument("--database"),
    anywhere=True,
)
def show(arguments: argparse.Namespace) -> int:
    """Run one cell in its environment, print its history and what the claims say of it."""
    from casebook.cli.show import NotRun, shown

    investigation = owner_of(arguments)
    database = arguments.database or investigation.databases[0]
    where = (arguments.environment, database)
    cell = (arguments.pattern, arguments.experiment)
    try:
        print("\n".join(shown(arguments.root, investigation, where, *cell)))
    except NotRun as error:
        return error.code
    return 0


@command(
    argument("what", choices=["experiments", "faults", "mutants", "sweep"]),
    argument("names", nargs="*", metavar="FAULT-OR-PACKAGE"),
    argument("--fresh", action="store_true", help="as if nothing had run here before"),
)
def needs(arguments: argparse.Namespace) -> int:
    """Print the environments that are needed, a line each: for what, and for which of it."""
    investigations = investigations_of(arguments)
    found: Iterable[str]
    if arguments.what == "faults":
        found = by_faults(arguments.root, investigations, arguments.names)
    elif arguments.what == "mutants":
        found = by_mutants(arguments.root, investigations)
    elif arguments.what == "sweep":
        check_packages(arguments.names, investigations)
        found = to_sweep(arguments.root, investigations, arguments.names, fresh=arguments.fresh)
    else:
        found = to_observe(arguments.root, investigations, fresh=arguments.fresh)
    print("\n".join(dict.fromkeys(found)))
    return 0


@command(
    argument("nox", nargs="+", metavar="COMMAND", help="after --, what starts nox"), anywhere=True
)
def watch(arguments: argparse.Namespace) -> int:
    """Run nox, show in one line how far its environments are, and end with its exit code."""
    from casebook.cli.progress import Overview, expected_runs
    from casebook.cli.watch import watch

    for number in (signal.SIGTERM, signal.SIGHUP):  # nox must be told, also where a terminal closes
        if signal.getsignal(number) is not signal.SIG_IGN:
            signal.signal(number, signal.default_int_handler)
    investigations = investigations_of(arguments)
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


@command(argument("folders", nargs="+", type=Path, metavar="FOLDER"))
def unite(arguments: argparse.Namespace) -> int:
    """Unite what several machines observed with the results here: folders of clones or artifacts.

    What contradicts or is foreign is refused, and nothing is written; what is missing is counted.
    """
    from casebook.cli.unite import said, unite, write
    from casebook.judge.days import note_days

    for source in arguments.folders:
        if not (source / "build" / "runs").is_dir():
            fix = "name a clone in which experiments ran, or what a job kept of one"
            raise UsageError(f"{source}: holds no build/runs: {fix}")
    investigations = investigations_of(arguments)
    found = [unite(arguments.root, one, arguments.folders) for one in investigations]
    refused = [line for united in found for line in united.refused]
    if refused:
        print("\n".join(refused), file=sys.stderr)
        print("casebook: nothing was united, and nothing is written", file=sys.stderr)
        return explained(4)
    for investigation, united in zip(investigations, found, strict=True):
        write(arguments.root, investigation, united)
        print(f"{investigation.id}: {said(united, len(arguments.folders))}")
        note_days(arguments.root, investigation, ran_on(arguments.root, investigation))
    return explained(3 if any(united.missing for united in found) else 0)
