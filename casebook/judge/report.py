"""The report: the judge's findings, and everything that is computed from them alone."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from itertools import chain
from typing import Literal

from casebook.claim import VERDICTS, Claim, VerdictWord
from casebook.judge.bisected import Bisection
from casebook.judge.findings import ControlOutcome, Fact, Finding, Grade, Stated, ThenStated, Twin
from casebook.judge.newer import KnownReleases, Newer, newer
from casebook.judge.observed import Evidence
from casebook.judge.results import Problem
from casebook.plan.bibliography import Bibliography
from casebook.plan.investigation import Environment, Investigation, Setting, package_name
from casebook.plan.statements import Statements
from casebook.plan.symptoms import DeclaredSymptoms
from casebook.record import History
from casebook.stored import Cell, Record

EDITION = 12
"""The number of hexadecimal digits in an edition's name."""


@dataclass(frozen=True, slots=True)
class Coverage:
    """How much of the plan was observed, in cells."""

    cells: int
    completed: int
    not_tested: int


@dataclass(frozen=True, slots=True)
class Counts:
    """How many findings have each verdict, counted apart for patterns and controls."""

    of_patterns: dict[VerdictWord, int]
    of_controls: dict[VerdictWord, int]

    @property
    def patterns(self) -> int:
        """The number of findings of patterns that are not controls."""
        return sum(self.of_patterns.values())

    @property
    def controls(self) -> int:
        """The number of findings of controls."""
        return sum(self.of_controls.values())

    @property
    def findings(self) -> int:
        """The number of all findings, as `verdicts.json` lists them."""
        return self.patterns + self.controls


@dataclass(frozen=True)
class Report:
    """Everything that the pages, the citations and `verdicts.json` are drawn from.

    `histories` are those that the cells of `records` name, by digest.
    `findings` and the cells of `coverage` are those of the plan; a control has only those of the
    claims that name it as control or baseline.
    `digest` is that of everything the site is built from; `edition` is its first digits.
    `failed_checkers` holds the ids of the findings whose checker raised instead of answering.
    `unobserved` counts the cells without an observation by the setting they belong in and reason.
    `ran_in` maps environment, database and experiment to the environment where the experiment ran;
    `homes` maps each setting to the environment where experiments without needs ran.
    `twins` are the findings that adding a package changed, out of `compared` that both could judge.
    `facts` are the verdicts of checks. `said` holds the statements of earlier reports, or is None;
    `stated` holds the verdict of each. `changed` maps the environment, database, pattern and
    experiment of each cell whose inputs changed since it was recorded to the first changed file.
    `bibliography` holds what was written elsewhere, `symptoms` what readers see go wrong.
    `swept` is the report on the environments that the axes generate, judged by the same claims and
    without statements, or None if there are none; nothing here counts them.
    `days` is the day on which each record was observed, as far as it is known; `known` is what the
    package index was known to have, or None. `then` has by its id what each statement was as of the
    days on which it was written, as far as their releases were observed. `bisections` are those
    that are kept, `outdated` those of them that other scripts made.
    """

    investigation: Investigation
    claims: tuple[Claim, ...]
    records: dict[Setting, Record]
    findings: tuple[Finding, ...]
    controls: tuple[ControlOutcome, ...]
    grades: tuple[Grade, ...]
    problems: tuple[Problem, ...]
    not_rerun: dict[Setting, str]
    coverage: Coverage
    digest: str
    histories: dict[str, History] = field(default_factory=dict)
    failed_checkers: tuple[str, ...] = ()
    unobserved: dict[tuple[Setting, str], int] = field(default_factory=dict)
    ran_in: dict[tuple[str, str, str], str] = field(default_factory=dict)
    homes: dict[Setting, str] = field(default_factory=dict)
    twins: tuple[Twin, ...] = ()
    compared: int = 0
    facts: tuple[Fact, ...] = ()
    said: Statements | None = None
    stated: tuple[Stated, ...] = ()
    changed: dict[tuple[str, str, str, str], str] = field(default_factory=dict)
    bibliography: Bibliography = field(default_factory=Bibliography)
    symptoms: DeclaredSymptoms = field(default_factory=DeclaredSymptoms)
    swept: Report | None = None
    days: dict[Setting, str] = field(default_factory=dict)
    known: KnownReleases | None = None
    then: dict[str, tuple[ThenStated, ...]] = field(default_factory=dict)
    bisections: tuple[Bisection, ...] = ()
    outdated: tuple[Bisection, ...] = ()

    @property
    def edition(self) -> str:
        """The name of the edition: the first digits of the digest."""
        return self.digest[:EDITION]

    # --- The index

    @cached_property
    def _findings(self) -> dict[tuple[str, str, Setting], Finding]:
        return {
            (finding.claim, finding.pattern, finding.setting): finding for finding in self.findings
        }

    @cached_property
    def _cells(self) -> dict[tuple[Setting, str, str], Cell]:
        return {
            (setting, cell.pattern, cell.experiment): cell
            for setting, record in self.records.items()
            for cell in record.cells
        }

    @cached_property
    def _controls(self) -> dict[tuple[str, str, Setting], ControlOutcome]:
        return {
            (outcome.claim, outcome.pattern, outcome.setting): outcome for outcome in self.controls
        }

    @cached_property
    def _grades(self) -> dict[tuple[str, Setting], Grade]:
        return {(grade.pattern, grade.setting): grade for grade in self.grades}

    @cached_property
    def by_id(self) -> dict[str, Finding]:
        """The findings by their ids."""
        return {finding.id: finding for finding in self.findings}

    @cached_property
    def claims_by_id(self) -> dict[str, Claim]:
        """The claims by their ids."""
        return {claim.id: claim for claim in self.claims}

    @cached_property
    def settings(self) -> tuple[Setting, ...]:
        """The settings that findings hold for, in the order of the plan."""
        return tuple(Setting(*home) for home in self.homes)

    def finding(self, claim: str, pattern: str, setting: Setting) -> Finding | None:
        """Return the finding of a claim on a pattern in a setting, or None if there is none."""
        return self._findings.get((claim, pattern, setting))

    def findings_of(self, claim: str, pattern: str) -> tuple[Finding, ...]:
        """Return the findings of a claim on a pattern, in the order of the settings."""
        found = (self._findings.get((claim, pattern, setting)) for setting in self.settings)
        return tuple(finding for finding in found if finding)

    def cell(self, setting: Setting, pattern: str, experiment: str) -> Cell | None:
        """Return the recorded cell of a pattern under an experiment in a setting, or None."""
        return self._cells.get((setting, pattern, experiment))

    def cell_of(self, found: Finding | Fact, evidence: Evidence) -> Cell | None:
        """Return the cell that holds a piece of evidence, or None if no record holds it."""
        ran_in = Setting(evidence.environment or found.environment, found.database)
        cell = self.cell(ran_in, found.pattern, evidence.experiment)
        return cell if cell and evidence.history < len(cell.histories) else None

    def histories_of(self, cell: Cell | None) -> tuple[History, ...]:
        """Return a recorded cell's histories; none where there is no cell, or one is missing."""
        names = cell.histories if cell else ()
        found = tuple(self.histories[name] for name in names if name in self.histories)
        return found if len(found) == len(names) else ()

    def control(self, claim: str, pattern: str, setting: Setting) -> ControlOutcome | None:
        """Return a control's outcome for a claim in a setting, or None if it was not to run."""
        return self._controls.get((claim, pattern, setting))

    def grade(self, pattern: str, setting: Setting) -> Grade | None:
        """Return the grade of a pattern in a setting, or None; controls have no grade."""
        return self._grades.get((pattern, setting))

    def databases_of(self, environment: str) -> tuple[Setting, ...]:
        """Return the settings of an environment, one for each database."""
        return tuple(setting for setting in self.settings if setting.environment == environment)

    def record(self, setting: Setting) -> Record | None:
        """Return the record of a setting's experiments without needs, or None."""
        home = self.homes.get(setting, setting.environment)
        return self.records.get(Setting(home, setting.database))

    @cached_property
    def counts(self) -> Counts:
        """How many findings have each verdict."""
        controls = {pattern.id for pattern in self.investigation.controls}
        words = Counter((finding.pattern in controls, finding.verdict) for finding in self.findings)
        return Counts(
            {word: words[False, word] for word in VERDICTS},
            {word: words[True, word] for word in VERDICTS},
        )

    @cached_property
    def failed_controls(self) -> tuple[ControlOutcome, ...]:
        """The controls that ran and say that an experiment does not show what it should."""
        outcomes = self.controls
        return tuple(
            outcome for outcome in outcomes if not outcome.sound and outcome.verdict != "not-tested"
        )

    @cached_property
    def subject_failures(self) -> tuple[ControlOutcome, ...]:
        """The right controls with which the subject fails, as it does not where they do without."""
        return tuple(outcome for outcome in self.controls if outcome.of_subject)

    @cached_property
    def unobserved_controls(self) -> tuple[ControlOutcome, ...]:
        """The controls that should have run but did not."""
        outcomes = self.controls
        return tuple(
            outcome for outcome in outcomes if not outcome.sound and outcome.verdict == "not-tested"
        )

    @property
    def complete(self) -> bool:
        """Whether every planned cell was observed in this run, and no control failed."""
        return exit_code(self) == 0


# --- Computed from a report -----------------------------------------------------------------------


def exit_code(report: Report) -> Literal[0, 1, 3, 4]:
    """Return 1 if a checker raised, 4 if a result file is invalid, 3 if incomplete, else 0.

    A report is incomplete if a cell has no observation, an environment was not rerun, or a control
    failed. A refuted claim is a result, not a failure, also where the subject fails with a right
    control.
    """
    if report.failed_checkers:
        return 1
    if report.problems:
        return 4
    controls_sound = all(outcome.sound for outcome in report.controls)
    if report.coverage.not_tested or report.not_rerun or not controls_sound:
        return 3
    return 0


def releases(report: Report, finding: Finding) -> dict[str, str]:
    """Return the releases that a finding holds for, by package; empty if there is no record."""
    record = report.records.get(finding.ran_in)
    return dict(sorted(record.releases.items())) if record else {}


def newer_releases(report: Report, setting: Setting) -> tuple[Newer, ...]:
    """Return what the index was known to have newer than a setting's releases, or had withdrawn."""
    record = report.record(setting)
    environment = report.investigation.environment(setting.environment)
    return newer(report.known, record.releases, environment) if record else ()


def main_releases(investigation: Investigation, installed: Mapping[str, str]) -> dict[str, str]:
    """Return the installed releases that readers care about, in the order of the plan.

    These are the investigation's `packages`, or all that its environments install if it lists none,
    and those to which the modules belong that an environment must import.
    """
    asked = (name for environment in investigation.environments for name in environment.install)
    names = investigation.packages or map(package_name, asked)
    imported = (_imported(environment, installed) for environment in investigation.environments)
    return {name: installed[name] for name in chain(names, *imported) if name in installed}


def _imported(environment: Environment, installed: Collection[str]) -> Iterator[str]:
    """Yield the packages of what an environment imports: named like the module, or so beginning.

    Where none is, these are all that the environment's row asks for.
    """
    asked = [package_name(requirement) for requirement in environment.install]
    for module in environment.imports:
        top = module.partition(".")[0]
        name = package_name(top)
        if top not in sys.stdlib_module_names:
            alike = [one for one in asked if one.startswith(name)]
            yield from [name] if name in installed else alike or asked
