"""Compares two result sets: which findings turned, appeared or went, and whose releases changed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from casebook.claim import VERDICTS, VerdictWord
from casebook.judge.differences import parting
from casebook.judge.report import Finding, Report, releases
from casebook.judge.settings import Difference, moved
from casebook.plan.investigation import Setting
from casebook.record import History


@dataclass(frozen=True, slots=True)
class Compared:
    """A finding as far as a published one says it, too."""

    id: str
    claim: str
    pattern: str
    environment: str
    database: str
    verdict: VerdictWord
    reason: str
    releases: Mapping[str, str]

    @property
    def setting(self) -> Setting:
        """The setting that the finding holds for."""
        return Setting(self.environment, self.database)


@dataclass(frozen=True, slots=True)
class Side:
    """One of two result sets: its name, its findings by id, and the report if there is one.

    `undeclared` says in words what it recorded that today's plan has not: it could not be judged.
    """

    name: str
    findings: Mapping[str, Compared]
    report: Report | None = None
    undeclared: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Turn:
    """A finding whose verdict is another one now.

    `experiment` is the first whose histories part, and `parting` says where; both are empty where
    the histories are the same (a control turned), or are not at hand.
    """

    before: Compared
    after: Compared
    experiment: str = ""
    parting: str = ""


@dataclass(frozen=True, slots=True)
class Comparison:
    """What became of the findings of `before` in `after`.

    `moved` lists the packages with other releases in each setting that both have, `same` counts the
    findings of a setting that say what they said.
    """

    before: Side
    after: Side
    turned: tuple[Turn, ...]
    appeared: tuple[Compared, ...]
    went: tuple[Compared, ...]
    moved: Mapping[Setting, tuple[Difference, ...]] = field(default_factory=dict)
    same: Mapping[Setting, int] = field(default_factory=dict)

    @property
    def only_moved(self) -> int:
        """How many findings say the same of other releases."""
        return sum(count for setting, count in self.same.items() if self.moved.get(setting))

    @property
    def unchanged(self) -> int:
        """How many findings say the same of the same releases."""
        return sum(self.same.values()) - self.only_moved


@dataclass(frozen=True, slots=True)
class Turned:
    """The ids of the findings whose verdict turned, and of those that only one side has."""

    turned: tuple[str, ...]
    appeared: tuple[str, ...]
    went: tuple[str, ...]


def side_of(name: str, report: Report, undeclared: tuple[str, ...] = ()) -> Side:
    """Return a report as a side; a finding of which nothing was to run then is not of it."""
    findings = {
        one.id: Compared(
            one.id,
            one.claim,
            one.pattern,
            one.environment,
            one.database,
            one.verdict,
            one.reason,
            releases(report, one),
        )
        for one in report.findings
        if _was_planned(report, one)
    }
    return Side(name, findings, report, undeclared)


def what_turned(before: Mapping[str, VerdictWord], after: Mapping[str, VerdictWord]) -> Turned:
    """Return what became of verdicts by the ids of their findings."""
    return Turned(
        tuple(id for id, word in after.items() if before.get(id, word) != word),
        tuple(id for id in after if id not in before),
        tuple(id for id in before if id not in after),
    )


def compare(before: Side, after: Side) -> Comparison:
    """Return what became of the findings of one side in the other; a pure function."""
    was, now = before.findings, after.findings
    ids = what_turned(
        {id: one.verdict for id, one in was.items()}, {id: one.verdict for id, one in now.items()}
    )
    both = [id for id in now if id in was]
    changed = {now[id].setting: moved(was[id].releases, now[id].releases) for id in both}
    gone = set(ids.turned)
    return Comparison(
        before,
        after,
        tuple(_turn(before, after, id) for id in ids.turned),
        tuple(now[id] for id in ids.appeared),
        tuple(was[id] for id in ids.went),
        {setting: packages for setting, packages in changed.items() if packages},
        dict(Counter(now[id].setting for id in both if id not in gone)),
    )


def where_parting(
    before: Report, was: Finding, after: Report, now: Finding
) -> tuple[str, str] | None:
    """Return the experiment at which the histories of two findings part, and in words where.

    The findings are of one claim and of one pattern. The experiments that show either verdict come
    first, then the claim's others. None if the histories are the same.
    """
    claim = after.claims_by_id.get(now.claim)
    shown = [one.experiment for found in (now, was) for one in found.evidence]
    for experiment in dict.fromkeys([*shown, *(claim.experiments if claim else ())]):
        one, other = (
            _first_history(of, found, experiment) for of, found in ((before, was), (after, now))
        )
        if one and other and one != other:
            return experiment, parting(one, other, after.investigation.diagram)
    return None


def _turn(before: Side, after: Side, id: str) -> Turn:
    was, now = before.findings[id], after.findings[id]
    if before.report and after.report:
        one, other = before.report.by_id[id], after.report.by_id[id]
        found = where_parting(before.report, one, after.report, other)
        if found:
            return Turn(was, now, *found)
    return Turn(was, now)


def _first_history(report: Report, finding: Finding, experiment: str) -> History | None:
    ran_in = report.ran_in.get((*finding.setting, experiment), finding.environment)
    cell = report.cell(Setting(ran_in, finding.database), finding.pattern, experiment)
    return next(iter(report.histories_of(cell)), None)


def _was_planned(report: Report, finding: Finding) -> bool:
    """Return whether a record shows that an experiment of the finding was to run."""
    claim = report.claims_by_id[finding.claim]
    records = {
        experiment: report.records.get(
            Setting(
                report.ran_in.get((*finding.setting, experiment), finding.environment),
                finding.database,
            )
        )
        for experiment in claim.experiments
    }
    return any(
        record is not None and (finding.pattern, experiment) in record.planned_cells
        for experiment, record in records.items()
    )


def by_verdicts(turns: Sequence[Turn]) -> Iterator[tuple[tuple[VerdictWord, VerdictWord], int]]:
    """Yield how many findings turned from which verdict to which, in the order of the verdicts."""
    counts = Counter((turn.before.verdict, turn.after.verdict) for turn in turns)
    for one in VERDICTS:
        for other in VERDICTS:
            if counts[one, other]:
                yield (one, other), counts[one, other]
