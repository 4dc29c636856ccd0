"""Observes findings of an environment again, with other releases, and judges them."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace
from pathlib import Path

from casebook.judge.comparison import Side, side_of
from casebook.judge.findings import Finding
from casebook.judge.judge import judge
from casebook.judge.report import Report
from casebook.plan.axes import Axis
from casebook.plan.cells import cells_of_findings, planned_cells, read_experiments
from casebook.plan.conf import pins, pins_of
from casebook.plan.investigation import Environment, Investigation, PlannedCell
from casebook.plan.sweep import installed_like
from casebook.releases.candidates import Candidate
from casebook.releases.index import like_which
from casebook.releases.projects import Locks, Project, Watch, unwatched
from casebook.releases.resolving import Lock, Unresolvable, replaced, resolve


@dataclass(frozen=True, slots=True)
class Question:
    """Findings of one environment, and the cells that are needed to judge them.

    `homes` are the environments in which these run: the environment itself and twins of it.
    """

    environment: Environment
    findings: tuple[Finding, ...]
    cells: tuple[PlannedCell, ...]

    @property
    def homes(self) -> tuple[str, ...]:
        """The environments in which the cells run, in the order of the cells."""
        return tuple(dict.fromkeys(cell.environment for cell in self.cells))

    @property
    def databases(self) -> tuple[str, ...]:
        """The databases of the findings, in their order."""
        return tuple(dict.fromkeys(finding.database for finding in self.findings))


def question(
    root: Path, report: Report, environment: Environment, findings: Iterable[Finding]
) -> Question:
    """Return the question that asks for these findings of an environment."""
    findings = tuple(findings)
    planned = planned_cells(root, report.investigation)
    cells = [
        cell
        for setting in dict.fromkeys(finding.setting for finding in findings)
        for cell in cells_of_findings(
            planned,
            report.investigation,
            report.claims,
            setting,
            [(one.claim, one.pattern) for one in findings if one.setting == setting],
        )
    ]
    return Question(environment, findings, tuple(cells))


def homes_of(report: Report, finding: Finding) -> frozenset[str]:
    """Return the environments in which the experiments of a finding run."""
    experiments = report.claims_by_id[finding.claim].experiments
    found = (report.ran_in.get((*finding.setting, experiment)) for experiment in experiments)
    return frozenset(filter(None, found))


def locks(root: Path, report: Report, asked: Question, candidate: Candidate) -> Locks:
    """Return the lock of each home of a question with the candidate in it.

    Whatever else is installed stays as the committed lock has it, if it can. Raises UvFailed.
    """
    own = asked.environment
    found: dict[str, Lock | Unresolvable] = {}
    for id in dict.fromkeys([own.id, *asked.homes]):
        home = report.investigation.environment(id)
        file = root / home.lock
        first = found.get(own.id)
        installed, name = with_candidate(report.investigation, own, home, candidate)
        try:
            lock = resolve(
                replaced(installed.install, name, candidate.requirement),
                prefer=file.read_text(encoding="utf-8") if file.is_file() else "",
                keep=_besides(first, name) if isinstance(first, Lock) else "",
                wheel=candidate.wheel,
            )
            other = installed.imports != home.imports
            found[id] = replace(lock, imports=installed.imports if other else ())
        except Unresolvable as error:
            found[id] = error
    return {id: found[id] for id in asked.homes}


def with_candidate(
    investigation: Investigation, start: Environment, home: Environment, candidate: Candidate
) -> tuple[Environment, str]:
    """Return what a home of `start`, the start itself or a twin, is with a candidate in it.

    With it comes the name under which the candidate is installed. Where an axis says how the
    package is installed, and with what, it is so: a release that the axis does not list is
    installed like the last listed one before it.
    """
    axis = axis_of(investigation, start, candidate.package)
    listed = [
        one
        for one in (axis.releases if axis else ())
        if axis and (candidate.wheel is None or axis.name_at(one) == candidate.package)
    ]
    if axis is None or not listed:
        return home, candidate.package
    like = like_which(listed, candidate.release)
    made = installed_like(start, axis, candidate.release, like)
    return replace(made, install=(*made.install, *home.adds)), axis.name_at(like)


def axis_of(investigation: Investigation, start: Environment, package: str) -> Axis | None:
    """Return the axis that takes a package through its releases from an environment, if any."""
    axes = (one for one in investigation.axes if one.package == package)
    return next((one for one in axes if one.start == start.id), None)


def committed(root: Path, report: Report, asked: Question) -> Locks:
    """Return the committed locks of the homes of a question."""
    homes = (report.investigation.environment(id) for id in asked.homes)
    return {
        home.id: Lock(own)
        if (own := pins(root, home))
        else Unresolvable((root / home.unresolved).read_text(encoding="utf-8").strip())
        for home in homes
    }


def observe(
    root: Path, report: Report, asked: Question, locks: Locks, watch: Watch = unwatched
) -> Report:
    """Run the cells of a question with these locks, and return what is found then.

    `watch` is told how far it is. Raises NotInstallable, NotObserved and HarnessError, as
    `Project.run` does.
    """
    project = Project.of(root, report.investigation, locks)
    project.run(asked.cells, watch)
    narrowed = replace(
        report.investigation, environments=(asked.environment,), databases=asked.databases
    )
    return judge(
        narrowed,
        report.claims,
        asked.cells,
        project.results(),
        experiments=read_experiments(root, report.investigation),
    )


def up_to_date(report: Report, asked: Question) -> bool:
    """Return whether a report's findings stand on cells that were recorded with today's inputs."""
    return all(_is_current(report, cell) for cell in asked.cells)


def _is_current(report: Report, cell: PlannedCell) -> bool:
    record = report.records.get(cell.ran_in)
    if record is None or (*cell.ran_in, cell.pattern, cell.experiment) in report.changed:
        return False
    known = report.cell(cell.ran_in, cell.pattern, cell.experiment)
    return record.unavailable is not None or known is not None


def side(name: str, report: Report, ids: Collection[str]) -> Side:
    """Return those findings of a report that have one of these ids, to compare them."""
    whole = side_of(name, report)
    return replace(whole, findings={id: whole.findings[id] for id in ids if id in whole.findings})


def _besides(lock: Lock, package: str) -> str:
    """Return the text of a lock without one package."""
    return "".join(f"{name}=={one}\n" for name, one in pins_of(lock.text) if name != package)
