"""The evidence, put to the test: faults, mutants and reproductions."""

from __future__ import annotations

import argparse
import signal
import sys
import time

from casebook.cli.asked import reports_of
from casebook.cli.command import UsageError, argument, command
from casebook.cli.said import explained
from casebook.exit_codes import gravest
from casebook.plan.faults import read_faults
from casebook.plan.mistakes import one_of
from casebook.plan.mutants import mutants_file, read_mutants

JOBS = argument("--jobs", type=int, default=2, help="how many are tried at a time")


@command(argument("faults", nargs="*", metavar="FAULT"), JOBS)
def faults(arguments: argparse.Namespace) -> int:
    """Put faults into copied environments, all or those named, and say which findings turned.

    The outcome of all is recorded; that of some is printed and nothing is written.
    """
    from casebook.files import write_whole
    from casebook.proof.laboratory import try_all
    from casebook.proof.outcomes import dump_outcomes, outcomes_file, outcomes_of, readable

    held, reports = True, reports_of(arguments)
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
    return 0 if held else explained(3)


@command(
    argument("mutants", nargs="*", metavar="MUTANT", help="an id, which may hold * and ?"),
    JOBS,
    argument("--list", action="store_true", help="print the mutants and try none"),
)
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
    for report in reports_of(arguments):
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
    return explained(gravest(*codes))


@command(
    argument("findings", nargs="*", metavar="FINDING", help="an id, which may hold * and ?"),
    argument("--jobs", type=int, default=2, help="how many run at a time"),
    argument("--installed", action="store_true", help="in the installed environments, without uv"),
)
def repros(arguments: argparse.Namespace) -> int:
    """Run the reproductions of all findings, or of those named, and say which see what they say."""
    from casebook.proof.runner import readable, reproductions, run_all, summary_of
    from casebook.proof.scripts import missing

    reports = reports_of(arguments)
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
    return 0 if all(one.agrees for one in ran) and not without else explained(3)
