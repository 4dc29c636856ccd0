"""What the pages of one investigation are drawn from: its report, its answers and its tables."""

from __future__ import annotations

import ast
import functools
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from textwrap import dedent

from casebook.claim import Claim
from casebook.draw.svg import Drawing, draw
from casebook.draw.timeline import WHOLE, Excerpt
from casebook.editions import addresses
from casebook.judge import kinds
from casebook.judge.answers import Answer, Answers, Choice
from casebook.judge.findings import Fact, Finding
from casebook.judge.holding import Holding
from casebook.judge.observed import NOTHING_ADDS, Evidence
from casebook.judge.releases import Releases
from casebook.judge.report import Report
from casebook.judge.settings import ShownSetting
from casebook.judge.symptoms import SeenSymptom, SeenWith, seen_symptoms
from casebook.judge.untested import Untested, brief, untested
from casebook.plan.investigation import (
    Database,
    Diagram,
    Environment,
    Investigation,
    Pattern,
    Setting,
)
from casebook.plan.mistakes import one_of
from casebook.plan.sources import first_line, python_text
from casebook.plan.sources import source as module_file
from casebook.proof.outcomes import FaultsTable, faults_table
from casebook.proof.scores import MutantsTable, mutants_table
from casebook.proof.scripts import Reproductions, missing
from casebook.record import Event, History
from casebook.site.tables import ControlTable, OpenFindings, Table, TableCell, Tables
from casebook.text import one_line


@dataclass(frozen=True, slots=True)
class Shown:
    """Events of one history that show a verdict, with their numbers, counted from 1.

    `twin` is the environment where that ran, where it is another than the finding's, or "".
    `digest` names the history.
    """

    experiment: str
    run: int
    runs: int
    events: tuple[tuple[int, Event], ...]
    digest: str
    twin: str = ""


class Book:
    """Everything that the pages of one report show."""

    def __init__(self, root: Path, report: Report) -> None:
        self.root = root
        self.report = report
        self.investigation = report.investigation
        self.claims = report.claims_by_id
        self.patterns = {pattern.id: pattern for pattern in report.investigation.patterns}
        self.answer = Answers(report)
        self.settings = self.answer.settings
        self.releases = Releases(report)
        self.holding = Holding(self.releases)
        self.tables = Tables(report, self.settings)
        self._drawings: dict[tuple[str, tuple[str, ...], Excerpt], Drawing] = {}

    @cached_property
    def reproductions(self) -> Reproductions:
        """The scripts that show a finding to somebody who has none of this project."""
        return Reproductions(self.root, self.report)

    @property
    def without_script(self) -> tuple[str, ...]:
        """The ids of the claims that no function of the reproductions shows."""
        return missing(self.root, self.report)

    @cached_property
    def recorded(self) -> kinds.Recorded:
        """The kinds of events and the letters of labels that there are."""
        return kinds.recorded(self.root, self.report)

    @property
    def gate(self) -> Claim | None:
        """The claim that a pattern can be set up at all."""
        return next((claim for claim in self.report.claims if claim.gate), None)

    def first_setting(self, environment: str) -> ShownSetting:
        """Return an environment on its first database; raise PlanError for an unknown one."""
        self.investigation.environment(environment)
        return self.settings[self.report.databases_of(environment)[0]]

    def left_out(self, environment: Environment) -> tuple[Database, ...]:
        """Return the databases that an environment lacks the driver of, so that nothing ran."""
        tried = {setting.database for setting in self.report.databases_of(environment.id)}
        databases = map(self.investigation.database, self.investigation.databases)
        return tuple(one for one in databases if one.needs and one.id not in tried)

    def lacking(self, environment: Environment) -> dict[str, int]:
        """Return what experiments need and nothing adds to an environment, with the findings."""
        reasons = (one.reason for one in self.report.findings if one.environment == environment.id)
        return Counter(brief(reason) for reason in reasons if NOTHING_ADDS in reason)

    def on_each_database(self, environment: str, pattern: str, claim: str) -> tuple[Finding, ...]:
        """Return the findings of a claim on a pattern in an environment, one for each database."""
        settings = self.report.databases_of(environment)
        found = (self.report.finding(claim, pattern, setting) for setting in settings)
        return tuple(finding for finding in found if finding)

    def ran_in(self, setting: ShownSetting, experiment: str) -> str:
        """Return the environment in which an experiment ran; raise LookupError if it is in no plan.

        It is that of the setting, or a twin.
        """
        ran_in = self.report.ran_in
        if (*setting.key, experiment) not in ran_in:
            planned = [name for *key, name in ran_in if key == [*setting.key]]
            where = setting.environment.id
            fix = one_of(experiment, planned)
            raise LookupError(f"{experiment!r} is not planned in {where!r}: {fix}")
        return ran_in[*setting.key, experiment]

    def address(self, finding: Finding) -> str:
        """Return where a finding is on the site, relative to its root."""
        return addresses.finding(self.investigation, finding)

    def source(self, pattern: Pattern) -> str:
        """Return the exact source of a pattern's function."""
        return source(self.root, self.investigation, pattern)

    def histories(self, setting: ShownSetting, pattern: str, experiment: str) -> dict[str, History]:
        """Return what was recorded of a cell by digest, empty where nothing was."""
        ran_in = self.report.ran_in.get((*setting.key, experiment), setting.environment.id)
        cell = self.report.cell(Setting(ran_in, setting.database), pattern, experiment)
        found = self.report.histories_of(cell)
        return dict(zip(cell.histories, found, strict=True)) if cell and found else {}

    def drawing(self, digest: str, diagram: Diagram, excerpt: Excerpt = WHOLE) -> Drawing:
        """Return a history drawn, which is done once for each."""
        key = digest, diagram.markers, excerpt
        if key not in self._drawings:
            self._drawings[key] = draw(self.report.histories[digest], diagram, excerpt)
        return self._drawings[key]

    def shown(self, finding: Finding | Fact) -> tuple[Shown, ...]:
        """Return the events that show a finding's verdict, or a fact's."""
        return tuple(one for evidence in finding.evidence if (one := self._show(finding, evidence)))

    def _show(self, finding: Finding | Fact, evidence: Evidence) -> Shown | None:
        report = self.releases.report_of(finding.environment)
        cell = report.cell_of(finding, evidence)
        if not cell or not evidence.events:
            return None
        ran_in = Setting(evidence.environment or finding.environment, finding.database)
        events = report.histories[cell.histories[evidence.history]].events
        return Shown(
            experiment=evidence.experiment,
            run=evidence.history + 1,
            runs=len(cell.histories),
            events=tuple((at + 1, events[at]) for at in evidence.events if at < len(events)),
            digest=cell.histories[evidence.history],
            twin=ran_in.environment if ran_in.environment != finding.environment else "",
        )

    @property
    def answers(self) -> tuple[Answer, ...]:
        """What to write and what to avoid, backend by backend."""
        return self.answer.backends

    @property
    def common(self) -> tuple[Claim, ...]:
        """The claims that change no grade and are refuted for every pattern that works."""
        return tuple(self.claims[claim] for claim in self.answer.common)

    def choice(self, setting: ShownSetting, pattern: Pattern) -> Choice | None:
        """Return the grade of a pattern in a setting, None where it has none, as controls may."""
        return self.answer.choice(pattern, setting.key)

    @cached_property
    def comparison(self) -> tuple[Table, ...]:
        """Claims by patterns: a table for each environment and subject."""
        return self.tables.comparison()

    @property
    def tables_show(self) -> int:
        """How many findings the tables of the comparison show."""
        return sum(len(cell.findings) for cell in self._compared)

    @cached_property
    def told_reasons(self) -> tuple[str, ...]:
        """The reasons of the findings that the comparison links to, each once."""
        return tuple(dict.fromkeys(one_line(one.reason, 200) for one in self._linked))

    @cached_property
    def reasons(self) -> dict[str, int]:
        """The number of the reason of each finding that the comparison links to, by its id."""
        numbers = {reason: number for number, reason in enumerate(self.told_reasons)}
        return {one.id: numbers[one_line(one.reason, 200)] for one in self._linked}

    @property
    def _compared(self) -> Iterator[TableCell]:
        return (cell for table in self.comparison for row in table.rows for cell in row.cells)

    @property
    def _linked(self) -> Iterator[Finding]:
        return (one for cell in self._compared if not cell.blocked for one in cell.findings)

    @cached_property
    def controls(self) -> tuple[ControlTable, ...]:
        """The controls of each claim and how they came out, a table for each environment."""
        return self.tables.controls()

    @property
    def controls_show(self) -> int:
        """How many outcomes of controls these tables show."""
        return sum(len(table.outcomes) for table in self.controls)

    @cached_property
    def symptoms(self) -> tuple[SeenSymptom, ...]:
        """What readers see go wrong, and with which patterns it was seen."""
        return seen_symptoms(self.report, self.answer)

    @cached_property
    def symptoms_on_releases(self) -> dict[str, tuple[SeenWith, ...]]:
        """With which patterns a symptom was seen on the releases that the axes add alone, by id."""
        unseen = tuple(one.symptom for one in self.symptoms if not one.seen)
        if not self.report.swept or not unseen:
            return {}
        declared = replace(self.report.symptoms, symptoms=unseen)
        swept = replace(self.report.swept, symptoms=declared)
        found = seen_symptoms(swept, Answers(swept))
        return {
            one.symptom.id: (*(own for of in one.backends for own in of.patterns), *one.controls)
            for one in found
        }

    @cached_property
    def faults(self) -> FaultsTable:
        """The faults put in on purpose, and which findings they turned."""
        return faults_table(self.root, self.report)

    @cached_property
    def untested(self) -> tuple[Untested, ...]:
        """Each reason why findings of patterns were not tested, the most frequent first."""
        return untested(self.report)

    @cached_property
    def mutants(self) -> MutantsTable:
        """The faults made by operators, and which findings they turned."""
        return mutants_table(self.root, self.report)

    @cached_property
    def gaps(self) -> tuple[OpenFindings, ...]:
        """What is inconclusive or was not tested, by setting and reason."""
        return self.tables.gaps()


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
    text = python_text(file)
    lines = text.splitlines()
    return {
        node.name: dedent("\n".join(lines[first_line(node) - 1 : node.end_lineno]))
        for node in ast.parse(text, filename=str(file)).body
        if isinstance(node, ast.FunctionDef)
    }
