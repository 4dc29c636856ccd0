"""The judge: verdicts, computed from records by claims.

`judge` is a pure function of the plan, the claims and the records, so verdicts can be computed
again at any time; `report` reads all of these from a project first.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from hashlib import sha256
from pathlib import Path
from typing import get_args

from casebook import plan, statements
from casebook.investigation import Investigation, Pattern, PlannedCell
from casebook.observed import Evidence, Gap, Scene, ended, scene
from casebook.record import Check, Claim, Event, History, Record, Verdict, VerdictWord, clean
from casebook.report import (
    ControlOutcome,
    Coverage,
    Fact,
    Finding,
    Grade,
    GradeWord,
    Report,
    control_failure,
)
from casebook.results import Key, Problem, read_results, read_runs
from casebook.sources import sources
from casebook.stated import stated
from casebook.statements import Statements

# --- From a project to its report -----------------------------------------------------------------


def report(root: Path, id: str) -> Report:
    """Return the report of an investigation, computed from what the project holds now.

    Raises `plan.PlanError` where `conf/` is wrong.
    """
    return _report(root, plan.read(root, id), edition(root))


def reports(root: Path) -> tuple[Report, ...]:
    """Return the report of every investigation. Raises `plan.PlanError` where `conf/` is wrong."""
    investigations, common = plan.read_all(root), edition(root)
    return tuple(_report(root, investigation, common) for investigation in investigations)


def _report(root: Path, investigation: Investigation, edition: str) -> Report:
    planned = plan.cells(root, investigation)
    records, problems = read_results(root, investigation)
    recorded = (cell for cell in planned if (cell.environment, cell.database) in records)
    inputs = plan.inputs(root, investigation, recorded)
    digests = plan.digests(root, sorted({path for paths in inputs.values() for path in paths}))
    runs = read_runs(root, investigation)
    claims = plan.claims(root, investigation)
    return judge(
        investigation,
        claims,
        planned,
        records,
        problems=problems,
        changed=changed_inputs(records, inputs, digests),
        not_rerun={key: run.reason for key, run in runs.items() if run.status == "not-rerun"},
        edition=edition,
        checks=statements.checks(root, investigation),
        said=statements.read(root, investigation, claims),
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


def edition(root: Path) -> str:
    """Return the name of what the site is built from: 12 hexadecimal digits.

    It is the digest of `docs/` with all results, of `conf/`, of the claims' modules and of the
    checks'. Raises
    `plan.PlanError` where `conf/` is wrong.
    """
    paths = {path for name in ("conf", "docs") for path in (root / name).rglob("*")}
    paths = {path for path in paths if "__pycache__" not in path.parts}
    for one in plan.read_all(root):
        paths.update(sources(root, one.claims))
        paths.update(sources(root, statements.module(root, one)))
    total = sha256()
    for path in sorted(path for path in paths if path.is_file()):
        content = path.read_bytes()
        # The length keeps the end of one file apart from the name of the next.
        total.update(f"{path.relative_to(root).as_posix()}\0{len(content)}\0".encode() + content)
    return total.hexdigest()[:12]


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
    edition: str = "",
    checks: Sequence[Check] = (),
    said: Statements | None = None,
) -> Report:
    """Return what the records say of the claims; reads nothing and changes nothing.

    `changed` maps each cell that an earlier experiment recorded to the file that changed since.
    `not_rerun` says why the record of an environment and database is not of this run. `said` is
    judged by the findings and by the `checks` that it names.
    """
    changed = changed or {}
    not_rerun = not_rerun or {}
    cells: dict[Key, set[PlannedCell]] = {}
    for cell in planned:
        cells.setdefault((cell.environment, cell.database), set()).add(cell)
    findings: list[Finding] = []
    controls: list[ControlOutcome] = []
    grades: list[Grade] = []
    failed: list[str] = []
    facts: list[Fact] = []
    completed = 0
    for environment in investigation.environments:
        for database in investigation.databases:
            key = environment.id, database
            seen = scene(environment, database, records.get(key), cells.get(key, ()), changed)
            completed += seen.completed
            judgements, outcomes = _judge_scene(seen, claims, investigation)
            controls += outcomes
            facts += _facts(seen, checks, said, investigation, failed)
            note = f"not rerun: {not_rerun[key]}" if key in not_rerun else ""
            for pattern in investigation.patterns_in(environment):
                for claim in (one for one in claims if plan.concerns(one, pattern)):
                    judgement = judgements[claim.id, pattern.id]
                    findings.append(_finding(seen, claim, pattern, judgement, note))
                    if judgement.checker_failed:
                        failed.append(findings[-1].id)
                asked = [one for one in claims if plan.concerns(one, pattern)]
                if asked and not pattern.control:
                    grades.append(_grade(seen, asked, pattern, judgements))
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
        edition=edition,
        failed_checkers=tuple(failed),
        facts=tuple(facts),
        said=said,
    )
    return replace(found, stated=stated(found))


@dataclass(frozen=True, slots=True)
class _Judgement:
    """A finding before it has a name."""

    verdict: VerdictWord
    reason: str
    evidence: tuple[Evidence, ...] = ()
    checker_failed: bool = False


_Judgements = dict[tuple[str, str], _Judgement]
"""Judgements by the ids of claim and pattern."""


def _judge_scene(
    scene: Scene, claims: Sequence[Claim], investigation: Investigation
) -> tuple[_Judgements, list[ControlOutcome]]:
    """Return the judgement of each claim on each of its patterns, and what the controls showed."""
    everywhere = investigation.patterns_in(scene.environment)
    judgements: _Judgements = {}
    outcomes: dict[str, list[ControlOutcome]] = {}
    blocked: dict[str, _Judgement] = {}
    for claim in sorted(claims, key=lambda claim: not claim.gate):
        patterns = [pattern for pattern in everywhere if plan.concerns(claim, pattern)]
        for pattern in patterns:
            judgements[claim.id, pattern.id] = blocked.get(pattern.id) or _judgement(
                scene, claim, pattern.id
            )
        outcomes[claim.id] = [] if scene.unavailable else _outcomes(scene, claim, judgements)
        failed = next((outcome for outcome in outcomes[claim.id] if not outcome.held), None)
        for pattern in patterns:
            judgement = judgements[claim.id, pattern.id]
            if failed and not pattern.control:
                judgement = judgements[claim.id, pattern.id] = _void(judgement, failed)
            if claim.gate and judgement.verdict != "supported" and pattern.id not in blocked:
                blocked[pattern.id] = _blocked_by(judgement)
    return judgements, [outcome for claim in claims for outcome in outcomes[claim.id]]


def _outcomes(
    scene: Scene, claim: Claim, judgements: Mapping[tuple[str, str], _Judgement]
) -> list[ControlOutcome]:
    """Return what each control of the claim was declared to show and what it showed."""
    outcomes = []
    missing = _Judgement("not-tested", "no such pattern in this environment")
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


def _void(judgement: _Judgement, failed: ControlOutcome) -> _Judgement:
    """Return the judgement after a control failed: nothing that was seen means anything.

    What was not tested stays so: that says less still, and why.
    """
    if judgement.verdict == "not-tested":
        return judgement
    return replace(judgement, verdict="inconclusive", reason=control_failure(failed))


def _blocked_by(gate: _Judgement) -> _Judgement:
    """Return the judgement of all other claims on a pattern whose gate was not supported."""
    if gate.verdict == "refuted":
        return _Judgement("not-tested", f"could not be wired: {gate.reason}")
    if gate.verdict == "inconclusive":
        return _Judgement("inconclusive", f"whether it can be wired is open: {gate.reason}")
    return _Judgement("not-tested", gate.reason)


def _finding(
    scene: Scene, claim: Claim, pattern: Pattern, judgement: _Judgement, note: str
) -> Finding:
    expects = pattern.id in claim.controls and not scene.unavailable
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
    )


def _grade(
    scene: Scene,
    claims: Sequence[Claim],
    pattern: Pattern,
    judgements: Mapping[tuple[str, str], _Judgement],
) -> Grade:
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
    scene: Scene,
    checks: Sequence[Check],
    said: Statements | None,
    investigation: Investigation,
    failed: list[str],
) -> list[Fact]:
    """Return what the checks that statements name say here; append to `failed` those that raise."""
    known = {check.id: check for check in checks}
    here = {pattern.id for pattern in investigation.patterns_in(scene.environment)}
    asked = dict.fromkeys(
        (binding.check, binding.of, pattern)
        for statement in (said.statements if said else ())
        for binding in statement.bindings
        if binding.check
        for pattern in binding.patterns
        if pattern in here
    )
    found = []
    for check, of, pattern in asked:
        place = check, of, pattern, scene.environment.id, scene.database
        judgement = _judgement(scene, known[check].asked(of), pattern)
        found.append(Fact(*place, judgement.verdict, judgement.reason, judgement.evidence))
        if judgement.checker_failed:
            failed.append(".".join(filter(None, place)))
    return found


# --- One claim on one pattern ---------------------------------------------------------------------


def _judgement(scene: Scene, claim: Claim, pattern: str) -> _Judgement:
    """Return what all of the claim's experiments together say of the pattern.

    One refutation refutes, support needs all; where nothing was observed, nothing was tested.
    """
    readings = {
        experiment: _reading(scene, claim, pattern, experiment) for experiment in claim.experiments
    }
    words = {reading.verdict for reading in readings.values()}
    verdict: VerdictWord
    if "refuted" in words:
        verdict = "refuted"
        readings = {name: one for name, one in readings.items() if one.verdict == verdict}
    elif words == {"supported"}:
        verdict = "supported"
    else:
        verdict = "not-tested" if words <= {"not-tested"} else "inconclusive"
        readings = {name: one for name, one in readings.items() if one.verdict != "supported"}
    return _Judgement(
        verdict,
        _joined_reason(readings, len(claim.experiments), 3 if verdict == "supported" else None),
        tuple(evidence for reading in readings.values() for evidence in reading.evidence),
        any(reading.checker_failed for reading in readings.values()),
    )


def _joined_reason(readings: Mapping[str, _Judgement], experiments: int, limit: int | None) -> str:
    """Return one sentence of these reasons, each said once, at most `limit` of them."""
    reasons: dict[str, list[str]] = {}
    for experiment, reading in readings.items():
        reasons.setdefault(reading.reason, []).append(experiment)
    if len(reasons) == 1 and len(readings) == experiments:
        return next(iter(reasons))
    parts = [f"in {_listed(names)}: {reason}" for reason, names in reasons.items()]
    if limit is not None and len(parts) > limit:
        rest = sum(len(names) for names in list(reasons.values())[limit:])
        parts = [*parts[:limit], f"and likewise in {rest} more"]
    return "; ".join(parts)


def _listed(names: Sequence[str]) -> str:
    return " and ".join(filter(None, [", ".join(names[:-1]), names[-1]]))


def _reading(scene: Scene, claim: Claim, pattern: str, experiment: str) -> _Judgement:
    """Return what one experiment says of the pattern: the checker's answer, or why it has none."""
    history = scene.seen(pattern, experiment)
    if isinstance(history, Gap):
        return _Judgement(history.verdict, history.reason, history.evidence)
    if history.outcome == "unavailable":
        if claim.gate:
            return _Judgement("refuted", history.reason)
        return _Judgement("not-tested", f"could not be wired: {history.reason}")
    histories = [history]
    if claim.baseline is not None:
        baseline = scene.seen(claim.baseline, experiment)
        if isinstance(baseline, Gap):
            why = baseline.reason
        else:
            why = _unfinished(baseline)
            histories.append(baseline)
        if why:
            reason = f"nothing to compare with: baseline '{claim.baseline}': {why}"
            return _Judgement("inconclusive", reason)
    answer = _answer(claim, experiment, histories)
    if answer.verdict == "supported" and (why := _unfinished(history)):
        return replace(answer, verdict="inconclusive", reason=why)
    return answer


def _answer(claim: Claim, experiment: str, histories: Sequence[History]) -> _Judgement:
    """Return the checker's answer; one that raises, or answers with anything else, has none."""
    try:
        verdict = claim.check(*histories)
        if not isinstance(verdict, Verdict) or verdict.verdict not in get_args(VerdictWord):
            raise TypeError(f"{verdict!r} is not a verdict")
        positions = _positions(verdict.events, histories[0])
        evidence = (Evidence(experiment, 0, positions),) if positions else ()
        return _Judgement(verdict.verdict, str(verdict.reason), evidence)
    except Exception as error:
        reason = clean(f"the checker failed: {type(error).__name__}: {error}")
        return _Judgement("inconclusive", reason, checker_failed=True)


def _positions(events: Iterable[Event], history: History) -> tuple[int, ...]:
    """Return where the history holds these events, by identity; others, a baseline's, are not."""
    numbers = {id(event): number for number, event in enumerate(history.events)}
    return tuple(sorted({numbers[id(event)] for event in events if id(event) in numbers}))


def _unfinished(history: History) -> str:
    """Return how a run ended that did not complete, or "" where it did."""
    if history.outcome == "completed":
        return ""
    return f"the experiment did not run to its end: {ended(history)}"
