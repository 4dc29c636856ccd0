"""The tables: claims by patterns, the controls of claims, and what is open and why."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property

from casebook.claim import Claim, VerdictWord
from casebook.judge.findings import ControlOutcome, Finding
from casebook.judge.report import Report
from casebook.judge.settings import ShownSetting
from casebook.judge.untested import brief
from casebook.plan.claims import concerns
from casebook.plan.investigation import Pattern, Setting


@dataclass(frozen=True, slots=True)
class TableCell:
    """One pattern in one setting: its finding, or None, and whether there should be one.

    A control is judged by the claims that name it alone, see `claims.concerns`. `otherwise` are
    findings of the same environment on other databases whose verdicts are others. It is `blocked`
    where the pattern could not be set up, so that its reason is the gate's.
    """

    setting: ShownSetting
    pattern: Pattern
    finding: Finding | None
    asked: bool
    otherwise: tuple[Finding, ...] = ()
    blocked: bool = False

    @property
    def findings(self) -> tuple[Finding, ...]:
        """The findings that it shows."""
        return (self.finding, *self.otherwise) if self.finding else ()


@dataclass(frozen=True, slots=True)
class ClaimRow:
    """One claim across the columns of a table."""

    claim: Claim
    cells: tuple[TableCell, ...]

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

    `setting` is the environment on its first database. All patterns and claims are about the same;
    controls have tables of their own.
    """

    setting: ShownSetting
    settings: tuple[ShownSetting, ...]
    about: str
    patterns: tuple[Pattern, ...]
    rows: tuple[ClaimRow, ...]

    @property
    def otherwise(self) -> int:
        """How many cells another database answers otherwise."""
        return sum(bool(cell.otherwise) for row in self.rows for cell in row.cells)


@dataclass(frozen=True, slots=True)
class ControlCell:
    """What one control showed of a claim, on the first database that can judge that.

    `otherwise` are its outcomes on other databases that differ from it.
    """

    pattern: Pattern
    outcome: ControlOutcome
    otherwise: tuple[ControlOutcome, ...] = ()

    @property
    def outcomes(self) -> tuple[ControlOutcome, ...]:
        """The outcomes that it shows."""
        return (self.outcome, *self.otherwise)


@dataclass(frozen=True, slots=True)
class ControlRow:
    """What the controls of a claim showed: those built to be right, and those built to be wrong."""

    claim: Claim
    right: tuple[ControlCell, ...]
    wrong: tuple[ControlCell, ...]

    @property
    def cells(self) -> tuple[ControlCell, ...]:
        """All of them."""
        return self.right + self.wrong


@dataclass(frozen=True, slots=True)
class ControlTable:
    """The controls of one environment, on all its databases, claim by claim.

    `setting` is the environment on its first database.
    """

    setting: ShownSetting
    settings: tuple[ShownSetting, ...]
    rows: tuple[ControlRow, ...]

    @property
    def outcomes(self) -> tuple[ControlOutcome, ...]:
        """The outcomes that are shown."""
        return tuple(one for row in self.rows for cell in row.cells for one in cell.outcomes)

    @property
    def otherwise(self) -> int:
        """How many controls another database answers otherwise."""
        return sum(bool(cell.otherwise) for row in self.rows for cell in row.cells)


@dataclass(frozen=True, slots=True)
class OpenFindings:
    """Findings of one setting that say neither supported nor refuted, for one reason."""

    setting: ShownSetting
    verdict: VerdictWord
    reason: str
    findings: tuple[Finding, ...]

    @property
    def brief(self) -> str:
        """The reason in short."""
        return brief(self.reason)

    @property
    def patterns(self) -> dict[tuple[str, ...], tuple[Finding, ...]]:
        """The first finding of each pattern, by the claims that are open for these patterns."""
        claims: dict[str, list[Finding]] = {}
        for finding in self.findings:
            claims.setdefault(finding.pattern, []).append(finding)
        alike: dict[tuple[str, ...], list[Finding]] = {}
        for found in claims.values():
            alike.setdefault(tuple(one.claim for one in found), []).append(found[0])
        return {names: tuple(first) for names, first in alike.items()}


class Tables:
    """The tables of one report, whose settings are those of its answers."""

    def __init__(self, report: Report, settings: dict[Setting, ShownSetting]) -> None:
        self.report = report
        self.settings = settings
        self.patterns = report.investigation.patterns
        self.gate = next((claim for claim in report.claims if claim.gate), None)
        self.judged = {(one.setting, one.claim) for one in report.findings}
        """The claims that are judged in each setting; some cannot be on every database."""
        self.having: dict[str, set[str]] = {}
        for one in report.findings:
            self.having.setdefault(one.environment, set()).add(one.pattern)

    @cached_property
    def environments(self) -> tuple[tuple[ShownSetting, ...], ...]:
        """The settings of each environment, in order."""
        found: dict[str, list[ShownSetting]] = {}
        for setting in self.settings.values():
            found.setdefault(setting.environment.id, []).append(setting)
        return tuple(map(tuple, found.values()))

    def comparison(self) -> tuple[Table, ...]:
        """Return claims by patterns: a table for each environment and subject.

        Patterns and claims that are about something else than the investigation's question have a
        table of their own.
        """
        return tuple(
            self._table(settings, about)
            for settings in self.environments
            for about in {"": None} | {one.about: None for one in self._patterns(settings[0])}
        )

    def _patterns(self, setting: ShownSetting) -> list[Pattern]:
        """Return the patterns that an environment has findings of, without controls."""
        having = self.having.get(setting.environment.id, set())
        return [one for one in self.patterns if one.id in having and not one.control]

    def _table(self, settings: tuple[ShownSetting, ...], about: str) -> Table:
        first, *others = settings
        patterns = tuple(one for one in self._patterns(first) if one.about == about)
        cells = [(first, pattern) for pattern in patterns]
        return Table(first, settings, about, patterns, self.rows(cells, others))

    def rows(
        self,
        columns: Iterable[tuple[ShownSetting, Pattern]],
        others: Iterable[ShownSetting] = (),
    ) -> tuple[ClaimRow, ...]:
        """Return each claim that is asked of a column across all of them.

        With `others`, the same environment on other databases, a cell shows theirs, too.
        """
        columns, others = tuple(columns), tuple(others)
        rows = (
            ClaimRow(claim, tuple(self._cell(claim, *column, others) for column in columns))
            for claim in self.report.claims
        )
        return tuple(row for row in rows if any(cell.asked for cell in row.cells))

    def _cell(
        self,
        claim: Claim,
        setting: ShownSetting,
        pattern: Pattern,
        others: tuple[ShownSetting, ...],
    ) -> TableCell:
        judged = [one.key for one in (setting, *others) if (one.key, claim.id) in self.judged]
        findings = [self.report.finding(claim.id, pattern.id, key) for key in judged]
        found = [finding for finding in findings if finding]
        if not found:
            return TableCell(setting, pattern, None, concerns(claim, pattern) and bool(judged))
        otherwise = tuple(one for one in found[1:] if one.verdict != found[0].verdict)
        asked, blocked = concerns(claim, pattern), self._blocked(found[0])
        return TableCell(setting, pattern, found[0], asked, otherwise, blocked)

    def _blocked(self, finding: Finding) -> bool:
        if not self.gate or finding.verdict != "not-tested":
            return False
        gate = self.report.finding(self.gate.id, finding.pattern, finding.setting)
        return (
            gate is not None and gate.verdict == "refuted" and finding.reason.endswith(gate.reason)
        )

    def controls(self) -> tuple[ControlTable, ...]:
        """Return the controls of each claim and how they came out, a table for each environment."""
        return tuple(
            ControlTable(settings[0], settings, tuple(self._control_rows(settings)))
            for settings in self.environments
        )

    def _control_rows(self, settings: tuple[ShownSetting, ...]) -> Iterator[ControlRow]:
        for claim in self.report.claims:
            right = self._control_cells(claim, claim.supported_by, settings)
            wrong = self._control_cells(claim, claim.refuted_by, settings)
            if right or wrong:
                yield ControlRow(claim, right, wrong)

    def _control_cells(
        self, claim: Claim, names: Iterable[str], settings: tuple[ShownSetting, ...]
    ) -> tuple[ControlCell, ...]:
        cells = []
        for name in names:
            found = (self.report.control(claim.id, name, setting.key) for setting in settings)
            outcomes = [outcome for outcome in found if outcome]
            if outcomes:
                said = outcomes[0].verdict, outcomes[0].held
                others = (one for one in outcomes[1:] if (one.verdict, one.held) != said)
                pattern = self.report.investigation.pattern(name)
                cells.append(ControlCell(pattern, outcomes[0], tuple(others)))
        return tuple(cells)

    def gaps(self) -> tuple[OpenFindings, ...]:
        """Return what is inconclusive or was not tested, by setting and reason."""
        groups: dict[tuple[Setting, VerdictWord, str], list[Finding]] = {}
        for one in self.report.findings:
            if one.verdict in ("inconclusive", "not-tested"):
                groups.setdefault((one.setting, one.verdict, one.reason), []).append(one)
        return tuple(
            OpenFindings(self.settings[key], verdict, reason, tuple(findings))
            for (key, verdict, reason), findings in groups.items()
        )
