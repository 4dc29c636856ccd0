"""Reads and judges a project: from its plan, claims and results to its reports."""

from __future__ import annotations

import os
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import partial
from hashlib import sha256
from pathlib import Path

from casebook import ENGINE
from casebook.claim import Check, Claim
from casebook.files import text_of
from casebook.judge.bisected import outdated, read_bisections
from casebook.judge.days import read_days
from casebook.judge.judge import judge
from casebook.judge.judgement import Checkers
from casebook.judge.kinds import check_kinds
from casebook.judge.newer import read_known
from casebook.judge.past import days_of, read_as_of, then_stated
from casebook.judge.report import Report
from casebook.judge.results import Problem, Results, read_results, read_runs
from casebook.plan.bibliography import read_bibliography
from casebook.plan.cells import (
    cell_inputs,
    file_digests,
    planned_cells,
    read_experiments,
    swept_cells,
)
from casebook.plan.claims import read_claims
from casebook.plan.conf import read_investigation, read_investigations
from casebook.plan.investigation import Investigation, PlannedCell, Setting
from casebook.plan.references import check_packages
from casebook.plan.said import checks_module, read_checks, read_statements
from casebook.plan.sources import files, sources
from casebook.plan.statements import Statements
from casebook.plan.symptoms import read_symptoms
from casebook.stored import Record


def read_report(root: Path, id: str) -> Report:
    """Return the report of an investigation, computed from the project's files.

    Raises PlanError for a mistake in `conf/`.
    """
    return _report(root, read_investigation(root, id), edition_digest(root))


def read_reports(root: Path) -> tuple[Report, ...]:
    """Return the report of every investigation. Raises PlanError for a mistake in `conf/`."""
    investigations, common = read_investigations(root), edition_digest(root)
    return tuple(_report(root, investigation, common) for investigation in investigations)


def _report(root: Path, investigation: Investigation, digest: str) -> Report:
    """Return the report on the declared environments, with that on the swept ones."""
    check_packages(root, investigation)
    planned = planned_cells(root, investigation)
    results = read_results(root, investigation, {cell.ran_in for cell in planned})
    claims, checkers = read_claims(root, investigation), Checkers()
    symptoms = read_symptoms(root, investigation, claims)
    bibliography = read_bibliography(root, investigation, claims, symptoms.symptoms)
    part = partial(_judged, root, claims=claims, checkers=checkers, digest=digest)
    judged = part(
        investigation,
        planned,
        results,
        checks=read_checks(root, investigation),
        said=read_statements(root, investigation, claims),
    )
    swept = None
    if investigation.swept:
        asked = swept_investigation(investigation, results.records)
        kept = {one.id for one in asked.environments}
        cells = [one for one in swept_cells(root, investigation) if one.decides in kept]
        swept = part(asked, cells, replace(results, problems=()), swept=True)
    report = replace(judged, bibliography=bibliography, symptoms=symptoms, swept=swept)
    check_kinds(root, report)
    past = dict(_past(root, report, planned, results, checkers))
    problems = (*report.problems, *(problem for one in past.values() for problem in one.problems))
    report = _dated(root, _bisected(root, replace(report, problems=problems), planned))
    return replace(report, then=then_stated(report, past))


def _past(
    root: Path,
    report: Report,
    planned: Sequence[PlannedCell],
    results: Results,
    checkers: Checkers,
) -> Iterator[tuple[str, Report]]:
    """Yield the report with the releases of each day as of which statements are judged."""
    investigation, said = report.investigation, report.said
    kept = days_of(root, investigation)
    for day in (day for day in (said.days if said else ()) if day in kept):
        own = read_as_of(root, investigation, day, results.histories)
        ran = {key: record.planned_cells for key, record in own.records.items()}
        cells = [one for one in planned if (one.pattern, one.experiment) in ran.get(one.ran_in, ())]
        locks = f"conf/requirements/{investigation.id}/"  # their releases are those of the day
        inputs = {
            cell: tuple(path for path in paths if not path.startswith(locks))
            for cell, paths in cell_inputs(root, investigation, cells).items()
        }
        digests = file_digests(root, sorted({path for paths in inputs.values() for path in paths}))
        yield (
            day,
            judge(
                investigation,
                report.claims,
                planned,
                own,
                changed=changed_inputs(own.records, inputs, digests),
                experiments=read_experiments(root, investigation),
                checks=read_checks(root, investigation),
                said=said,
                checkers=checkers,
            ),
        )


def _bisected(root: Path, report: Report, planned: Sequence[PlannedCell]) -> Report:
    """Return the report with the bisections that are kept, and which of them are out of date."""
    investigation = report.investigation
    found = read_bisections(root, investigation.id)
    if isinstance(found, Problem):
        return replace(report, problems=(*report.problems, found))
    old = tuple(outdated(root, investigation, report.claims, planned, found.bisections))
    return replace(report, bisections=found.bisections, outdated=old)


def _dated(root: Path, report: Report) -> Report:
    """Return the report with the days of its records, and with what the index was known to have."""
    days, undated = read_days(root, report.investigation)
    known, unknown = read_known(root, report.investigation.id)
    swept = replace(report.swept, days=days, known=known) if report.swept else None
    problems = (*report.problems, *undated, *unknown)
    return replace(report, problems=problems, days=days, known=known, swept=swept)


def swept_investigation(
    investigation: Investigation, recorded: Collection[Setting]
) -> Investigation:
    """Return the investigation of the swept environments alone.

    One with another Python is left out unless it is recorded: it could run only where that Python
    is installed, and that it was not says nothing.
    """
    ran = {setting.environment for setting in recorded}
    swept = tuple(one for one in investigation.swept if not one.python or one.id in ran)
    return replace(investigation, environments=swept, swept=(), axes=())


def _judged(
    root: Path,
    investigation: Investigation,
    planned: Sequence[PlannedCell],
    results: Results,
    *,
    claims: Sequence[Claim],
    checkers: Checkers,
    digest: str,
    swept: bool = False,
    checks: Sequence[Check] = (),
    said: Statements | None = None,
) -> Report:
    """Return the report on the environments of an investigation, from their own records alone."""
    ids = {one.id for one in investigation.installed if bool(one.axis) == swept}
    own = _own(results, ids)
    inputs = cell_inputs(root, investigation, (one for one in planned if one.ran_in in own.records))
    digests = file_digests(root, sorted({path for paths in inputs.values() for path in paths}))
    return judge(
        investigation,
        claims,
        planned,
        own,
        changed=changed_inputs(own.records, inputs, digests),
        not_rerun={
            key: run.reason
            for key, run in read_runs(root, investigation).items()
            if run.status == "not-rerun" and key.environment in ids
        },
        digest=digest,
        experiments=read_experiments(root, investigation),
        checks=checks,
        said=said,
        checkers=checkers,
    )


def _own(results: Results, environments: Collection[str]) -> Results:
    """Return the results of some environments: their records, and the histories that these name."""
    records = {key: one for key, one in results.records.items() if key.environment in environments}
    named = {
        name for record in records.values() for cell in record.cells for name in cell.histories
    }
    histories = {name: one for name, one in results.histories.items() if name in named}
    return Results(records, histories, results.problems)


def reports_on(root: Path, investigation: Investigation, results: Results) -> tuple[Report, ...]:
    """Return the reports that results have under the plan and the claims of now, whatever is wrong.

    The first is on the declared environments, one more on those that axes generate, if there are
    any. Whether an input changed since is not asked, and statements are not judged: what results
    say is compared with what others do, not whether it could be observed again.
    """
    claims, checkers = read_claims(root, investigation), Checkers()
    experiments = read_experiments(root, investigation)
    parts = [(investigation, planned_cells(root, investigation))]
    if investigation.swept:
        asked = swept_investigation(investigation, results.records)
        kept = {one.id for one in asked.environments}
        cells = (one for one in swept_cells(root, investigation) if one.decides in kept)
        parts.append((asked, tuple(cells)))
    return tuple(
        judge(
            part,
            claims,
            cells,
            _own(results, {cell.environment for cell in cells}),
            experiments=experiments,
            checkers=checkers,
        )
        for part, cells in parts
    )


def changed_inputs(
    records: Mapping[Setting, Record],
    inputs: Mapping[PlannedCell, Iterable[str]],
    digests: Mapping[str, str],
) -> dict[PlannedCell, str]:
    """Return the cells whose inputs changed since they were recorded, with the first such file.

    `inputs` lists the files that could change a cell's history, `digests` their current digests.
    """
    changed = {}
    for cell, paths in inputs.items():
        record = records.get(cell.ran_in)
        then = record.digests if record else {}
        path = next((path for path in paths if digests.get(path, "") != then.get(path)), None)
        if path is not None:
            changed[cell] = path
    return changed


def edition_digest(root: Path) -> str:
    """Return the digest of everything that the site is built from; its start names the edition.

    That is `docs/` with all results, `conf/`, the experiments with the claims, the engine with its
    templates, the site's URL, and the list of settings that could not be rerun. Raises PlanError
    for a mistake in `conf/`.
    """
    own = {path for name in ("conf", "docs") for path in (root / name).rglob("*")}
    total = sha256(os.environ.get("CASEBOOK_SITE_URL", "").encode())
    for investigation in read_investigations(root):
        for key, run in read_runs(root, investigation).items():
            if run.status == "not-rerun":
                total.update(f"{investigation.id}\0{key}\0{run.reason}\0".encode())
        own.update(root / file for file in files(root, investigation))
        own.update(sources(root, investigation.claims))
        own.update(sources(root, checks_module(root, investigation)))
    named = {path.relative_to(root).as_posix(): path for path in own}
    named |= {f"engine/{path.relative_to(ENGINE).as_posix()}": path for path in ENGINE.rglob("*")}
    for name, path in sorted(named.items()):
        if path.is_file() and "__pycache__" not in path.parts:
            content = text_of(path.read_bytes())
            # The length keeps the end of one file apart from the name of the next.
            total.update(f"{name}\0{len(content)}\0".encode() + content)
    return total.hexdigest()
