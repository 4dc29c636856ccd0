"""The settings in which mutants are tried: the cells that run there, and what these show."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from casebook.claim import Claim
from casebook.exit_codes import HarnessError
from casebook.judge.findings import Finding
from casebook.judge.judge import judge
from casebook.judge.report import Report
from casebook.judge.results import Results
from casebook.plan.cells import planned_cells, read_experiments
from casebook.plan.investigation import Experiment, Investigation, PlannedCell, Setting
from casebook.plan.mutants import DeclaredMutants, Target
from casebook.proof.mutants import Mutant
from casebook.proof.reach import Reach, reach_of
from casebook.record import History, Outcome
from casebook.stored import Record

Name = tuple[str, str]
"""The ids of a cell's pattern and experiment, or of a finding's claim and pattern."""


def places_of(
    root: Path, report: Report, declared: DeclaredMutants, targets: Iterable[Target]
) -> dict[Setting, Place]:
    """Return the settings of these targets; raise HarnessError where nothing is supported."""
    planned = planned_cells(root, report.investigation)
    experiments = read_experiments(root, report.investigation)
    places: dict[Setting, Place] = {}
    for setting in dict.fromkeys(target.setting for target in targets):
        here = tuple(cell for cell in planned if cell.setting == setting and not cell.again)
        at = [target for target in declared.targets if target.setting == setting]
        own = [
            cell
            for cell in here
            if cell.ran_in == setting
            and any(_concerns(target, report.investigation, cell) for target in at)
        ]
        files = [target.file for target in at]
        ended = _ended(report, setting)
        reach = reach_of(root, report.investigation, setting, own, files, ended)
        limit = declared.time_limit or report.investigation.time_limit
        place = Place(root, report, setting, here, experiments, reach, limit)
        if all(one.verdict != "supported" for one in place.findings(report).values()):
            where = ".".join(setting)
            raise HarnessError(f"nothing is supported in {where}: run `nox -s report` first")
        places[setting] = place
    return places


def _ended(report: Report, setting: Setting) -> dict[Name, Outcome]:
    """Return how the setting's cells ended when they were recorded."""
    record = report.record(setting)
    return {
        (cell.pattern, cell.experiment): report.histories[cell.histories[0]].outcome
        for cell in (record.cells if record else ())
        if cell.histories and cell.histories[0] in report.histories
    }


def _concerns(target: Target, investigation: Investigation, cell: PlannedCell) -> bool:
    """Return whether a cell is one of the target's patterns, or of a control."""
    pattern = investigation.pattern(cell.pattern)
    return pattern.control or not target.patterns or pattern.id in target.patterns


@dataclass(frozen=True, slots=True)
class Place:
    """A setting in which mutants are tried: its cells, and what was found without a mutant."""

    root: Path
    report: Report
    setting: Setting
    planned: tuple[PlannedCell, ...]
    experiments: Mapping[str, Experiment]
    reach: Reach
    time_limit: float

    @property
    def investigation(self) -> Investigation:
        """The investigation, narrowed to this setting."""
        asked = self.report.investigation
        home = asked.environment(self.setting.environment)
        return replace(
            asked,
            environments=(home,),
            databases=(self.setting.database,),
            time_limit=self.time_limit,
        )

    @property
    def record(self) -> Record:
        """The record of the setting; one without cells where there is none."""
        record = self.report.records.get(self.setting)
        where = self.report.investigation.id, self.setting.environment, self.setting.database
        return record or Record(0, *where, "", "", {}, {}, None, {}, ())

    def reached(self, mutant: Mutant) -> dict[Name, PlannedCell]:
        """Return the cells that run the changed code, of the target's patterns and the controls."""
        target, change = mutant.target, mutant.change
        return {
            (cell.pattern, cell.experiment): cell
            for cell in self.planned
            if cell.ran_in == self.setting
            and _concerns(target, self.investigation, cell)
            and self.reach.runs(cell, target.file, change.line, change.last)
        }

    def findings(self, report: Report) -> dict[Name, Finding]:
        """Return the findings of the setting by claim and pattern."""
        return {
            (finding.claim, finding.pattern): finding
            for finding in report.findings
            if finding.setting == self.setting
        }

    def judged(
        self, claims: Sequence[Claim], record: Record, seen: Mapping[str, History]
    ) -> Report:
        """Return the report of these claims, with this record in place of the setting's own."""
        ran = {(cell.pattern, cell.experiment) for cell in record.cells}
        changed = {
            cell: self.report.changed[key]
            for cell in self.planned
            if (key := (cell.environment, cell.database, cell.pattern, cell.experiment))
            in self.report.changed
            and key[2:] not in ran
        }
        return judge(
            self.investigation,
            claims,
            self.planned,
            Results(self.report.records | {self.setting: record}, dict(seen), ()),
            changed=changed,
            experiments=self.experiments,
        )
