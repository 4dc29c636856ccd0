"""The summary: what a run found, for the terminal at its end, and what is missing or wrong."""

from __future__ import annotations

import textwrap
from collections import Counter
from collections.abc import Container, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from types import MappingProxyType

from casebook.claim import VERDICTS, VerdictWord
from casebook.cli.lines import HEAD, WIDTH, some, styled, wrapped
from casebook.cli.previous import kept_records
from casebook.cli.wrong import Faults, faulty, first_wrong, told, wrong
from casebook.exit_codes import ENDINGS
from casebook.judge.answers import Answer, Answers, Choice, SettingAnswer, standing
from casebook.judge.comparison import side_of, what_turned
from casebook.judge.findings import Finding
from casebook.judge.grades import GRADES, WORKING
from casebook.judge.project import reports_on
from casebook.judge.report import Report
from casebook.judge.results import gather
from casebook.judge.untested import untested
from casebook.plan.investigation import Investigation
from casebook.site.build import INDEX
from casebook.text import counted, one_line

"""The columns of a terminal that is not wide."""

REASONS = 3
"""The reasons why something was not tested that the terminal names; the pages name all."""

TURNED = 4
"""The lines of turned findings that the terminal shows; the pages show all of them."""

ROOM = 18
"""The lines of a screen that are left beside how long it took, the page and the exit code.

Where all went well the exit code takes one line and not up to three.
"""

"""How many items of a kind went wrong are shown, each in how many lines: the most first."""

"""The things that rule a pattern out, or keep it open, that the terminal names."""

"""The characters of one item that the terminal shows."""

SHORTEST = 22
"""The characters of a pattern's title that the terminal shows at least."""

"""The width of a grade's name before the pattern."""

"""The files that are named beside one to which the same happened."""

"""How the rule ends that a record breaks whose environment or database is not declared."""

"""The kind of what went wrong that the rest may follow from, and so is always told whole."""


@dataclass(frozen=True, slots=True)
class Previous:
    """The verdicts of findings by id as they were at the moment `since`, None where none were."""

    since: str
    verdicts: Mapping[str, VerdictWord] | None


def summary(report: Report, previous: Previous, faults: Faults = MappingProxyType({})) -> str:
    """Return what was found in one investigation: counts, answers, what turned, what is missing.

    It fits in one screen. Where something ended badly that comes first, with what to do, and the
    rest is folded to counts. Colours are written where standard output is a terminal and NO_COLOR
    is unset.
    """
    title = styled(report.investigation.title, "heading")
    became = _became(report, previous)
    if ended := [*faulty(report, faults), *wrong(report, faults)]:
        turned = became.said
        folded = [*_counts(report), _answer_in_all(report), turned, *_not_tested_in_all(report)]
        found = [*folded, *textwrap.wrap(f"All of it, and why: {_page(report)}", WIDTH)]
        room = ROOM - len(found) - 2
        ended_badly = [title, *first_wrong(ended, room)]
        fits = len(ended_badly) <= room + 1
        paragraphs = [ended_badly, found] if fits else [[*ended_badly, *found]]
    else:
        found = [title, *_counts(report)]
        least = _turned_and_not_tested(report, became, 0)
        answer = _answer(report, ROOM + 2 - len([*found, "", "", *least]))
        room = ROOM + 2 - len([*found, "", *answer, "", "what turned", "not tested"])
        paragraphs = [found, answer, _turned_and_not_tested(report, became, room)]
    return "\n\n".join("\n".join(lines) for lines in paragraphs if lines) + "\n"


def shortcomings(report: Report) -> list[str]:
    """Return in lines why the exit code of a report is not 0, and what to do; none where it is."""
    return [
        line
        for kind, items in wrong(report)
        for line in (styled(kind, "failed"), *(part for item in items for part in told(*item)))
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
    return Previous(found.since, _planned_words(then))


def _planned_words(report: Report) -> dict[str, VerdictWord]:
    """Return the verdict of each finding of which the records show that something was to run."""
    findings = side_of("", report).findings.values()
    return {one.id: one.verdict for one in findings if one.planned}


# --- What was found -------------------------------------------------------------------------------


def _counts(report: Report) -> list[str]:
    counts, cells = report.counts, report.coverage
    held = sum(outcome.held for outcome in report.controls)
    words = ", ".join(f"{counts.of_patterns[word]} {styled(word)}" for word in VERDICTS)
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
        yield from textwrap.wrap(f"{subject} fails with what is right, too: {some(claims)}", WIDTH)


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
    lines = [styled(line, "heading") for line in textwrap.wrap(one_line(heading), WIDTH)]
    if answers.common:
        beside = some([report.claims_by_id[claim].otherwise for claim in answers.common], 1)
        lines += wrapped(f"whichever is chosen: {beside}")
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
            said = [wrapped(f"{name}:"), *_choices(report, one.choices, avoided)]
            for other in one.otherwise:
                said += [wrapped(f"on {other.setting.database} otherwise:")]
                said += _choices(report, other.choices, avoided)
            yield said
            before = ""
        else:
            cannot = one.setting.cannot if one.setting.record else "has no record"
            before = f"{name} {cannot}; "
    if before:
        yield [wrapped(before.rstrip("; "))]


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
        why = beside or some([_otherwise(report, finding) for finding in refuting])
        after = f"{f': {why}' if why else ''}{more}"
        room = max(SHORTEST, WIDTH - 4 - HEAD - len(after))  # what is cut is the pattern
        yield wrapped(one_line(first.pattern.title, room) + after, GRADES[first.grade].name)


def _otherwise(report: Report, finding: Finding) -> str:
    if finding.verdict == "refuted":
        return report.claims_by_id[finding.claim].otherwise
    return f"{finding.claim} {finding.verdict.replace('-', ' ')}"


@dataclass(frozen=True, slots=True)
class _Became:
    """What became of the verdicts of before: in a line, and those that turned, one by one."""

    said: str
    turned: tuple[str, ...] = ()


def _became(report: Report, previous: Previous) -> _Became:
    """Return what became of the verdicts of before."""
    since, then = previous.since, previous.verdicts
    if then is None:
        return _Became(f"Nothing to compare with: there are no results from {since}.")
    now = verdict_words(report)
    became = what_turned(then, now)
    turned = tuple(f"{id}: {then[id]} -> {now[id]}" for id in became.turned)
    new = len(_planned_words(report).keys() & set(became.appeared)) if became.appeared else 0
    gone = len(became.went)
    said = f"{counted(len(turned), 'verdict')} turned" if turned else "No verdict turned"
    changed = f"; {counted(new, 'finding')} new, {gone} gone" if new or gone else ""
    return _Became(styled(f"{said} since {since}{changed}.", "heading" if turned else None), turned)


def _turned(report: Report, became: _Became, most: int) -> list[str]:
    """Return how many verdicts turned, in the first line, and then which, in about `most` lines."""
    lines = [became.said]
    if became.turned and most < 3:
        return [*lines, f"  see {_page(report)}"]
    for number, one in enumerate(became.turned):
        told = wrapped(one)
        if len(lines) + len(told) > most and number:
            return [*lines, f"  and {len(became.turned) - number} more: see {_page(report)}"]
        lines += told
    return lines


def _turned_and_not_tested(report: Report, became: _Became, room: int) -> list[str]:
    """Return what turned and what was not tested, each in a line and what fits into `room` more."""
    turned = _turned(report, became, min(room, TURNED))
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
