"""The tables: claims by patterns, controls by settings, and what is open and why."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from casebook.claim import Claim, VerdictWord
from casebook.judge.report import ControlOutcome, Finding, Report
from casebook.judge.settings import ShownSetting
from casebook.plan.claims import concerns
from casebook.plan.investigation import Pattern, Setting


@dataclass(frozen=True, slots=True)
class TableCell:
    """One pattern in one setting: its finding, or None, and whether there should be one.

    A control is judged by the claims that name it alone, see `claims.concerns`. `otherwise` are
    findings of the same environment on other databases whose verdicts are others.
    """

    setting: ShownSetting
    pattern: Pattern
    finding: Finding | None
    asked: bool
    otherwise: tuple[Finding, ...] = ()


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

    `setting` is the environment on its first database. All patterns and claims are about the same.
    """

    setting: ShownSetting
    settings: tuple[ShownSetting, ...]
    about: str
    patterns: tuple[Pattern, ...]
    rows: tuple[ClaimRow, ...]

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
    """What one control was declared to show of a claim, and what it showed in each setting."""

    claim: Claim
    pattern: Pattern
    expected: str
    cells: tuple[ControlOutcome | None, ...]


@dataclass(frozen=True, slots=True)
class OpenFindings:
    """Findings of one setting that say neither supported nor refuted, for one reason."""

    setting: ShownSetting
    verdict: VerdictWord
    reason: str
    findings: tuple[Finding, ...]

    @property
    def patterns(self) -> tuple[str, ...]:
        """The ids of the patterns that are concerned, in order."""
        return tuple(dict.fromkeys(finding.pattern for finding in self.findings))


class Tables:
    """The tables of one report, whose settings are those of its answers."""

    def __init__(self, report: Report, settings: dict[Setting, ShownSetting]) -> None:
        self.report = report
        self.settings = settings
        self.patterns = report.investigation.patterns
        self.judged = {(one.setting, one.claim) for one in report.findings}
        """The claims that are judged in each setting; some cannot be on every database."""
        self.having: dict[str, set[str]] = {}
        for one in report.findings:
            self.having.setdefault(one.environment, set()).add(one.pattern)

    def comparison(self) -> tuple[Table, ...]:
        """Return claims by patterns, controls last: a table for each environment and subject.

        Patterns and claims that are about something else than the investigation's question have a
        table of their own.
        """
        environments: dict[str, list[ShownSetting]] = {}
        for setting in self.settings.values():
            environments.setdefault(setting.environment.id, []).append(setting)
        return tuple(
            self._table(tuple(settings), about)
            for id, settings in environments.items()
            for about in {"": None} | {one.about: None for one in self._patterns(id)}
        )

    def _patterns(self, environment: str) -> list[Pattern]:
        having = self.having.get(environment, set())
        return [one for one in self.patterns if one.id in having]

    def _table(self, settings: tuple[ShownSetting, ...], about: str) -> Table:
        first, *others = settings
        known = [one for one in self._patterns(first.environment.id) if one.about == about]
        patterns = [one for one in known if not one.control]
        if not first.unavailable:
            patterns += [one for one in known if one.control]
        cells = [(first, pattern) for pattern in patterns]
        return Table(first, settings, about, tuple(patterns), self.rows(cells, others))

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
        otherwise = (one for one in found[1:] if one.verdict != found[0].verdict)
        return TableCell(setting, pattern, found[0], concerns(claim, pattern), tuple(otherwise))

    def controls(self) -> tuple[ControlRow, ...]:
        """Return each claim with each of its controls, and how it came out in each setting."""
        return tuple(
            ControlRow(
                claim,
                self.report.investigation.pattern(name),
                "supported" if name in claim.supported_by else "refuted",
                tuple(self.report.control(claim.id, name, key) for key in self.settings),
            )
            for claim in self.report.claims
            for name in claim.controls
        )

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
