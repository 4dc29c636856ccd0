"""The summary: what a run found, for the terminal at its end, and what is missing or wrong."""

from __future__ import annotations

import os
import sys
import textwrap
from collections import Counter
from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain, product
from pathlib import Path
from types import MappingProxyType

from casebook.claim import VERDICTS, VerdictWord
from casebook.cli.previous import kept_records
from casebook.cli.raising import raised_at
from casebook.exit_codes import ENDINGS
from casebook.judge.answers import Answer, Answers, Choice, SettingAnswer, standing
from casebook.judge.comparison import side_of, what_turned
from casebook.judge.grades import GRADES, WORKING
from casebook.judge.project import reports_on
from casebook.judge.report import ControlOutcome, Finding, Report, control_failure
from casebook.judge.results import UNNAMED, gather
from casebook.judge.untested import untested
from casebook.plan.investigation import Investigation, Setting
from casebook.site.build import INDEX
from casebook.text import counted, one_line

WIDTH = 80
"""The columns of a terminal that is not wide."""

REASONS = 3
"""The reasons why something was not tested that the terminal names; the pages name all."""

TURNED = 4
"""The lines of turned findings that the terminal shows; the pages show all of them."""

ROOM = 18
"""The lines of a screen that are left beside how long it took, the page and the exit code.

Where all went well the exit code takes one line and not up to three.
"""

SHAPES = ((3, 4), (3, 2), (2, 2), (3, 1), (1, 4), (1, 2), (1, 1))
"""How many items of a kind went wrong are shown, each in how many lines: the most first."""

NAMES = 4
"""The things that rule a pattern out, or keep it open, that the terminal names."""

LONGEST = 280
"""The characters of one item that the terminal shows."""

SHORTEST = 22
"""The characters of a pattern's title that the terminal shows at least."""

HEAD = 2 + max(len(label.name) for label in GRADES.values())
"""The width of a grade's name before the pattern."""

NAMED = 4
"""The files that are named beside one to which the same happened."""

NOT_PLANNED = "is not in the plan"
"""How the rule ends that a record breaks whose environment or database is not declared."""

FAILED = "The experiments failed"
"""The kind of what went wrong that the rest may follow from, and so is always told whole."""

_STYLES = {
    **dict(zip((label.name for label in GRADES.values()), ("32", "33", "31", "0"), strict=True)),
    "supported": "32",
    "refuted": "31",
    "failed": "31;1",
    "heading": "1",
}


@dataclass(frozen=True, slots=True)
class Previous:
    """The verdicts of findings by id as they were at the moment `since`, None where none were."""

    since: str
    verdicts: Mapping[str, VerdictWord] | None


Faults = Mapping[Setting, Sequence[str]]
"""How the harness failed in the last run of a setting, each in a line."""


def summary(report: Report, previous: Previous, faults: Faults = MappingProxyType({})) -> str:
    """Return what was found in one investigation: counts, answers, what turned, what is missing.

    It fits in one screen. Where something ended badly that comes first, with what to do, and the
    rest is folded to counts. Colours are written where standard output is a terminal and NO_COLOR
    is unset.
    """
    title = _styled(report.investigation.title, "heading")
    turned = _turned(report, previous)
    if wrong := [*_faulty(report, faults), *_wrong(report, faults)]:
        folded = [*_counts(report), _answer_in_all(report), turned[0], *_not_tested_in_all(report)]
        found = [*folded, *textwrap.wrap(f"All of it, and why: {_page(report)}", WIDTH)]
        room = ROOM - len(found) - 2
        ended_badly = [title, *_first_wrong(wrong, room)]
        fits = len(ended_badly) <= room + 1
        paragraphs = [ended_badly, found] if fits else [[*ended_badly, *found]]
    else:
        found = [title, *_counts(report)]
        least = _turned_and_not_tested(report, previous, 0)
        answer = _answer(report, ROOM + 2 - len([*found, "", "", *least]))
        room = ROOM + 2 - len([*found, "", *answer, "", "what turned", "not tested"])
        paragraphs = [found, answer, _turned_and_not_tested(report, previous, room)]
    return "\n\n".join("\n".join(lines) for lines in paragraphs if lines) + "\n"


def shortcomings(report: Report) -> list[str]:
    """Return in lines why the exit code of a report is not 0, and what to do; none where it is."""
    return [
        line
        for kind, items in _wrong(report)
        for line in (_styled(kind, "failed"), *(part for item in items for part in _told(*item)))
    ]


def ending(page: str, code: int, outdated: str = "") -> str:
    """Return the last lines of a run: what is out of date, the page, what the exit code means."""
    meaning = textwrap.fill(f"Exit code {code}: {ENDINGS[code]}.", WIDTH)
    lines = textwrap.fill(outdated, WIDTH), f"The page: {page}", meaning
    return "".join(f"{line}\n" for line in lines if line)


def verdict_words(report: Report) -> dict[str, VerdictWord]:
    """Return the verdict of each finding by its id, to be compared after the next run."""
    return {finding.id: finding.verdict for finding in report.findings}


def previous(root: Path, investigation: Investigation) -> Previous:
    """Return the verdicts that the records of before have under the claims of now.

    What no record of before has an experiment of is new, such as the findings of a new pattern.
    """
    found = kept_records(root, investigation.id)
    if not found.recorded:
        return Previous(found.since, None)
    then, *_ = reports_on(root, investigation, gather(investigation, found.files))
    planned = side_of(found.since, then).findings.values()
    return Previous(found.since, {one.id: one.verdict for one in planned if one.planned})


# --- What was found -------------------------------------------------------------------------------


def _counts(report: Report) -> list[str]:
    counts, cells = report.counts, report.coverage
    held = sum(outcome.held for outcome in report.controls)
    words = ", ".join(f"{counts.of_patterns[word]} {_styled(word)}" for word in VERDICTS)
    return [
        f"{cells.completed} of {cells.cells} cells observed; "
        f"{held} of {len(report.controls)} controls as declared; {counts.findings} findings",
        f"Of patterns: {words}",
        *_subject_failures(report),
    ]


def _subject_failures(report: Report) -> Iterator[str]:
    """Yield in lines of which claims the subject fails with a right control, too, if of any."""
    claims = list(dict.fromkeys(outcome.claim for outcome in report.subject_failures))
    if claims:
        subject = report.investigation.subject
        yield from textwrap.wrap(f"{subject} fails with what is right, too: {_some(claims)}", WIDTH)


def _answer(report: Report, room: int) -> list[str]:
    """Return what to write: for each backend the first patterns of each grade that works.

    The first to avoid stands beside what works. Where that is more than `room` lines, it is folded:
    to what works, then to the newest releases of each backend, then to the first pattern of each,
    then to the first backends.
    """
    answers = Answers(report)
    backends = answers.backends
    shown = [one.setting for answer in backends for one in answer.primary if one.setting.record]
    shared = {
        name: release
        for name, release in (shown[0].headline.items() if shown else ())
        if all(one.headline.get(name) == release for one in shown)
    }
    releases = ", ".join(f"{name} {release}" for name, release in shared.items())
    heading = f"What to write, with {releases or 'the newest releases'}"
    lines = [_styled(line, "heading") for line in textwrap.wrap(one_line(heading), WIDTH)]
    if answers.common:
        beside = _some([report.claims_by_id[claim].otherwise for claim in answers.common], 1)
        lines += _wrapped(f"whichever is chosen: {beside}")
    heading_ends = len(lines)
    for avoided in (True, False):
        told = [list(_backend_answer(report, answer, shared, avoided)) for answer in backends]
        every = [line for parts in told for part in parts for line in chain(*part)]
        if len(lines) + len(every) <= room:
            return lines + every
    for most in (None, 2):  # a part begins with its name, then the first pattern
        lines[heading_ends:] = [
            line for parts in told for part in parts[:1] for line in chain(*part[:most])
        ]
        if len(lines) < room:
            break
    page = f"{Path(INDEX).parent}/{report.investigation.id}/index.html"
    return [*lines[: room - 1], f"  and more: see {page}"]


def _answer_in_all(report: Report) -> str:
    """Return how many patterns have each grade, in the environments whose answer is shown first."""
    grades = Counter(
        choice.grade
        for answer in Answers(report).backends
        for one in answer.primary
        for choice in one.choices
    )
    counted = "; ".join(f"{label.name} {grades[word]}" for word, label in GRADES.items())
    return f"With the newest releases: {counted}"


def _backend_answer(
    report: Report, answer: Answer, shared: Container[str], avoided: bool
) -> Iterator[list[list[str]]]:
    """Yield the answer of a backend for each setting: its name, then each thing that is said of it.

    A setting that cannot be used is told with the next one.
    """
    before = ""
    for one in answer.primary:
        name = f"{before}{_called(answer, one, shared)}"
        if one.setting.usable:
            said = [_wrapped(f"{name}:"), *_choices(report, one.choices, avoided)]
            for other in one.otherwise:
                said += [_wrapped(f"on {other.setting.database} otherwise:")]
                said += _choices(report, other.choices, avoided)
            yield said
            before = ""
        else:
            cannot = one.setting.cannot if one.setting.record else "has no record"
            before = f"{name} {cannot}; "
    if before:
        yield [_wrapped(before.rstrip("; "))]


def _called(answer: Answer, one: SettingAnswer, shared: Container[str]) -> str:
    """Return what tells a setting from others: its releases, or how it differs from its twin."""
    if one is not answer.primary[0]:
        differ = [
            f"without {each.package}"
            if each.after is None
            else f"with {each.package}{f' {each.after}' if each.before else ''}"
            for each in one.differences
        ]
        return ", ".join(differ) or f"in {one.setting.environment.id}"
    own = [f"{name} {at}" for name, at in one.setting.headline.items() if name not in shared]
    return ", ".join(own) or answer.backend.title


def _choices(report: Report, choices: Sequence[Choice], avoided: bool) -> Iterator[list[str]]:
    """Yield the lines of each thing that is said of what works, or for the first other grade.

    What is to be avoided has a line beside what works if that is asked for.
    """
    ordered = sorted(choices, key=standing, reverse=True)
    working = [one for one in ordered if one.grade in WORKING]
    said: dict[str, list[Choice]] = {}
    for one in working:
        said.setdefault(one.words, []).append(one)
    others = [[one for one in ordered if one.grade == grade] for grade in GRADES]
    against = [one for one in ordered if avoided and one.grade == "avoid"]
    shown = [*said.values(), against] if working else others
    for first, *same in list(filter(None, shown))[: None if working else 1]:
        more = f" and {len(same)} more" if same else ""
        beside = ", ".join(_otherwise(report, finding) for finding in first.beside)
        refuting = () if first.grade in WORKING else first.against
        why = beside or _some([_otherwise(report, finding) for finding in refuting])
        after = f"{f': {why}' if why else ''}{more}"
        room = max(SHORTEST, WIDTH - 4 - HEAD - len(after))  # what is cut is the pattern
        yield _wrapped(one_line(first.pattern.title, room) + after, GRADES[first.grade].name)


def _otherwise(report: Report, finding: Finding) -> str:
    if finding.verdict == "refuted":
        return report.claims_by_id[finding.claim].otherwise
    return f"{finding.claim} {finding.verdict.replace('-', ' ')}"


def _turned(report: Report, previous: Previous, most: int = TURNED) -> list[str]:
    """Return how many verdicts turned, in the first line, and then which, in about `most` lines."""
    since, then = previous.since, previous.verdicts
    if then is None:
        return [f"Nothing to compare with: there are no results from {since}."]
    now = verdict_words(report)
    became = what_turned(then, now)
    turned = [f"{id}: {then[id]} -> {now[id]}" for id in became.turned]
    new, gone = len(became.appeared), len(became.went)
    said = f"{counted(len(turned), 'verdict')} turned" if turned else "No verdict turned"
    changed = f"; {counted(new, 'finding')} new, {gone} gone" if new or gone else ""
    lines = [_styled(f"{said} since {since}{changed}.", "heading" if turned else None)]
    if turned and most < 3:
        return [*lines, f"  see {_page(report)}"]
    for number, one in enumerate(turned):
        told = _wrapped(one)
        if len(lines) + len(told) > most and number:
            return [*lines, f"  and {len(turned) - number} more: see {_page(report)}"]
        lines += told
    return lines


def _turned_and_not_tested(report: Report, previous: Previous, room: int) -> list[str]:
    """Return what turned and what was not tested, each in a line and what fits into `room` more."""
    turned = _turned(report, previous, min(room, TURNED))
    return [
        *turned,
        *(_not_tested(report, room) if len(turned) == 1 else _not_tested_in_all(report)),
    ]


def _not_tested(report: Report, room: int) -> list[str]:
    """Return how many findings of patterns were not tested, and how many for each reason.

    It names as many reasons as have room in lines, at least one and at most REASONS.
    """
    reasons = untested(report)
    if not reasons:
        return _not_tested_in_all(report)
    most = max(1, min(REASONS, room))
    findings = counted(sum(len(one.findings) for one in reasons), "finding")
    first = f", the first {most}" if len(reasons) > most else ""
    lines = [f"Not tested: {findings} of patterns, for {counted(len(reasons), 'reason')}{first}:"]
    for one in reasons[:most]:
        lines.append(f"  {len(one.findings):>4}  {one_line(one.brief, WIDTH - 8)}")
    return lines


def _not_tested_in_all(report: Report) -> list[str]:
    """Return the same in one line, with the most frequent reason."""
    reasons = untested(report)
    if not reasons:
        return ["No finding of a pattern was left untested."]
    count = sum(len(one.findings) for one in reasons)
    said = f"Not tested: {count} ({counted(len(reasons), 'reason')}): {reasons[0].brief}"
    return [one_line(said, WIDTH)]


def _page(report: Report) -> str:
    """Return the file of the page that names everything which was not tested or went wrong."""
    chapter = "method" if "method" in report.investigation.chapters else "index"
    return f"{Path(INDEX).parent}/{report.investigation.id}/{chapter}.html"


# --- What is missing or wrong, and what to do about it --------------------------------------------


Wrong = tuple[str, list[tuple[str, str]]]
"""A kind of what ended badly, and what did with what to do about it."""


def _faulty(report: Report, faults: Faults) -> Iterator[Wrong]:
    """Yield how the harness failed, if it did: what is said once and holds for several settings."""
    found = _grouped((setting, said) for setting, each in faults.items() for said in each)
    if found:
        parted = ((settings, said.partition("; ")) for said, settings in found)
        told = [(f"{_where(report, settings)}: {what}", fix) for settings, (what, _, fix) in parted]
        yield FAILED, told


def _wrong(report: Report, faults: Faults = MappingProxyType({})) -> Iterator[Wrong]:
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


def _first_wrong(wrong: Sequence[Wrong], room: int) -> list[str]:
    """Return the first items of each kind that ended badly, as many and as whole as have room.

    Each kind has one item at least, and what to do is never cut.
    """
    for headed, (each, height) in product((True, False), SHAPES):
        lines = list(_shaped(wrong, each, height, headed=headed))
        if len(lines) <= room:
            break
    return lines


def _shaped(wrong: Sequence[Wrong], each: int, height: int, *, headed: bool) -> Iterator[str]:
    """Yield `each` items of a kind, in `height` lines; if `headed`, under a line with the kind."""
    for kind, items in wrong:
        heading = f"{kind}, the first of {len(items)}" if len(items) > each else kind
        if headed:
            yield _styled(heading, "failed")
        for what, fix in items[:each]:
            told = what if headed else f"{heading}: {what}"
            lines = max(height, 3) if kind == FAILED else height
            yield from _told(one_line(told, (WIDTH - 4) * lines), fix)


def _told(what: str, fix: str) -> list[str]:
    return [*_wrapped(what), *_wrapped(fix)]


def _failed_checkers(report: Report) -> Iterator[tuple[str, str]]:
    for id in report.failed_checkers:
        finding = report.by_id.get(id)
        why = f": {finding.reason}" if finding else ""
        yield (
            f"{id}{why}",
            f"fix the claim: {raised_at(report, finding)}" if finding else "fix the check",
        )


def _invalid(report: Report) -> Iterator[tuple[str, str]]:
    alike: dict[tuple[str, str], list[str]] = {}
    for problem in report.problems:
        alike.setdefault((problem.place, problem.rule), []).append(problem.file)
    for (place, rule), (file, *others) in alike.items():
        fix = f"restore it with `git checkout -- {file}`, or run its environment again"
        if rule == UNNAMED:
            fix = f"{_removal(others)}, or restore the record that named it"
        if rule.endswith(NOT_PLANNED):
            toml = report.investigation.file
            fix = f"{_removal(others)}, or restore what it is of in {toml}"
        more = f", and likewise {len(others)} more" if others else ""
        yield f"{file}: {f'{place}: ' if place else ''}{rule}{more}", fix


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
    named = [f"{id} ({', '.join(some)})" if several else id for id, some in databases.items()]
    return "in " + _some(named)


# --- Lines ----------------------------------------------------------------------------------------


def _wrapped(text: str, head: str = "") -> list[str]:
    """Return `text` in lines that fit the terminal, indented, after `head` where there is one."""
    if not text:
        return []
    hanging = " " * (2 if not head else 4 + HEAD)
    shown = one_line(text, LONGEST)
    lines = textwrap.wrap(shown, WIDTH - len(hanging), break_on_hyphens=False) or [""]
    first = f"    {_styled(head)}{' ' * (HEAD - len(head))}" if head else hanging
    return [first + lines[0], *(hanging + line for line in lines[1:])]


def _some(names: Sequence[str], most: int = NAMES) -> str:
    """Return the first of these names, and how many more there are."""
    rest = len(names) - most
    return ", ".join(names[:most]) + (f" and {rest} more" if rest > 0 else "")


def _styled(text: str, style: str | None = None) -> str:
    """Return `text` in the colour of `style`, or of its own words, where colours can be shown."""
    number = _STYLES.get(style or text)
    if number is None or "NO_COLOR" in os.environ or not sys.stdout.isatty():
        return text
    return f"\x1b[{number}m{text}\x1b[0m"
