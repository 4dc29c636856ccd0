"""What the pages of one investigation are drawn from: its report, looked up once."""

from __future__ import annotations

import ast
import functools
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from textwrap import dedent

from casebook import answers, outcomes, places
from casebook.answers import Answer, Choice
from casebook.claims import concerns
from casebook.investigation import Investigation, Pattern
from casebook.observed import Evidence
from casebook.places import Place
from casebook.record import Claim, Event, History, VerdictWord
from casebook.report import ControlOutcome, Fact, Finding, Report
from casebook.results import Key
from casebook.sources import source as module_file

VERDICTS: tuple[VerdictWord, ...] = ("supported", "refuted", "inconclusive", "not-tested")


@dataclass(frozen=True, slots=True)
class Cell:
    """One pattern in one place: its finding, or None, and whether there should be one.

    A control is judged by the claims that name it alone, see `claims.concerns`.
    """

    place: Place
    pattern: Pattern
    finding: Finding | None
    asked: bool


@dataclass(frozen=True, slots=True)
class Row:
    """One claim across the columns of a table."""

    claim: Claim
    cells: tuple[Cell, ...]

    @property
    def findings(self) -> tuple[Finding, ...]:
        """The findings that there are."""
        return tuple(cell.finding for cell in self.cells if cell.finding)


@dataclass(frozen=True, slots=True)
class Table:
    """The findings of one place: claims by patterns."""

    place: Place
    patterns: tuple[Pattern, ...]
    rows: tuple[Row, ...]


@dataclass(frozen=True, slots=True)
class ControlRow:
    """What one control was declared to show of a claim, and what it showed in each place."""

    claim: Claim
    pattern: Pattern
    expected: str
    cells: tuple[ControlOutcome | None, ...]


@dataclass(frozen=True, slots=True)
class Gap:
    """Findings of one place that say neither supported nor refuted, for one reason."""

    place: Place
    verdict: VerdictWord
    reason: str
    findings: tuple[Finding, ...]

    @property
    def patterns(self) -> tuple[str, ...]:
        """The ids of the patterns that are concerned, in order."""
        return tuple(dict.fromkeys(finding.pattern for finding in self.findings))


@dataclass(frozen=True, slots=True)
class Shown:
    """Events of one history that show a verdict, with their numbers, counted from 1.

    `twin` is the environment where that ran, where it is another than the finding's, or "".
    """

    experiment: str
    run: int
    runs: int
    events: tuple[tuple[int, Event], ...]
    twin: str = ""


class Book:
    """Everything that the pages of one report show."""

    def __init__(self, root: Path, report: Report) -> None:
        self.root = root
        self.report = report
        self.investigation = report.investigation
        self.claims = {claim.id: claim for claim in report.claims}
        self.patterns = {pattern.id: pattern for pattern in report.investigation.patterns}
        self.places = places.places(report)
        self.findings = {
            (finding.environment, finding.database, finding.pattern, finding.claim): finding
            for finding in report.findings
        }
        self.cells = {
            (*key, cell.pattern, cell.experiment): cell
            for key, record in report.records.items()
            for cell in record.cells
        }
        self.grades = {
            (grade.environment, grade.database, grade.pattern): grade for grade in report.grades
        }

    @property
    def gate(self) -> Claim | None:
        """The claim that a pattern can be set up at all."""
        return next((claim for claim in self.report.claims if claim.gate), None)

    def on_each_database(self, environment: str, pattern: str, claim: str) -> tuple[Finding, ...]:
        """Return the findings of a claim on a pattern in an environment, one for each database."""
        keys = (key for key in self.places if key[0] == environment)
        found = (self.findings.get((*key, pattern, claim)) for key in keys)
        return tuple(finding for finding in found if finding)

    def address(self, finding: Finding) -> str:
        """Return where a finding is on the site, relative to its root."""
        return address(self.investigation, finding)

    def source(self, pattern: Pattern) -> str:
        """Return the exact source of a pattern's function."""
        return source(self.root, self.investigation, pattern)

    def histories(self, place: Place, pattern: str, experiment: str) -> tuple[History, ...]:
        """Return what was recorded of a cell, empty where nothing was."""
        ran_in = self.report.ran_in.get((*place.key, experiment), place.environment.id)
        cell = self.cells.get((ran_in, place.database, pattern, experiment))
        return cell.histories if cell else ()

    def shown(self, finding: Finding | Fact) -> tuple[Shown, ...]:
        """Return the events that show a finding's verdict, or a fact's."""
        return tuple(one for evidence in finding.evidence if (one := self._show(finding, evidence)))

    def _show(self, finding: Finding | Fact, evidence: Evidence) -> Shown | None:
        ran_in = evidence.environment or finding.environment
        key = ran_in, finding.database, finding.pattern, evidence.experiment
        cell = self.cells.get(key)
        if not cell or not evidence.events or evidence.history >= len(cell.histories):
            return None
        events = cell.histories[evidence.history].events
        numbered = tuple((at + 1, events[at]) for at in evidence.events if at < len(events))
        twin = ran_in if ran_in != finding.environment else ""
        return Shown(evidence.experiment, evidence.history + 1, len(cell.histories), numbered, twin)

    # --- The answer

    @cached_property
    def answers(self) -> tuple[Answer, ...]:
        """What to write and what not, backend by backend."""
        return answers.answers(self.report, self.places, self.findings)

    def choice(self, place: Place, pattern: Pattern) -> Choice | None:
        """Return the grade of a pattern in a place, None where it has none, as controls may."""
        grade = self.grades.get((*place.key, pattern.id))
        return answers.choice(self.report, self.findings, grade) if grade else None

    @cached_property
    def counts(self) -> Counter[str]:
        """How many findings of patterns that are no controls have each verdict."""
        words = Counter(
            finding.verdict
            for finding in self.report.findings
            if not self.patterns[finding.pattern].control
        )
        return Counter({word: words[word] for word in VERDICTS})

    @cached_property
    def failed_controls(self) -> tuple[ControlOutcome, ...]:
        """The controls that came out otherwise than declared."""
        outcomes = self.report.controls
        return tuple(one for one in outcomes if not one.held and one.verdict != "not-tested")

    @cached_property
    def unobserved_controls(self) -> tuple[ControlOutcome, ...]:
        """The controls that should have run and did not."""
        outcomes = self.report.controls
        return tuple(one for one in outcomes if not one.held and one.verdict == "not-tested")

    @property
    def complete(self) -> bool:
        """Whether all that was planned was observed, now, and every control held."""
        report = self.report
        gaps = report.coverage.not_tested or report.problems or report.not_rerun
        controls = self.failed_controls or self.unobserved_controls
        return not (gaps or controls or report.failed_checkers)

    # --- The comparison and the method

    @cached_property
    def comparison(self) -> tuple[Table, ...]:
        """One table for each place, claims by patterns, controls last."""
        return tuple(self._table(place) for place in self.places.values())

    def _table(self, place: Place) -> Table:
        found = {key[2] for key in self.findings if key[:2] == place.key}
        patterns = [one for one in self.patterns.values() if one.id in found and not one.control]
        if not place.unavailable:
            patterns += [one for one in self.investigation.controls if one.id in found]
        cells = [(place, pattern) for pattern in patterns]
        return Table(place, tuple(patterns), self.rows(cells))

    def rows(self, columns: Iterable[tuple[Place, Pattern]]) -> tuple[Row, ...]:
        """Return each claim across these columns."""
        columns = tuple(columns)
        return tuple(
            Row(claim, tuple(self._cell(claim, place, pattern) for place, pattern in columns))
            for claim in self.report.claims
        )

    def _cell(self, claim: Claim, place: Place, pattern: Pattern) -> Cell:
        finding = self.findings.get((*place.key, pattern.id, claim.id))
        return Cell(place, pattern, finding, asked=concerns(claim, pattern))

    @cached_property
    def control_rows(self) -> tuple[ControlRow, ...]:
        """Each claim with each of its controls, and how it came out in each place."""
        outcomes = {
            (one.claim, one.pattern, one.environment, one.database): one
            for one in self.report.controls
        }
        return tuple(
            ControlRow(
                claim,
                self.patterns[name],
                "supported" if name in claim.supported_by else "refuted",
                tuple(outcomes.get((claim.id, name, *key)) for key in self.places),
            )
            for claim in self.report.claims
            for name in claim.controls
        )

    @cached_property
    def faults(self) -> outcomes.Table:
        """The faults put in on purpose, and which findings they turned."""
        return outcomes.table(self.root, self.report)

    @cached_property
    def gaps(self) -> tuple[Gap, ...]:
        """What is inconclusive or was not tested, by place and reason."""
        groups: dict[tuple[Key, VerdictWord, str], list[Finding]] = {}
        for one in self.report.findings:
            if one.verdict in ("inconclusive", "not-tested"):
                key = (one.environment, one.database), one.verdict, one.reason
                groups.setdefault(key, []).append(one)
        return tuple(
            Gap(self.places[key], verdict, reason, tuple(findings))
            for (key, verdict, reason), findings in groups.items()
        )


def address(investigation: Investigation, finding: Finding) -> str:
    """Return where a finding is on the site, relative to its root."""
    return f"{investigation.id}/patterns/{finding.pattern}.html#{finding.id}"


# --- Sources --------------------------------------------------------------------------------------


def source(root: Path, investigation: Investigation, pattern: Pattern) -> str:
    """Return the exact source of a pattern's function, read from its module, which is not imported.

    Raises LookupError where the module has no such function.
    """
    file = source_file(root, investigation, pattern)
    status = file.stat()
    functions = _functions(file, status.st_mtime_ns, status.st_size)
    if pattern.function not in functions:
        wanted = f"{pattern.function!r} for the pattern {pattern.id!r}"
        raise LookupError(f"{file}: no function {wanted}")
    return functions[pattern.function]


def source_file(root: Path, investigation: Investigation, pattern: Pattern) -> Path:
    """Return the module in which a pattern's function stands; raise LookupError without one."""
    module = investigation.backend(pattern.backend).patterns
    file = module_file(root, module)
    if file is None:
        raise LookupError(f"no module {module!r} in {root} for the pattern {pattern.id!r}")
    return file


@functools.lru_cache(maxsize=64)
def _functions(file: Path, modified: int, size: int) -> dict[str, str]:
    """Return the source of each of a module's functions by its name, as of a file's state."""
    text = file.read_text(encoding="utf-8")
    lines = text.splitlines()
    return {
        node.name: dedent("\n".join(lines[_first(node) - 1 : node.end_lineno]))
        for node in ast.parse(text, filename=str(file)).body
        if isinstance(node, ast.FunctionDef)
    }


def _first(node: ast.FunctionDef) -> int:
    """Return the first line of a function, which its decorators precede."""
    return min([node.lineno, *(one.lineno for one in node.decorator_list)])
