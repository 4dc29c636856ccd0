"""The summary: what a run found, for the terminal at its end."""

from __future__ import annotations

import os
import sys
import textwrap
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import get_args

from casebook.before import before
from casebook.exit_codes import MEANINGS
from casebook.judge import judge
from casebook.plan.cells import planned_cells, read_experiments
from casebook.plan.claims import read_claims
from casebook.plan.investigation import Backend, Environment, Investigation
from casebook.record import VerdictWord
from casebook.report import Grade, GradeWord, Report, control_failure, main_releases
from casebook.results import gather
from casebook.text import one_line

WIDTH = 96

ITEMS = 12
"""The items of one list that the terminal shows; the pages show all of them."""

NAMES = 4
"""The claims that rule a pattern out, or keep it open, that the terminal names."""

AGAINST = 3
"""The patterns that are not to be written that the terminal names; the pages name all."""

LONGEST = 280
"""The characters of one item that the terminal shows."""

_GRADES: dict[GradeWord, str] = {
    "write-this": "write this",
    "works-deprecated": "works, deprecated",
    "dont": "don't",
    "unknown": "unknown",
}

HEAD = 19
"""The width of a grade's words before the pattern."""

_STYLES = {
    "write this": "32",
    "works, deprecated": "33",
    "don't": "31",
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


def summary(report: Report, previous: Previous) -> str:
    """Return what was found in one investigation: counts, answers, what flipped, what is missing.

    Colours are written where standard output is a terminal and NO_COLOR is unset.
    """
    paragraphs = [
        _counts(report),
        _answer(report),
        _flipped(report, previous),
        _not_tested(report),
        _failed(report),
        _invalid(report),
    ]
    return "\n\n".join("\n".join(lines) for lines in paragraphs if lines) + "\n"


def ending(page: str, code: int) -> str:
    """Return the last lines of a run: where the page is and what the exit code means."""
    return f"The page: {page}\nExit code {code}: {MEANINGS[code]}.\n"


def verdict_words(report: Report) -> dict[str, VerdictWord]:
    """Return the verdict of each finding by its id, to be compared after the next run."""
    return {finding.id: finding.verdict for finding in report.findings}


def previous(root: Path, investigation: Investigation) -> Previous:
    """Return the verdicts that the records of before have under the claims of now.

    Whether an input changed since is not asked: what they said is compared, not whether it could
    be observed again.
    """
    found = before(root, investigation.id)
    if not found.files:
        return Previous(found.since, None)
    records, _ = gather(investigation, found.files)
    claims, cells = read_claims(root, investigation), planned_cells(root, investigation)
    experiments = read_experiments(root, investigation)
    then = judge(investigation, claims, cells, records, experiments=experiments)
    return Previous(found.since, verdict_words(then))


# --- Paragraphs -----------------------------------------------------------------------------------


def _counts(report: Report) -> list[str]:
    words = Counter(finding.verdict for finding in report.findings)
    held = sum(outcome.held for outcome in report.controls)
    cells = report.coverage
    lines = [
        _styled(report.investigation.title, "heading"),
        f"{len(report.findings)} findings: "
        + ", ".join(f"{words[word]} {_styled(word)}" for word in get_args(VerdictWord)),
        f"{cells.completed} of {cells.cells} planned cells observed; "
        f"{held} of {len(report.controls)} controls as declared",
    ]
    if report.failed_checkers:
        count = _count(len(report.failed_checkers), "finding")
        lines.append(f"{_styled('failed')}: the checker, for {count}:")
        lines += _listed(report.failed_checkers)
    return lines


def _answer(report: Report) -> list[str]:
    lines = [_styled("What to write, with the newest releases", "heading")]
    for backend in report.investigation.backends:
        for environment in _newest(report.investigation, backend):
            found: dict[tuple[str, ...], list[str]] = {}
            for database in report.investigation.databases:
                if (environment.id, database) in report.homes:
                    answer = tuple(_answer_on(report, environment, database))
                    found.setdefault(answer, []).append(database)
            for answer, databases in found.items():
                names = ", ".join([environment.id, *databases])
                lines += [*_wrapped(f"{environment.title} ({names})"), *answer]
    return lines


def _answer_on(report: Report, environment: Environment, database: str) -> Iterator[str]:
    """Yield the releases that readers ask for, then each pattern's grade."""
    main = main_releases(report.investigation, report.record(environment.id, database))
    if main:
        yield from _wrapped(", ".join(f"{name} {main[name]}" for name in main))
    yield from _graded(report, environment, database)


def _newest(investigation: Investigation, backend: Backend) -> Iterator[Environment]:
    """Yield the backend's environment that is declared first, and those that stand beside it.

    `conf/` declares the environment that follows the newest releases before older ones.
    """
    first = next((one for one in investigation.environments if one.backend == backend.id), None)
    for environment in investigation.environments:
        if first and (environment is first or environment.differs_from == first.id):
            yield environment


def _graded(report: Report, environment: Environment, database: str) -> list[str]:
    record = report.record(environment.id, database)
    if record is None:
        return _wrapped("no record", head=_GRADES["unknown"])
    if record.unavailable is not None:
        return _wrapped(f"cannot be used: {record.unavailable}", head=_GRADES["dont"])
    lines = []
    for word, head in _GRADES.items():
        grades = [
            grade
            for grade in report.grades
            if (grade.environment, grade.database, grade.grade) == (environment.id, database, word)
            and not report.investigation.pattern(grade.pattern).about
        ]
        shown = grades[:AGAINST] if word in ("dont", "unknown") else grades
        for grade in shown:
            lines += _wrapped(_graded_pattern(report, grade), head=head)
        if grades[len(shown) :]:
            lines += _wrapped(f"and {len(grades) - len(shown)} other ways", head=head)
    return lines


def _graded_pattern(report: Report, grade: Grade) -> str:
    title = report.investigation.pattern(grade.pattern).title
    if grade.grade == "dont":
        return f"{title}: {_some(grade.refuted)} refuted"
    if grade.grade == "unknown":
        return f"{title}: {_some(grade.open)} open"
    return title


def _flipped(report: Report, previous: Previous) -> list[str]:
    since, then = previous.since, previous.verdicts
    if then is None:
        return [f"Nothing to compare with: there are no results from {since}."]
    now = verdict_words(report)
    flips = [
        f"{id}: {then[id]} -> {word}" for id, word in now.items() if then.get(id, word) != word
    ]
    new, gone = len(now.keys() - then.keys()), len(then.keys() - now.keys())
    if flips:
        lines = [_styled(f"Flipped since {since}", "heading"), *_listed(flips)]
    else:
        lines = [f"Nothing flipped since {since}."]
    if new or gone:
        lines.append(f"New: {_count(new, 'finding')}. Gone: {gone}.")
    return lines


def _not_tested(report: Report) -> list[str]:
    """Return what was not tested and why, one item for each reason in an environment."""
    lines = [
        f"{environment}, {database}: not rerun: {reason}"
        for (environment, database), reason in report.not_rerun.items()
    ]
    unwired = _built_to_be_unwired(report)
    groups = Counter(
        (finding.environment, finding.database, finding.reason)
        for finding in report.findings
        if finding.verdict == "not-tested"
        and (finding.pattern, finding.environment, finding.database) not in unwired
    )
    lines += (
        f"{environment}, {database}: {_count(count, 'finding')}: {reason}"
        for (environment, database, reason), count in groups.most_common()
    )
    if not lines:
        return ["Nothing was left untested."]
    return [_styled("Not tested, and why", "heading"), *_listed(lines)]


def _built_to_be_unwired(report: Report) -> set[tuple[str, str, str]]:
    """Return the controls that were to refute the gate and did: nothing else is asked of them."""
    gates = {claim.id for claim in report.claims if claim.gate}
    return {
        (outcome.pattern, outcome.environment, outcome.database)
        for outcome in report.controls
        if outcome.claim in gates and outcome.held and outcome.verdict == "refuted"
    }


def _failed(report: Report) -> list[str]:
    """Return the controls that failed; those that were not observed, one item for each reason."""
    failed = [outcome for outcome in report.controls if not outcome.held]
    if not failed:
        return []
    unobserved = Counter(
        (outcome.environment, outcome.database, outcome.reason)
        for outcome in failed
        if outcome.verdict == "not-tested"
    )
    lines = [
        f"{outcome.claim} in {outcome.environment}, {outcome.database}: {control_failure(outcome)}"
        for outcome in failed
        if outcome.verdict != "not-tested"
    ]
    lines += (
        f"{environment}, {database}: {_count(count, 'control')} not tested: {reason}"
        for (environment, database, reason), count in unobserved.most_common()
    )
    return [_styled("Controls that failed", "failed"), *_listed(lines)]


def _invalid(report: Report) -> list[str]:
    problems = [
        f"{problem.file}: {problem.place + ': ' if problem.place else ''}{problem.rule}"
        for problem in report.problems
    ]
    return [_styled("Invalid results", "failed"), *_listed(problems)] if problems else []


# --- Lines ----------------------------------------------------------------------------------------


def _listed(items: Iterable[str]) -> list[str]:
    """Return each item in lines of its own, the first `ITEMS` of them and how many there are."""
    items = list(items)
    lines = [line for item in items[:ITEMS] for line in _wrapped(item)]
    if len(items) > ITEMS:
        lines.append(f"  and {len(items) - ITEMS} more")
    return lines


def _wrapped(text: str, head: str = "") -> list[str]:
    """Return `text` in lines that fit the terminal, indented, after `head` where there is one."""
    hanging = " " * (2 if not head else 4 + HEAD)
    shown = one_line(text, LONGEST)
    lines = textwrap.wrap(shown, WIDTH - len(hanging), break_on_hyphens=False) or [""]
    first = f"    {_styled(head)}{' ' * (HEAD - len(head))}" if head else hanging
    return [first + lines[0], *(hanging + line for line in lines[1:])]


def _some(names: Sequence[str]) -> str:
    """Return the first `NAMES` of these names, and how many more there are."""
    rest = len(names) - NAMES
    return ", ".join(names[:NAMES]) + (f" and {rest} more" if rest > 0 else "")


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def _styled(text: str, style: str | None = None) -> str:
    """Return `text` in the colour of `style`, or of its own words, where colours can be shown."""
    number = _STYLES.get(style or text)
    if number is None or "NO_COLOR" in os.environ or not sys.stdout.isatty():
        return text
    return f"\x1b[{number}m{text}\x1b[0m"
