"""The summary: what a run found, for the terminal at its end, and what is missing or wrong."""

from __future__ import annotations

import os
import sys
import textwrap
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from casebook.claim import VERDICTS, VerdictWord
from casebook.cli.previous import kept_records
from casebook.exit_codes import MEANINGS
from casebook.judge.answers import Answers, Choice
from casebook.judge.grades import GRADES
from casebook.judge.judge import judge
from casebook.judge.report import ControlOutcome, Finding, Report, control_failure
from casebook.judge.results import gather
from casebook.judge.settings import ShownSetting
from casebook.plan.cells import planned_cells, read_experiments
from casebook.plan.claims import read_claims
from casebook.plan.investigation import Investigation, Setting
from casebook.text import one_line

WIDTH = 96

ITEMS = 12
"""The items of one list that the terminal shows; the pages show all of them."""

NAMES = 4
"""The things that rule a pattern out, or keep it open, that the terminal names."""

AGAINST = 3
"""The patterns to avoid that the terminal names; the pages name all."""

LONGEST = 280
"""The characters of one item that the terminal shows."""

HEAD = 2 + max(len(label.name) for label in GRADES.values())
"""The width of a grade's name before the pattern."""

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


def summary(report: Report, previous: Previous) -> str:
    """Return what was found in one investigation: counts, answers, what turned, what is missing.

    Colours are written where standard output is a terminal and NO_COLOR is unset.
    """
    paragraphs = [
        _counts(report),
        _answer(report),
        _turned(report, previous),
        _not_tested(report) or ["Nothing was left untested."],
        *_shortcomings(report),
    ]
    return "\n\n".join("\n".join(lines) for lines in paragraphs if lines) + "\n"


def shortcomings(report: Report) -> list[str]:
    """Return in lines why the exit code of a report is not 0, and what to do; none where it is."""
    return [line for lines in _shortcomings(report) for line in lines]


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
    found = kept_records(root, investigation.id)
    if not found.recorded:
        return Previous(found.since, None)
    results = gather(investigation, found.files)
    claims, cells = read_claims(root, investigation), planned_cells(root, investigation)
    experiments = read_experiments(root, investigation)
    then = judge(investigation, claims, cells, results, experiments=experiments)
    return Previous(found.since, verdict_words(then))


# --- What was found -------------------------------------------------------------------------------


def _counts(report: Report) -> list[str]:
    counts, cells = report.counts, report.coverage
    held = sum(outcome.held for outcome in report.controls)
    words = ", ".join(f"{counts.of_patterns[word]} {_styled(word)}" for word in VERDICTS)
    return [
        _styled(report.investigation.title, "heading"),
        f"{counts.findings} findings: {counts.patterns} of patterns, {counts.controls} of controls",
        f"Of patterns: {words}",
        f"{cells.completed} of {cells.cells} planned cells observed; "
        f"{held} of {len(report.controls)} controls as declared",
    ]


def _answer(report: Report) -> list[str]:
    lines = [_styled("What to write, with the newest releases", "heading")]
    for answer in Answers(report).backends:
        for one in answer.primary:
            same = [one.setting.database, *(other.database for other in one.same)]
            lines += _settings_answer(report, one.setting, same, one.choices)
            for other in one.otherwise:
                where = [other.setting.database]
                lines += _settings_answer(report, other.setting, where, other.choices)
    return lines


def _settings_answer(
    report: Report, setting: ShownSetting, databases: Sequence[str], choices: Sequence[Choice]
) -> list[str]:
    """Return the answer in one environment, with the releases that readers ask for."""
    names = ", ".join([setting.environment.id, *databases])
    lines = _wrapped(f"{setting.environment.title} ({names})")
    if setting.headline:
        lines += _wrapped(", ".join(f"{name} {one}" for name, one in setting.headline.items()))
    if setting.record is None:
        return [*lines, *_wrapped("no record", head=GRADES["unknown"].name)]
    if setting.unavailable:
        why = f"cannot be imported: {setting.unavailable}"
        return [*lines, *_wrapped(why, head=GRADES["avoid"].name)]
    for grade, words in GRADES.items():
        graded = [choice for choice in choices if choice.grade == grade]
        shown = graded[:AGAINST] if grade in ("avoid", "unknown") else graded
        for choice in shown:
            lines += _wrapped(_told(report, choice), head=words.name)
        if graded[len(shown) :]:
            lines += _wrapped(f"{len(graded) - len(shown)} other ways", head=words.name)
    return lines


def _told(report: Report, choice: Choice) -> str:
    """Return a pattern with what keeps it from being recommended."""
    why = _some([_otherwise(report, finding) for finding in choice.against])
    return f"{choice.pattern.title}: {why}" if why else choice.pattern.title


def _otherwise(report: Report, finding: Finding) -> str:
    if finding.verdict == "refuted":
        return report.claims_by_id[finding.claim].otherwise
    return f"{finding.claim} {finding.verdict.replace('-', ' ')}"


def _turned(report: Report, previous: Previous) -> list[str]:
    since, then = previous.since, previous.verdicts
    if then is None:
        return [f"Nothing to compare with: there are no results from {since}."]
    now = verdict_words(report)
    turned = [
        f"{id}: {then[id]} -> {word}" for id, word in now.items() if then.get(id, word) != word
    ]
    new, gone = len(now.keys() - then.keys()), len(then.keys() - now.keys())
    if turned:
        lines = [_styled(f"Turned since {since}", "heading"), *_listed(turned)]
    else:
        lines = [f"No verdict turned since {since}."]
    if new or gone:
        lines.append(f"New: {_count(new, 'finding')}. Gone: {gone}.")
    return lines


def _not_tested(report: Report) -> list[str]:
    """Return what was not tested and why, one item for each reason."""
    unwired = _built_to_be_unwired(report)
    found = (
        (one.setting, one.reason)
        for one in report.findings
        if one.verdict == "not-tested" and (one.pattern, one.setting) not in unwired
    )
    lines = [
        f"{_count(len(settings), 'finding')}, {_where(settings)}: {reason}"
        for reason, settings in _grouped(found)
    ]
    return [_styled("Not tested, and why", "heading"), *_listed(lines)] if lines else []


def _built_to_be_unwired(report: Report) -> set[tuple[str, Setting]]:
    """Return the controls that were to refute the gate and did: nothing else is asked of them."""
    gates = {claim.id for claim in report.claims if claim.gate}
    return {
        (outcome.pattern, outcome.setting)
        for outcome in report.controls
        if outcome.claim in gates and outcome.held and outcome.verdict == "refuted"
    }


# --- What is missing or wrong, and what to do about it --------------------------------------------


def _shortcomings(report: Report) -> Iterator[list[str]]:
    """Yield a paragraph for each way in which a report falls short; each is shown whole."""
    for paragraph, items in (
        ("The checker failed", list(_failed_checkers(report))),
        ("Invalid results", list(_invalid(report))),
        ("Not rerun", list(_not_rerun(report))),
        ("Not observed", list(_unobserved(report))),
        ("Controls that failed", list(_failed_controls(report))),
    ):
        if items:
            yield [
                _styled(paragraph, "failed"),
                *(line for what, fix in items for line in (*_wrapped(what), *_wrapped(fix))),
            ]


def _failed_checkers(report: Report) -> Iterator[tuple[str, str]]:
    for id in report.failed_checkers:
        finding = report.by_id.get(id)
        why = f": {finding.reason}" if finding else ""
        fix = f"fix the claim in {report.investigation.claims}"
        yield f"{id}{why}", fix if finding else "fix the check"


def _invalid(report: Report) -> Iterator[tuple[str, str]]:
    for problem in report.problems:
        place = f"{problem.place}: " if problem.place else ""
        fix = f"restore it with `git checkout -- {problem.file}`, or run its environment again"
        yield f"{problem.file}: {place}{problem.rule}", fix


def _not_rerun(report: Report) -> Iterator[tuple[str, str]]:
    found = ((setting, reason) for setting, reason in report.not_rerun.items())
    for reason, settings in _grouped(found):
        yield f"{_where(settings)}: {reason}", _run_again(settings)


def _unobserved(report: Report) -> Iterator[tuple[str, str]]:
    groups: dict[str, list[Setting]] = {}
    cells: dict[str, int] = {}
    for (setting, reason), count in report.unobserved.items():
        groups.setdefault(reason, []).append(setting)
        cells[reason] = cells.get(reason, 0) + count
    for reason, settings in groups.items():
        what = f"{_count(cells[reason], 'cell')}, {_where(settings)}: {reason}"
        yield what, _run_again(settings)


def _failed_controls(report: Report) -> Iterator[tuple[str, str]]:
    for outcome in report.failed_controls:
        what = f"{outcome.claim}, {_where([outcome.setting])}: {control_failure(outcome)}"
        yield what, _show(report, outcome)
    found = ((one.setting, one.reason) for one in report.unobserved_controls)
    for reason, settings in _grouped(found):
        yield f"{_count(len(settings), 'control')} not tested, {_where(settings)}: {reason}", ""


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


def _where(settings: Iterable[Setting]) -> str:
    """Return these settings, each environment once with its databases."""
    databases: dict[str, dict[str, None]] = {}
    for setting in settings:
        databases.setdefault(setting.environment, {})[setting.database] = None
    named = [f"{id} ({', '.join(some)})" for id, some in databases.items()]
    return "in " + _some(named)


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
    if not text:
        return []
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
