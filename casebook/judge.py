"""The judge: verdicts, computed from records by claims.

`judge` is a pure function of the plan, the claims and the records, so verdicts can be computed
again at any time; `report` reads all of these from a project first.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from hashlib import sha256
from pathlib import Path
from typing import Literal, get_args

from casebook import plan
from casebook.plan import Environment, Investigation, Pattern, PlannedCell
from casebook.record import Cell, Claim, Event, History, Record, Verdict, VerdictWord, clean
from casebook.results import (
    VERDICTS_SCHEMA,
    Key,
    Problem,
    Published,
    PublishedControl,
    PublishedFinding,
    PublishedPlan,
    miscounted,
    one_line,
    read_results,
    read_runs,
)

GradeWord = Literal["write-this", "works-deprecated", "dont", "unknown"]


@dataclass(frozen=True, slots=True)
class Evidence:
    """The events of one history that show a verdict: positions in `events`, from 0."""

    experiment: str
    history: int
    events: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Finding:
    """A verdict for one claim, pattern, environment and database.

    `note` says what a reader must know beside it ("not rerun: no network"), or is empty.
    `expected` is the verdict that a control declares for this claim, None where it declares none
    and where the environment is unavailable, since that has no controls.
    """

    id: str
    claim: str
    backend: str
    pattern: str
    environment: str
    database: str
    verdict: VerdictWord
    reason: str
    evidence: tuple[Evidence, ...]
    note: str = ""
    expected: VerdictWord | None = None


@dataclass(frozen=True, slots=True)
class ControlOutcome:
    """What a control was declared to show of a claim in an environment, and what it showed.

    `phrase` is what the reason of a control that must refute has to contain, else empty.
    """

    claim: str
    pattern: str
    environment: str
    database: str
    expected: VerdictWord
    verdict: VerdictWord
    reason: str
    held: bool
    phrase: str = ""


@dataclass(frozen=True, slots=True)
class Grade:
    """The answer for one pattern in one environment with one database.

    `refuted` names the required claims that were refuted, `open` all claims that are inconclusive
    or not tested, in the order of the claims.
    """

    pattern: str
    environment: str
    database: str
    grade: GradeWord
    refuted: tuple[str, ...]
    open: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Coverage:
    """How much of the plan was observed, in cells."""

    cells: int
    completed: int
    not_tested: int


@dataclass(frozen=True, slots=True)
class Report:
    """Everything that the pages, the citation and `verdicts.json` are drawn from.

    `failed_checkers` holds the ids of the findings whose checker raised instead of answering.
    """

    investigation: Investigation
    claims: tuple[Claim, ...]
    records: dict[Key, Record]
    findings: tuple[Finding, ...]
    controls: tuple[ControlOutcome, ...]
    grades: tuple[Grade, ...]
    problems: tuple[Problem, ...]
    not_rerun: dict[Key, str]
    coverage: Coverage
    edition: str
    failed_checkers: tuple[str, ...] = ()


# --- From a project to its report -----------------------------------------------------------------


def report(root: Path, id: str) -> Report:
    """Return the report of an investigation, computed from what the project holds now.

    Raises `plan.PlanError` where `conf/` is wrong.
    """
    investigation = plan.read(root, id)
    planned = plan.cells(root, investigation)
    records, problems = read_results(root, investigation)
    inputs = {
        cell: plan.inputs(root, investigation, cell.environment, cell.pattern, cell.experiment)
        for cell in planned
        if (cell.environment, cell.database) in records
    }
    digests = plan.digests(root, sorted({path for paths in inputs.values() for path in paths}))
    runs = read_runs(root, investigation)
    return judge(
        investigation,
        plan.claims(root, investigation),
        planned,
        records,
        problems=problems,
        changed=changed_inputs(records, inputs, digests),
        not_rerun={key: run.reason for key, run in runs.items() if run.status == "not-rerun"},
        edition=edition(root),
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

    It is the digest of all results, `conf/`, the claims' modules and the page templates. Raises
    `plan.PlanError` where `conf/` is wrong.
    """
    paths = {path for name in ("conf", "docs/templates") for path in (root / name).rglob("*")}
    paths.update((root / "docs" / "results").rglob("*.json"))
    paths.update(filter(None, (plan.source(root, one.claims) for one in plan.read_all(root))))
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
) -> Report:
    """Return what the records say of the claims; reads nothing and changes nothing.

    `changed` maps each cell that an earlier experiment recorded to the file that changed since.
    `not_rerun` says why the record of an environment and database is not of this run.
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
    completed = 0
    for environment in investigation.environments:
        for database in investigation.databases:
            key = environment.id, database
            scene = _scene(environment, database, records.get(key), cells.get(key, ()), changed)
            completed += scene.completed
            patterns = investigation.patterns_in(environment)
            judgements, outcomes = _judge_scene(scene, claims, patterns)
            controls += outcomes
            note = f"not rerun: {not_rerun[key]}" if key in not_rerun else ""
            for pattern in patterns:
                for claim in claims:
                    judgement = judgements[claim.id, pattern.id]
                    findings.append(_finding(scene, claim, pattern, judgement, note))
                    if judgement.checker_failed:
                        failed.append(findings[-1].id)
                if not pattern.control:
                    grades.append(_grade(scene, claims, pattern, judgements))
    count = sum(map(len, cells.values()))
    return Report(
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
    )


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
    scene: _Scene, claims: Sequence[Claim], patterns: Sequence[Pattern]
) -> tuple[_Judgements, list[ControlOutcome]]:
    """Return the judgement of each claim and pattern, and what the controls showed."""
    judgements: _Judgements = {}
    outcomes: dict[str, list[ControlOutcome]] = {}
    blocked: dict[str, _Judgement] = {}
    for claim in sorted(claims, key=lambda claim: not claim.gate):
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
    scene: _Scene, claim: Claim, judgements: Mapping[tuple[str, str], _Judgement]
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


def control_failure(outcome: ControlOutcome) -> str:
    """Return in words how a control came out that did not hold, and what it had declared."""
    declared = f'{outcome.expected} with "{outcome.phrase}"' if outcome.phrase else outcome.expected
    return (
        f"control `{outcome.pattern}` came out {outcome.verdict} ({outcome.reason}), "
        f"declared {declared}"
    )


def _blocked_by(gate: _Judgement) -> _Judgement:
    """Return the judgement of all other claims on a pattern whose gate was not supported."""
    if gate.verdict == "refuted":
        return _Judgement("not-tested", f"could not be wired: {gate.reason}")
    if gate.verdict == "inconclusive":
        return _Judgement("inconclusive", f"whether it can be wired is open: {gate.reason}")
    return _Judgement("not-tested", gate.reason)


def _finding(
    scene: _Scene, claim: Claim, pattern: Pattern, judgement: _Judgement, note: str
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
    scene: _Scene,
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


# --- One claim on one pattern ---------------------------------------------------------------------


def _judgement(scene: _Scene, claim: Claim, pattern: str) -> _Judgement:
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
    quoted = [f"`{name}`" for name in names]
    return " and ".join(filter(None, [", ".join(quoted[:-1]), quoted[-1]]))


def _reading(scene: _Scene, claim: Claim, pattern: str, experiment: str) -> _Judgement:
    """Return what one experiment says of the pattern: the checker's answer, or why it has none."""
    history = scene.seen(pattern, experiment)
    if isinstance(history, _Gap):
        return _Judgement(history.verdict, history.reason, history.evidence)
    if history.outcome == "unavailable":
        if claim.gate:
            return _Judgement("refuted", history.reason)
        return _Judgement("not-tested", f"could not be wired: {history.reason}")
    histories = [history]
    if claim.baseline is not None:
        baseline = scene.seen(claim.baseline, experiment)
        if isinstance(baseline, _Gap):
            why = baseline.reason
        else:
            why = _unfinished(baseline)
            histories.append(baseline)
        if why:
            reason = f"nothing to compare with: baseline `{claim.baseline}`: {why}"
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
    return f"the experiment did not run to its end: {_ended(history)}"


def _ended(history: History) -> str:
    return f"{history.outcome}: {history.reason}" if history.reason else history.outcome


# --- What was observed ----------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Gap:
    """A cell without a history that can be judged: the verdict that follows from it, and why.

    `recorded` says whether an outcome was recorded all the same, so that the cell counts as run.
    """

    verdict: VerdictWord
    reason: str
    evidence: tuple[Evidence, ...] = ()
    recorded: bool = False


@dataclass(frozen=True, slots=True)
class _Scene:
    """One environment with one database: what was seen in each planned cell."""

    environment: Environment
    database: str
    unavailable: bool
    cells: dict[tuple[str, str], History | _Gap]

    @property
    def completed(self) -> int:
        """The number of cells in which an outcome was recorded."""
        return sum(isinstance(one, History) or one.recorded for one in self.cells.values())

    def seen(self, pattern: str, experiment: str) -> History | _Gap:
        """Return what was seen in a cell, a gap also for one that nobody planned."""
        unplanned = _Gap("not-tested", "no observation: not planned")
        return self.cells.get((pattern, experiment), unplanned)


def _scene(
    environment: Environment,
    database: str,
    record: Record | None,
    planned: Iterable[PlannedCell],
    changed: Mapping[PlannedCell, str],
) -> _Scene:
    """Return what the record shows of each planned cell, a gap where it shows nothing."""
    seen: dict[tuple[str, str], History | _Gap] = {}
    recorded: dict[tuple[str, str], list[Cell]] = {}
    for cell in record.cells if record else ():
        recorded.setdefault((cell.pattern, cell.experiment), []).append(cell)
    known = {(one.pattern, one.experiment) for one in record.planned} if record else set()
    for one in planned:
        name = one.pattern, one.experiment
        if record is None:
            seen[name] = _Gap("not-tested", "no record")
        elif one in changed:
            reason = f"recorded by an earlier experiment: {changed[one]} changed since"
            seen[name] = _Gap("not-tested", reason)
        elif record.unavailable is not None:
            seen[name] = History("unavailable", record.unavailable, ())
        elif name in recorded:
            seen[name] = _observed(one.experiment, recorded[name])
        elif name in known:
            seen[name] = _Gap("not-tested", "no observation: planned, but the run recorded nothing")
        else:
            seen[name] = _Gap("not-tested", "no observation: not planned when the environment ran")
    unavailable = record is not None and record.unavailable is not None
    return _Scene(environment, database, unavailable, seen)


def _observed(experiment: str, cells: Sequence[Cell]) -> History | _Gap:
    """Return the one history of a recorded cell, or why it has none that can be believed."""
    if len(cells) > 1:
        return _Gap("inconclusive", f"recorded {len(cells)} times: none of them can be believed")
    (cell,) = cells
    if not cell.histories:
        return _Gap("not-tested", "no observation: the cell holds no history")
    if miscounted(cell):
        reason = f"contradictory: {len(cell.histories)} histories of {cell.runs} runs"
        return _Gap("inconclusive", reason)
    if cell.runs < 2 and cell.histories[0].outcome != "unavailable":
        return _Gap("inconclusive", "ran once: nothing shows that it repeats", recorded=True)
    first = cell.histories[0]
    for number, other in enumerate(cell.histories):
        if other != first:
            return _difference(experiment, first, number, other)
    return first


def _difference(experiment: str, first: History, number: int, other: History) -> _Gap:
    """Return the gap of two runs that differ, showing the first event in which they do."""
    pairs = zip(first.events, other.events, strict=False)
    shorter = min(len(first.events), len(other.events))
    at = next((at for at, (one, two) in enumerate(pairs) if one != two), shorter)
    shown = [
        (run, short(history.events[at]) if at < len(history.events) else f"end ({_ended(history)})")
        for run, history in ((0, first), (number, other))
    ]
    return _Gap(
        "inconclusive",
        f"the two runs differed: at event {at + 1}, " + " against ".join(text for _, text in shown),
        tuple(
            Evidence(experiment, run, (at,))
            for run, history in ((0, first), (number, other))
            if at < len(history.events)
        ),
        recorded=True,
    )


def short(event: Event, width: int = 80) -> str:
    """Return an event in one line of at most `width` characters: kind, labels, details."""
    details = (f"{name}={value}" for name, value in event.details.items() if value is not None)
    return one_line(" ".join([event.kind, *event.labels, *details]), width)


# --- What follows from a report -------------------------------------------------------------------


def exit_code(report: Report) -> Literal[0, 3, 4]:
    """Return 4 where a result file is invalid, 3 where an observation is missing, else 0.

    An observation is missing where a cell has none, an environment was not rerun, or a control
    failed. A refuted claim is a result, not a failure.
    """
    if report.problems:
        return 4
    controls_held = all(outcome.held for outcome in report.controls)
    if report.coverage.not_tested or report.not_rerun or not controls_held:
        return 3
    return 0


def finding_url(report: Report, site_url: str, finding: Finding) -> str:
    """Return the address of a finding on the site; it stays once it is published."""
    page = f"{report.investigation.id}/patterns/{finding.pattern}.html"
    return f"{site_url.rstrip('/')}/{page}#{finding.id}"


def verdicts(reports: Iterable[Report], site_url: str) -> Published:
    """Return `verdicts.json` of a site of these reports; `results.dump_published` gives its text.

    Its edition is the reports' common one, or all of theirs.
    """
    reports = tuple(reports)
    return Published(
        schema=VERDICTS_SCHEMA,
        edition="-".join(dict.fromkeys(report.edition for report in reports)),
        findings=tuple(
            PublishedFinding(
                investigation=report.investigation.id,
                claim=finding.claim,
                backend=finding.backend,
                pattern=finding.pattern,
                environment=finding.environment,
                database=finding.database,
                releases=releases(report, finding),
                verdict=finding.verdict,
                reason=finding.reason,
                url=finding_url(report, site_url, finding),
            )
            for report in reports
            for finding in report.findings
        ),
        statements=(),
        controls=tuple(
            PublishedControl(
                investigation=report.investigation.id,
                claim=outcome.claim,
                pattern=outcome.pattern,
                environment=outcome.environment,
                database=outcome.database,
                expected=outcome.expected,
                verdict=outcome.verdict,
                reason=outcome.reason,
                held=outcome.held,
            )
            for report in reports
            for outcome in report.controls
        ),
        plan=PublishedPlan(
            cells=sum(report.coverage.cells for report in reports),
            completed=sum(report.coverage.completed for report in reports),
            not_tested=sum(report.coverage.not_tested for report in reports),
        ),
    )


def releases(report: Report, finding: Finding) -> dict[str, str]:
    """Return the releases that a finding holds for by package, sorted; empty without a record."""
    record = report.records.get((finding.environment, finding.database))
    return dict(sorted(record.releases.items())) if record else {}
