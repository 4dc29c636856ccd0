"""The judge: verdicts, computed from records by claims.

`judge` is a pure function of the plan, the claims and the records, so verdicts can be computed
again at any time; `report` reads all of these from a project first.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from hashlib import sha256
from pathlib import Path

from casebook.judgement import Asked, Judgement, judged
from casebook.observed import Scene, scene
from casebook.plan.cells import cell_inputs, file_digests, planned_cells, read_experiments
from casebook.plan.claims import concerns, read_claims
from casebook.plan.conf import read_investigation, read_investigations
from casebook.plan.investigation import Experiment, Investigation, Pattern, PlannedCell
from casebook.plan.sources import files, sources
from casebook.plan.statements import Statements, checks_module, read_checks, read_statements
from casebook.record import Check, Claim, Record, VerdictWord
from casebook.report import (
    ControlOutcome,
    Coverage,
    Fact,
    Finding,
    Grade,
    GradeWord,
    Report,
    Twin,
    control_failure,
)
from casebook.results import Key, Problem, read_results, read_runs
from casebook.stated import stated

ENGINE = Path(__file__).resolve().parent.parent
"""The folder that holds the engine, which may be another than the project's."""

# --- From a project to its report -----------------------------------------------------------------


def report(root: Path, id: str) -> Report:
    """Return the report of an investigation, computed from what the project holds now.

    Raises `plan.PlanError` where `conf/` is wrong.
    """
    return _report(root, read_investigation(root, id), digest(root))


def reports(root: Path) -> tuple[Report, ...]:
    """Return the report of every investigation. Raises `plan.PlanError` where `conf/` is wrong."""
    investigations, common = read_investigations(root), digest(root)
    return tuple(_report(root, investigation, common) for investigation in investigations)


def _report(root: Path, investigation: Investigation, digest: str) -> Report:
    planned = planned_cells(root, investigation)
    records, problems = read_results(root, investigation)
    recorded = (cell for cell in planned if (cell.environment, cell.database) in records)
    inputs = cell_inputs(root, investigation, recorded)
    digests = file_digests(root, sorted({path for paths in inputs.values() for path in paths}))
    runs = read_runs(root, investigation)
    claims = read_claims(root, investigation)
    return judge(
        investigation,
        claims,
        planned,
        records,
        problems=problems,
        changed=changed_inputs(records, inputs, digests),
        not_rerun={key: run.reason for key, run in runs.items() if run.status == "not-rerun"},
        digest=digest,
        experiments=read_experiments(root, investigation),
        checks=read_checks(root, investigation),
        said=read_statements(root, investigation, claims),
    )


def changed_inputs(
    records: Mapping[Key, Record],
    inputs: Mapping[PlannedCell, Iterable[str]],
    digests: Mapping[str, str],
) -> dict[PlannedCell, str]:
    """Return the cells recorded by an earlier experiment, each with the first input that changed.

    `inputs` names the files that could change a cell's history, `digests` what they hold now.
    """
    changed = {}
    for cell, paths in inputs.items():
        record = records.get((cell.environment, cell.database))
        then = record.digests if record else {}
        path = next((path for path in paths if digests.get(path, "") != then.get(path)), None)
        if path is not None:
            changed[cell] = path
    return changed


def digest(root: Path) -> str:
    """Return the digest of all that the site is built from, whose beginning names the edition.

    That is `docs/` with all results, `conf/`, the experiments with the claims, the engine with its
    templates, the address that the site is given, and what could not be rerun. Raises
    `plan.PlanError` where `conf/` is wrong.
    """
    own = {path for name in ("conf", "docs") for path in (root / name).rglob("*")}
    total = sha256(os.environ.get("CASEBOOK_SITE_URL", "").encode())
    for one in read_investigations(root):
        for key, run in read_runs(root, one).items():
            if run.status == "not-rerun":
                total.update(f"{one.id}\0{key}\0{run.reason}\0".encode())
        own.update(root / file for file in files(root, one))
        own.update(sources(root, one.claims))
        own.update(sources(root, checks_module(root, one)))
    named = {path.relative_to(root).as_posix(): path for path in own}
    engine = {path for name in ("casebook", "docs") for path in (ENGINE / name).rglob("*")}
    if root != ENGINE:
        engine = {path for path in engine if "results" not in path.parts}
    named |= {f"engine/{path.relative_to(ENGINE).as_posix()}": path for path in engine - own}
    for name, path in sorted(named.items()):
        if path.is_file() and "__pycache__" not in path.parts:
            content = path.read_bytes()
            # The length keeps the end of one file apart from the name of the next.
            total.update(f"{name}\0{len(content)}\0".encode() + content)
    return total.hexdigest()


# --- Judging --------------------------------------------------------------------------------------


def judge(
    investigation: Investigation,
    claims: Sequence[Claim],
    planned: Iterable[PlannedCell],
    records: Mapping[Key, Record],
    *,
    problems: Sequence[Problem] = (),
    changed: Mapping[PlannedCell, str] | None = None,
    not_rerun: Mapping[Key, str] | None = None,
    digest: str = "",
    experiments: Mapping[str, Experiment] | None = None,
    checks: Sequence[Check] = (),
    said: Statements | None = None,
) -> Report:
    """Return what the records say of the claims; reads nothing and changes nothing.

    `changed` maps each cell that an earlier experiment recorded to the file that changed since.
    `not_rerun` says why the record of an environment and database is not of this run,
    `experiments` what an experiment needs, where it needs anything. `said` is judged by the
    findings and by the `checks` that it names.
    """
    changed = changed or {}
    not_rerun = not_rerun or {}
    experiments = experiments or {}
    cells: dict[tuple[str, str, bool], list[PlannedCell]] = {}
    for cell in dict.fromkeys(planned):
        cells.setdefault((cell.place, cell.database, cell.again), []).append(cell)
    findings: list[Finding] = []
    controls: list[ControlOutcome] = []
    grades: list[Grade] = []
    twins: list[Twin] = []
    failed: list[str] = []
    ran_in: dict[tuple[str, str, str], str] = {}
    homes: dict[Key, str] = {}
    completed = compared = 0
    facts: list[Fact] = []
    for environment in investigation.environments:
        for database in investigation.databases:
            own = cells.get((environment.id, database, False), [])
            if not own and not investigation.home(environment, database):
                continue
            seen = scene(environment, database, records, own, changed, investigation.databases)
            homes[environment.id, database] = seen.home
            for experiment, home in seen.ran_in.items():
                ran_in[environment.id, database, experiment] = home
            completed += seen.completed
            asked = Asked(seen, claims, investigation, experiments, own)
            judgements, outcomes = _judge_scene(asked)
            controls += outcomes
            facts += _facts(asked, checks, said, failed)
            for pattern in asked.patterns:
                for claim in asked.of(pattern):
                    judgement = judgements[claim.id, pattern.id]
                    findings.append(_finding(asked, claim, pattern, judgement, not_rerun))
                    if judgement.checker_failed:
                        failed.append(findings[-1].id)
                if not pattern.control and asked.of(pattern):
                    grades.append(_grade(asked, pattern, judgements))
            again = cells.get((environment.id, database, True), [])
            for twin in dict.fromkeys(cell.environment for cell in again):
                there = [cell for cell in again if cell.environment == twin]
                other = scene(
                    environment, database, records, there, changed, investigation.databases
                )
                completed += other.completed
                both = tuple(_compared(asked, other, judgements))
                compared += len(both)
                twins += (one for one in both if one.here[0] != one.there[0])
    count = sum(map(len, cells.values()))
    found = Report(
        investigation=investigation,
        claims=tuple(claims),
        records=dict(records),
        findings=tuple(findings),
        controls=tuple(controls),
        grades=tuple(grades),
        problems=tuple(problems),
        not_rerun=dict(not_rerun),
        coverage=Coverage(count, completed, count - completed),
        digest=digest,
        failed_checkers=tuple(failed),
        ran_in=ran_in,
        homes=homes,
        twins=tuple(twins),
        compared=compared,
        facts=tuple(facts),
        said=said,
        changed={
            (cell.environment, cell.database, cell.pattern, cell.experiment): file
            for cell, file in changed.items()
        },
    )
    return replace(found, stated=stated(found))


_Judgements = dict[tuple[str, str], Judgement]
"""Judgements by the ids of claim and pattern."""


def _judge_scene(asked: Asked) -> tuple[_Judgements, list[ControlOutcome]]:
    """Return the judgement of each claim on each of its patterns, and what the controls showed."""
    scene, claims = asked.scene, asked.claims
    judgements: _Judgements = {}
    outcomes: dict[str, list[ControlOutcome]] = {}
    blocked: dict[str, Judgement] = {}
    for claim in sorted(claims, key=lambda claim: not claim.gate):
        patterns = [pattern for pattern in asked.patterns if concerns(claim, pattern)]
        for pattern in patterns:
            judgements[claim.id, pattern.id] = blocked.get(pattern.id) or judged(
                asked, scene, claim, pattern.id
            )
        ran = scene.imported and (claim.gate or scene.in_reach(asked.under(claim)))
        outcomes[claim.id] = _outcomes(scene, claim, judgements) if ran else []
        failed = next((outcome for outcome in outcomes[claim.id] if not outcome.held), None)
        for pattern in patterns:
            judgement = judgements[claim.id, pattern.id]
            if failed and not pattern.control:
                judgement = judgements[claim.id, pattern.id] = _void(judgement, failed)
            if claim.gate and judgement.verdict != "supported" and pattern.id not in blocked:
                blocked[pattern.id] = _blocked_by(judgement)
    return judgements, [outcome for claim in claims for outcome in outcomes[claim.id]]


def _outcomes(
    scene: Scene, claim: Claim, judgements: Mapping[tuple[str, str], Judgement]
) -> list[ControlOutcome]:
    """Return what each control of the claim was declared to show and what it showed."""
    outcomes = []
    missing = Judgement("not-tested", "no such pattern in this environment")
    for control in claim.controls:
        judgement = judgements.get((claim.id, control), missing)
        expected, phrase = _declared(claim, control)
        outcomes.append(
            ControlOutcome(
                claim=claim.id,
                pattern=control,
                environment=scene.environment.id,
                database=scene.database,
                expected=expected,
                verdict=judgement.verdict,
                reason=judgement.reason,
                held=judgement.verdict == expected and phrase in judgement.reason,
                phrase=phrase,
            )
        )
    return outcomes


def _declared(claim: Claim, control: str) -> tuple[VerdictWord, str]:
    """Return the verdict that a control of the claim declares, and the phrase of its reason."""
    if control in claim.refuted_by:
        return "refuted", claim.refuted_by[control]
    return "supported", ""


def _void(judgement: Judgement, failed: ControlOutcome) -> Judgement:
    """Return the judgement after a control failed: nothing that was seen means anything.

    What was not tested stays so: that says less still, and why.
    """
    if judgement.verdict == "not-tested":
        return judgement
    return replace(judgement, verdict="inconclusive", reason=control_failure(failed))


def _blocked_by(gate: Judgement) -> Judgement:
    """Return the judgement of all other claims on a pattern whose gate was not supported."""
    if gate.verdict == "refuted":
        return Judgement("not-tested", f"could not be wired: {gate.reason}")
    if gate.verdict == "inconclusive":
        return Judgement("inconclusive", f"whether it can be wired is open: {gate.reason}")
    return Judgement("not-tested", gate.reason)


def _finding(
    asked: Asked,
    claim: Claim,
    pattern: Pattern,
    judgement: Judgement,
    not_rerun: Mapping[Key, str],
) -> Finding:
    scene, under = asked.scene, asked.under(claim)
    expects = pattern.id in claim.controls and scene.imported and scene.in_reach(under)
    ran = dict.fromkeys(scene.ran_in[one] for one in under if one in scene.ran_in)
    reasons = (not_rerun.get((id, scene.database)) for id in (ran or [scene.home]))
    note = next((f"not rerun: {reason}" for reason in reasons if reason), "")
    return Finding(
        id=f"{claim.id}.{pattern.id}.{scene.environment.id}.{scene.database}",
        claim=claim.id,
        backend=pattern.backend,
        pattern=pattern.id,
        environment=scene.environment.id,
        database=scene.database,
        verdict=judgement.verdict,
        reason=judgement.reason,
        evidence=judgement.evidence,
        note=note,
        expected=_declared(claim, pattern.id)[0] if expects else None,
        observed_in=next(reversed(ran), scene.home),
    )


def _compared(asked: Asked, there: Scene, judgements: _Judgements) -> Iterator[Twin]:
    """Yield each finding that a twin's cells can judge, too, with both verdicts."""
    twin = next(iter(there.ran_in.values()))
    for pattern in (one for one in asked.patterns if not one.control):
        blocked: Judgement | None = None
        for claim in sorted(asked.of(pattern), key=lambda claim: not claim.gate):
            ran = all((pattern.id, one) in there.cells for one in asked.under(claim))
            if ran:
                here = judgements[claim.id, pattern.id]
                other = blocked or judged(asked, there, claim, pattern.id)
                if claim.gate and other.verdict != "supported":
                    blocked = _blocked_by(other)
                yield Twin(
                    claim=claim.id,
                    pattern=pattern.id,
                    environment=there.environment.id,
                    database=there.database,
                    twin=twin,
                    here=(here.verdict, here.reason),
                    there=(other.verdict, other.reason),
                )


def _grade(
    asked: Asked, pattern: Pattern, judgements: Mapping[tuple[str, str], Judgement]
) -> Grade:
    scene = asked.scene
    claims = [claim for claim in asked.of(pattern) if claim.weighs]
    words = {claim.id: judgements[claim.id, pattern.id].verdict for claim in claims}
    refuted = tuple(one.id for one in claims if one.required and words[one.id] == "refuted")
    opened = tuple(id for id, word in words.items() if word in ("inconclusive", "not-tested"))
    required = {words[claim.id] for claim in claims if claim.required}
    optional = {words[claim.id] for claim in claims if not claim.required}
    grade: GradeWord = "unknown"
    if refuted:
        grade = "dont"
    elif required == {"supported"}:
        if "refuted" in optional:
            grade = "works-deprecated"
        elif optional <= {"supported"}:
            grade = "write-this"
    return Grade(pattern.id, scene.environment.id, scene.database, grade, refuted, opened)


def _facts(
    asked: Asked, checks: Sequence[Check], said: Statements | None, failed: list[str]
) -> Iterator[Fact]:
    """Yield what the checks that statements name say here; append to `failed` those that raise."""
    known = {check.id: check for check in checks}
    here = {pattern.id for pattern in asked.patterns}
    scene = asked.scene
    for check, of, pattern in dict.fromkeys(
        (binding.check, binding.of, pattern)
        for statement in (said.statements if said else ())
        for binding in statement.bindings
        if binding.check
        for pattern in binding.patterns
        if pattern in here
    ):
        claim = known[check].asked(of)
        if asked.under(claim):
            place = check, of, pattern, scene.environment.id, scene.database
            found = judged(asked, scene, claim, pattern)
            yield Fact(*place, found.verdict, found.reason, found.evidence)
            if found.checker_failed:
                failed.append(".".join(filter(None, place)))
