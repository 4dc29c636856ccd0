"""Compares two result sets: which findings turned, appeared or went, and whose releases changed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from casebook.claim import VERDICTS, VerdictWord
from casebook.judge.differences import parting
from casebook.judge.findings import Finding
from casebook.judge.report import Report, releases
from casebook.judge.settings import Difference, moved
from casebook.plan.investigation import Setting
from casebook.record import History


@dataclass(frozen=True, slots=True)
class Compared:
    """A finding as far as a published one says it, too.

    `planned` says whether the records show that something of it was to run; None if none is there
    to show it, as in an edition.
    """

    id: str
    claim: str
    pattern: str
    environment: str
    database: str
    verdict: VerdictWord
    reason: str
    releases: Mapping[str, str]
    planned: bool | None = None

    @property
    def setting(self) -> Setting:
        """The setting that the finding holds for."""
        return Setting(self.environment, self.database)


@dataclass(frozen=True, slots=True)
class Side:
    """One of two result sets: its name, its findings by id, and where there are any the reports.

    `undeclared` says in words what it recorded that today's plan has not: it could not be judged.
    """

    name: str
    findings: Mapping[str, Compared]
    reports: tuple[Report, ...] = ()
    undeclared: tuple[str, ...] = ()

    def judged(self, id: str) -> tuple[Report, Finding] | None:
        """Return a finding of this id, with the report that has it, or None if none has."""
        return next(((one, one.by_id[id]) for one in self.reports if id in one.by_id), None)


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
    def packages(self) -> tuple[str, ...]:
        """The packages that readers care about, in order, as far as a report tells them."""
        reports = (*self.after.reports, *self.before.reports)
        return next((one.investigation.packages for one in reports), ())

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


def side_of(name: str, *reports: Report, undeclared: tuple[str, ...] = ()) -> Side:
    """Return reports as a side of a comparison."""
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
            _was_planned(report, one),
        )
        for report in reports
        for one in report.findings
    }
    return Side(name, findings, reports, undeclared)


def what_turned(before: Mapping[str, VerdictWord], after: Mapping[str, VerdictWord]) -> Turned:
    """Return what became of verdicts by the ids of their findings."""
    return Turned(
        tuple(id for id, word in after.items() if before.get(id, word) != word),
        tuple(id for id in after if id not in before),
        tuple(id for id in before if id not in after),
    )


def compare(before: Side, after: Side) -> Comparison:
    """Return what became of the findings of one side in the other; a pure function.

    Of a finding of which nothing was to run on one side it is not said that it turned: it appeared,
    or it went.
    """
    was, now = before.findings, after.findings
    here = {id for id, one in was.items() if _ran(one, now.get(id))}
    there = {id for id, one in now.items() if _ran(one, was.get(id))}
    ids = what_turned(_words(was, here), _words(now, there))
    turned = set(ids.turned)
    both = [id for id in now if id in here and id in there]
    changed = {now[id].setting: moved(was[id].releases, now[id].releases) for id in both}
    return Comparison(
        before,
        after,
        tuple(_turn(before, after, id) for id in ids.turned),
        tuple(now[id] for id in ids.appeared),
        tuple(was[id] for id in ids.went),
        {setting: packages for setting, packages in changed.items() if packages},
        dict(Counter(now[id].setting for id in both if id not in turned)),
    )


def _ran(one: Compared, other: Compared | None) -> bool:
    """Return whether something of a finding was to run, or of the other, where only that shows."""
    planned = one.planned if one.planned is not None else other and other.planned
    return planned is not False


def _words(findings: Mapping[str, Compared], ids: Collection[str]) -> dict[str, VerdictWord]:
    return {id: one.verdict for id, one in findings.items() if id in ids}


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
    one, other = before.judged(id), after.judged(id)
    found = where_parting(*one, *other) if one and other else None
    return Turn(was, now, *(found or ()))


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
