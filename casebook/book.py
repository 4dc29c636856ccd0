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

from casebook import addresses, answers, outcomes, places
from casebook.answers import Answer, Choice
from casebook.observed import Evidence
from casebook.places import Place
from casebook.plan.claims import concerns
from casebook.plan.investigation import Investigation, Pattern
from casebook.plan.sources import source as module_file
from casebook.record import Claim, Event, History, VerdictWord
from casebook.report import ControlOutcome, Fact, Finding, Report
from casebook.reproduction import Reproductions
from casebook.results import Key

VERDICTS: tuple[VerdictWord, ...] = ("supported", "refuted", "inconclusive", "not-tested")


@dataclass(frozen=True, slots=True)
class Cell:
    """One pattern in one place: its finding, or None, and whether there should be one.

    A control is judged by the claims that name it alone, see `claims.concerns`. `otherwise` are
    findings of the same environment on other databases whose verdicts are others.
    """

    place: Place
    pattern: Pattern
    finding: Finding | None
    asked: bool
    otherwise: tuple[Finding, ...] = ()


@dataclass(frozen=True, slots=True)
class Row:
    """One claim across the columns of a table."""

    claim: Claim
    cells: tuple[Cell, ...]

    @property
    def findings(self) -> tuple[Finding, ...]:
        """The findings that there are."""
        return tuple(cell.finding for cell in self.cells if cell.finding)

    @property
    def databases(self) -> tuple[str, ...]:
        """The databases of the findings that are shown, each once."""
        return tuple(dict.fromkeys(finding.database for finding in self.findings))


@dataclass(frozen=True, slots=True)
class Table:
    """The findings of one environment, on all its databases: claims by patterns.

    `place` is the environment on its first database. All patterns and claims are about the same.
    """

    place: Place
    places: tuple[Place, ...]
    about: str
    patterns: tuple[Pattern, ...]
    rows: tuple[Row, ...]

    @property
    def usual(self) -> tuple[Pattern, ...]:
        """The patterns that are no controls."""
        return tuple(pattern for pattern in self.patterns if not pattern.control)

    @property
    def otherwise(self) -> int:
        """How many cells another database answers otherwise."""
        return sum(bool(cell.otherwise) for row in self.rows for cell in row.cells)


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
    `download` is where the record that holds them is on the site.
    """

    experiment: str
    run: int
    runs: int
    events: tuple[tuple[int, Event], ...]
    download: str
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

    @cached_property
    def reproductions(self) -> Reproductions:
        """What shows a finding to who has none of this project."""
        return Reproductions(self.root, self.report)

    @property
    def gate(self) -> Claim | None:
        """The claim that a pattern can be set up at all."""
        return next((claim for claim in self.report.claims if claim.gate), None)

    def first_place(self, environment: str) -> Place:
        """Return an environment on its first database; raise PlanError for one that is unknown."""
        self.investigation.environment(environment)
        return next(place for key, place in self.places.items() if key[0] == environment)

    def on_each_database(self, environment: str, pattern: str, claim: str) -> tuple[Finding, ...]:
        """Return the findings of a claim on a pattern in an environment, one for each database."""
        keys = (key for key in self.places if key[0] == environment)
        found = (self.findings.get((*key, pattern, claim)) for key in keys)
        return tuple(finding for finding in found if finding)

    def address(self, finding: Finding) -> str:
        """Return where a finding is on the site, relative to its root."""
        return addresses.finding(self.investigation, finding)

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
        return Shown(
            experiment=evidence.experiment,
            run=evidence.history + 1,
            runs=len(cell.histories),
            events=numbered,
            download=addresses.record(self.investigation, (ran_in, finding.database)),
            twin=twin,
        )

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
        """Claims by patterns, controls last: a table for each environment and what is asked of.

        Patterns and claims that are about something else than the investigation's question have a
        table of their own.
        """
        environments: dict[str, list[Place]] = {}
        for place in self.places.values():
            environments.setdefault(place.environment.id, []).append(place)
        return tuple(
            self._table(tuple(places), about)
            for places in environments.values()
            for about in self._abouts(places[0])
        )

    def _abouts(self, place: Place) -> Iterable[str]:
        """Return what the findings of an environment are about, the question first."""
        found = {key[2] for key in self.findings if key[0] == place.environment.id}
        return {"": None} | {one.about: None for one in self.patterns.values() if one.id in found}

    def _table(self, places: tuple[Place, ...], about: str) -> Table:
        first, *others = places
        found = {key[2] for key in self.findings if key[0] == first.environment.id}
        known = [one for one in self.patterns.values() if one.id in found and one.about == about]
        patterns = [one for one in known if not one.control]
        if not first.unavailable:
            patterns += [one for one in known if one.control]
        cells = [(first, pattern) for pattern in patterns]
        return Table(first, places, about, tuple(patterns), self.rows(cells, others))

    def rows(
        self, columns: Iterable[tuple[Place, Pattern]], others: Iterable[Place] = ()
    ) -> tuple[Row, ...]:
        """Return each claim that is asked of a column across all of them.

        With `others`, the same environment on other databases, a cell shows theirs, too.
        """
        columns, others = tuple(columns), tuple(others)
        rows = (
            Row(claim, tuple(self._cell(claim, *column, others) for column in columns))
            for claim in self.report.claims
        )
        return tuple(row for row in rows if any(cell.asked for cell in row.cells))

    def _cell(
        self, claim: Claim, place: Place, pattern: Pattern, others: tuple[Place, ...]
    ) -> Cell:
        places = [one for one in (place, *others) if (one.key, claim.id) in self._judged]
        keys = [(*one.key, pattern.id, claim.id) for one in places]
        found = [self.findings[key] for key in keys if key in self.findings]
        asked = concerns(claim, pattern) and bool(places)
        if not found:
            return Cell(place, pattern, None, asked)
        otherwise = (one for one in found[1:] if one.verdict != found[0].verdict)
        return Cell(place, pattern, found[0], asked, tuple(otherwise))

    @cached_property
    def _judged(self) -> set[tuple[Key, str]]:
        """The claims that are judged in each place; some cannot be on every database."""
        return {((key[0], key[1]), key[3]) for key in self.findings}

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
