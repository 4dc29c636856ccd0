"""What is missing or wrong in a report, and what to do about it, in lines for the terminal."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import product
from types import MappingProxyType

from casebook.cli.lines import WIDTH, some, styled, wrapped
from casebook.cli.raising import raised_at
from casebook.judge.findings import ControlOutcome, control_failure
from casebook.judge.report import Report
from casebook.judge.results import UNNAMED, Problem
from casebook.plan.investigation import Setting
from casebook.text import counted, one_line

SHAPES = ((3, 4), (3, 2), (2, 2), (3, 1), (1, 4), (1, 2), (1, 1))
NAMED = 4
NOT_PLANNED = "is not in the plan"
FAILED = "The experiments failed"
Faults = Mapping[Setting, Sequence[str]]
"""How the harness failed in the last run of a setting, each in a line."""

Wrong = tuple[str, list[tuple[str, str]]]
"""A kind of what ended badly, and what did with what to do about it."""


def faulty(report: Report, faults: Faults) -> Iterator[Wrong]:
    """Yield how the harness failed, if it did: what is said once and holds for several settings."""
    found = _grouped((setting, said) for setting, each in faults.items() for said in each)
    if found:
        parted = ((settings, said.partition("; ")) for said, settings in found)
        yield (
            FAILED,
            [(f"{_where(report, settings)}: {what}", fix) for settings, (what, _, fix) in parted],
        )


def wrong(report: Report, faults: Faults = MappingProxyType({})) -> Iterator[Wrong]:
    """Yield each way in which a report falls short, with all that does.

    What a fault explains is to be mended before it is run again.
    """
    for kind, items in (
        ("The checker failed", list(_failed_checkers(report))),
        ("Invalid results", list(_invalid(report))),
        ("Not rerun", list(_not_rerun(report, faults))),
        ("Not observed", list(_unobserved(report, faults))),
        ("Controls that failed", list(_failed_controls(report))),
    ):
        if items:
            yield kind, items


def first_wrong(found: Sequence[Wrong], room: int) -> list[str]:
    """Return the first items of each kind that ended badly, as many and as whole as have room.

    Each kind has one item at least, and what to do is never cut.
    """
    for headed, (each, height) in product((True, False), SHAPES):
        lines = list(_shaped(found, each, height, headed=headed))
        if len(lines) <= room:
            break
    return lines


def _shaped(found: Sequence[Wrong], each: int, height: int, *, headed: bool) -> Iterator[str]:
    """Yield `each` items of a kind, in `height` lines; if `headed`, under a line with the kind."""
    for kind, items in found:
        heading = f"{kind}, the first of {len(items)}" if len(items) > each else kind
        if headed:
            yield styled(heading, "failed")
        for what, fix in items[:each]:
            shown = what if headed else f"{heading}: {what}"
            lines = max(height, 3) if kind == FAILED else height
            yield from told(one_line(shown, (WIDTH - 4) * lines), fix)


def told(what: str, fix: str) -> list[str]:
    """Return in lines what ended badly and what to do about it."""
    return [*wrapped(what), *wrapped(fix)]


def _failed_checkers(report: Report) -> Iterator[tuple[str, str]]:
    for id in report.failed_checkers:
        finding = report.by_id.get(id)
        why = f": {finding.reason}" if finding else ""
        yield (
            f"{id}{why}",
            f"fix the claim: {raised_at(report, finding)}" if finding else "fix the check",
        )


def _invalid(report: Report) -> Iterator[tuple[str, str]]:
    for rule, (file, *others), said in broken(report.problems):
        fix = f"restore it with `git checkout -- {file}`, or run its environment again"
        if rule == UNNAMED:
            fix = f"{_removal(others)}, or restore the record that named it"
        if rule.endswith(NOT_PLANNED):
            toml = report.investigation.file
            fix = f"{_removal(others)}, or restore what it is of in {toml}"
        yield said, fix


def broken(problems: Iterable[Problem]) -> Iterator[tuple[str, list[str], str]]:
    """Yield each rule that files break alike, these files, and both in a line."""
    alike: dict[tuple[str, str], list[str]] = {}
    for problem in problems:
        alike.setdefault((problem.place, problem.rule), []).append(problem.file)
    for (place, rule), files in alike.items():
        more = f", and likewise {len(files) - 1} more" if files[1:] else ""
        yield rule, files, f"{files[0]}: {f'{place}: ' if place else ''}{rule}{more}"


def _removal(others: list[str]) -> str:
    """Return what to do with a file that nothing needs, and with others like it, by their names."""
    more = [f"{len(others) - NAMED} more"] if len(others) > NAMED else []
    return "remove it" + "".join(f", and {one}" for one in [*others[:NAMED], *more])


def _not_rerun(report: Report, faults: Faults) -> Iterator[tuple[str, str]]:
    found = ((one, reason) for one, reason in report.not_rerun.items() if one not in faults)
    for reason, settings in _grouped(found):
        yield f"{_where(report, settings)}: {reason}", _run_again(settings)


def _unobserved(report: Report, faults: Faults) -> Iterator[tuple[str, str]]:
    groups: dict[str, list[Setting]] = {}
    cells: dict[str, int] = {}
    for (setting, reason), count in report.unobserved.items():
        groups.setdefault(reason, []).append(setting)
        cells[reason] = cells.get(reason, 0) + count
    for reason, settings in groups.items():
        what = f"{counted(cells[reason], 'cell')}, {_where(report, settings)}: {reason}"
        explained = any(setting in faults for setting in settings)
        yield what, "first mend how the experiments failed" if explained else _run_again(settings)


def _failed_controls(report: Report) -> Iterator[tuple[str, str]]:
    for outcome in report.failed_controls:
        what = f"{outcome.claim}, {_where(report, [outcome.setting])}: {control_failure(outcome)}"
        yield what, _show(report, outcome)
    found = ((one.setting, one.reason) for one in report.unobserved_controls)
    for reason, settings in _grouped(found):
        yield (
            f"{counted(len(settings), 'control')} not tested, {_where(report, settings)}: {reason}",
            "",
        )


def _show(report: Report, outcome: ControlOutcome) -> str:
    """Return the command that shows the first cell that a control's verdict comes from, or none."""
    finding = report.finding(outcome.claim, outcome.pattern, outcome.setting)
    shown = [one.experiment for one in finding.evidence] if finding else []
    for experiment in (*shown, *report.claims_by_id[outcome.claim].experiments):
        ran_in = report.ran_in.get((*outcome.setting, experiment), outcome.environment)
        if report.cell(Setting(ran_in, outcome.database), outcome.pattern, experiment):
            cell = f"{ran_in} {outcome.pattern} {experiment} --database {outcome.database}"
            return f"look at it with `python -m casebook show {cell}`"
    return ""


def _run_again(settings: Iterable[Setting]) -> str:
    environments = dict.fromkeys(setting.environment for setting in settings)
    if len(environments) == 1:
        return f'run `nox -s "experiments({next(iter(environments))})"`'
    return "run `nox -s report`"


def _grouped(found: Iterable[tuple[Setting, str]]) -> list[tuple[str, list[Setting]]]:
    """Return each reason with where it holds, the most frequent first."""
    groups: dict[str, list[Setting]] = {}
    for setting, reason in found:
        groups.setdefault(reason, []).append(setting)
    return sorted(groups.items(), key=lambda group: -len(group[1]))


def _where(report: Report, settings: Iterable[Setting]) -> str:
    """Return these settings, each environment once, with its databases where there are several."""
    databases: dict[str, dict[str, None]] = {}
    for setting in settings:
        databases.setdefault(setting.environment, {})[setting.database] = None
    several = len(report.investigation.databases) > 1
    named = [f"{id} ({', '.join(own)})" if several else id for id, own in databases.items()]
    return "in " + some(named)
