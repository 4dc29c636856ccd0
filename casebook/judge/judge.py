"""The judge computes verdicts from records.

`judge` is a pure function of the plan, the claims and the records, so verdicts can be recomputed at
any time.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace

from casebook.claim import Check, Claim, VerdictWord
from casebook.judge.findings import ControlOutcome, Fact, Finding, Grade, Twin, control_failure
from casebook.judge.grades import summed
from casebook.judge.judgement import Asked, Checkers, Judgement, judge_claim
from casebook.judge.observed import NOT_SET_UP, ObservedSetting, observed_setting
from casebook.judge.report import Coverage, Report
from casebook.judge.results import Results
from casebook.judge.statements import judge_statements
from casebook.plan.claims import concerns
from casebook.plan.investigation import Experiment, Investigation, Pattern, PlannedCell, Setting
from casebook.plan.statements import Statements


def judge(
    investigation: Investigation,
    claims: Sequence[Claim],
    planned: Iterable[PlannedCell],
    results: Results,
    *,
    changed: Mapping[PlannedCell, str] | None = None,
    not_rerun: Mapping[Setting, str] | None = None,
    digest: str = "",
    experiments: Mapping[str, Experiment] | None = None,
    checks: Sequence[Check] = (),
    said: Statements | None = None,
    checkers: Checkers | None = None,
) -> Report:
    """Return the report of an investigation; a pure function that reads and changes no files.

    `changed` maps each cell recorded by an earlier version of its inputs to the file that changed.
    `not_rerun` maps a setting whose record is from an earlier run to the reason. `experiments` maps
    ids to experiments; one that is left out has no needs. `said` holds the statements, judged by
    the findings and by the `checks` that they name. `checkers` are those of another report, which
    need not be asked again about the histories that both have.
    """
    checkers = checkers or Checkers()
    asked_of = _asked_of(checks, said)
    changed = changed or {}
    not_rerun = not_rerun or {}
    experiments = experiments or {}
    cells: dict[tuple[str, str, bool], list[PlannedCell]] = {}
    for cell in dict.fromkeys(planned):
        cells.setdefault((cell.decides, cell.database, cell.again), []).append(cell)
    findings: list[Finding] = []
    controls: list[ControlOutcome] = []
    grades: list[Grade] = []
    twins: list[Twin] = []
    failed: list[str] = []
    ran_in: dict[tuple[str, str, str], str] = {}
    homes: dict[Setting, str] = {}
    completed = compared = 0
    unobserved: Counter[tuple[Setting, str]] = Counter()
    facts: list[Fact] = []
    for environment in investigation.environments:
        for database in investigation.databases:
            own = cells.get((environment.id, database, False), [])
            if not own and not investigation.home(environment, database):
                continue
            seen = observed_setting(
                environment, database, results, own, changed, investigation.databases
            )
            homes[Setting(environment.id, database)] = seen.home
            for experiment, home in seen.ran_in.items():
                ran_in[environment.id, database, experiment] = home
            completed += seen.completed
            unobserved.update(seen.unobserved)
            asked = Asked(seen, claims, investigation, experiments, own, checkers)
            judgements, outcomes = _judge_setting(asked)
            controls += outcomes
            blames = _blames(asked, outcomes)
            facts += _facts(asked, asked_of, failed)
            for pattern in asked.patterns:
                for claim in asked.of(pattern):
                    judgement = judgements[claim.id, pattern.id]
                    unless = _exceptions(asked, claim, pattern, judgements)
                    found = _finding(asked, claim, pattern, judgement, not_rerun, unless)
                    if found.verdict == "refuted" and found.expected != "refuted":
                        remarks = filter(None, [*found.remarks, blames.get(claim.id)])
                        found = replace(found, remarks=tuple(remarks))
                    findings.append(found)
                    if judgement.checker_failed:
                        failed.append(findings[-1].id)
                if not pattern.control and asked.of(pattern):
                    grades.append(_grade(asked, pattern, judgements))
            again = cells.get((environment.id, database, True), [])
            for twin in dict.fromkeys(cell.environment for cell in again):
                there = [cell for cell in again if cell.environment == twin]
                other = observed_setting(
                    environment, database, results, there, changed, investigation.databases
                )
                completed += other.completed
                unobserved.update(other.unobserved)
                both = tuple(_compared(asked, other, judgements))
                compared += len(both)
                twins += (pair for pair in both if pair.here[0] != pair.there[0])
    count = sum(map(len, cells.values()))
    report = Report(
        investigation=investigation,
        claims=tuple(claims),
        records=results.records,
        histories=results.histories,
        findings=tuple(findings),
        controls=tuple(controls),
        grades=tuple(grades),
        problems=results.problems,
        not_rerun=dict(not_rerun),
        coverage=Coverage(count, completed, count - completed),
        digest=digest,
        failed_checkers=tuple(failed),
        unobserved=dict(unobserved),
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
    return replace(report, stated=judge_statements(report))


_Judgements = dict[tuple[str, str], Judgement]
"""Judgements by the ids of claim and pattern."""


def _judge_setting(asked: Asked) -> tuple[_Judgements, list[ControlOutcome]]:
    """Return the judgement of each claim on each of its patterns, and the control outcomes."""
    seen, claims = asked.seen, asked.claims
    judgements: _Judgements = {}
    outcomes: dict[str, list[ControlOutcome]] = {}
    blocked: dict[str, Judgement] = {}
    stopped: str | None = None
    for claim in sorted(claims, key=lambda claim: not claim.gate):
        patterns = [pattern for pattern in asked.patterns if concerns(claim, pattern)]
        for pattern in patterns:
            judgements[claim.id, pattern.id] = blocked.get(pattern.id) or judge_claim(
                asked, seen, claim, pattern.id
            )
        in_reach = claim.gate or (seen.in_reach(asked.under(claim)) and claim.about != stopped)
        outcomes[claim.id] = _blaming(
            asked, _outcomes(seen, claim, judgements) if seen.imported and in_reach else []
        )
        failed = next((outcome for outcome in outcomes[claim.id] if not outcome.sound), None)
        for pattern in patterns:
            judgement = judgements[claim.id, pattern.id]
            if failed and not pattern.control:
                judgement = judgements[claim.id, pattern.id] = _void(judgement, failed)
            if claim.gate and judgement.verdict != "supported" and pattern.id not in blocked:
                blocked[pattern.id] = _blocked_by(judgement)
        if claim.gate:
            # With such a subject no control of another claim about the same could show anything.
            judged = {pattern.id for pattern in patterns if not pattern.control}
            broken = any(outcome.of_subject for outcome in outcomes[claim.id])
            stopped = claim.about if broken and judged <= blocked.keys() else None
    return judgements, [outcome for claim in claims for outcome in outcomes[claim.id]]


def _outcomes(
    seen: ObservedSetting, claim: Claim, judgements: Mapping[tuple[str, str], Judgement]
) -> list[ControlOutcome]:
    outcomes = []
    missing = Judgement("not-tested", "no such pattern in this environment")
    for control in claim.controls:
        judgement = judgements.get((claim.id, control), missing)
        expected, phrase = _declared(claim, control)
        outcomes.append(
            ControlOutcome(
                claim=claim.id,
                pattern=control,
                environment=seen.environment.id,
                database=seen.database,
                expected=expected,
                verdict=judgement.verdict,
                reason=judgement.reason,
                held=judgement.verdict == expected and phrase in judgement.reason,
                phrase=phrase,
            )
        )
    return outcomes


def _blaming(asked: Asked, outcomes: list[ControlOutcome]) -> list[ControlOutcome]:
    """Return the outcomes of a claim's controls, those marked in which the subject is to blame.

    It is where right controls are refuted and all others hold, among them one that does the same
    as a refuted one without the subject: then the experiment shows what it should. Such a pair
    differs in the subject alone, so that it tells whether or not the subject works with other
    controls. If it does work with one, a refuted control that has no such pair may itself be to
    blame, and none is.
    """
    like = {one.id: one.without_subject_like for one in asked.patterns if one.without_subject_like}
    broken = [outcome for outcome in outcomes if not outcome.held]
    alone = all(
        outcome.expected == "supported"
        and outcome.verdict == "refuted"
        and outcome.pattern not in like
        for outcome in broken
    )
    without = {id for outcome in outcomes if outcome.held for id in like.get(outcome.pattern, ())}
    paired = [outcome.pattern in without for outcome in broken]
    works = any(
        outcome.held and outcome.expected == "supported" and outcome.pattern not in like
        for outcome in outcomes
    )
    if not alone or not (all(paired) if works else any(paired)) or not broken:
        return outcomes
    return [replace(outcome, of_subject=not outcome.held) for outcome in outcomes]


def _declared(claim: Claim, control: str) -> tuple[VerdictWord, str]:
    """Return the verdict that a control must get, and the phrase that its reason must contain."""
    if control in claim.refuted_by:
        return "refuted", claim.refuted_by[control]
    return "supported", ""


def _void(judgement: Judgement, failed: ControlOutcome) -> Judgement:
    """Return the judgement that replaces this one after a control failed: inconclusive.

    A judgement of "not-tested" stays, since it claims even less and says why.
    """
    if judgement.verdict == "not-tested":
        return judgement
    return replace(judgement, verdict="inconclusive", reason=control_failure(failed))


def _blocked_by(gate: Judgement) -> Judgement:
    """Return the judgement of every other claim on a pattern whose gate was not supported."""
    if gate.verdict == "refuted":
        return Judgement("not-tested", f"{NOT_SET_UP}{gate.reason}")
    if gate.verdict == "inconclusive":
        return Judgement("inconclusive", f"whether it can be set up is open: {gate.reason}")
    return Judgement("not-tested", gate.reason)


def _blames(asked: Asked, outcomes: Iterable[ControlOutcome]) -> dict[str, str]:
    """Return, by claim, that the subject fails with a right control too, where it does."""
    subject = asked.subject
    free = {pattern.id for pattern in asked.patterns if pattern.without_subject_like}
    broken: dict[str, list[str]] = {}
    without: dict[str, list[str]] = {}
    works: dict[str, list[str]] = {}
    for one in outcomes:
        if one.of_subject:
            broken.setdefault(one.claim, []).append(f"'{one.pattern}'")
        elif one.pattern in free:
            without.setdefault(one.claim, []).append(f"'{one.pattern}'")
        elif one.expected == "supported":
            works.setdefault(one.claim, []).append(f"'{one.pattern}'")
    return {
        claim: f"{subject} fails here with what is right, too: refuted for"
        f" {' and '.join(controls)}, supported for {' and '.join(without[claim])}, which does"
        f" without {subject}"
        + (f"; it works with {' and '.join(works[claim])}" if claim in works else "")
        for claim, controls in broken.items()
    }


def _finding(
    asked: Asked,
    claim: Claim,
    pattern: Pattern,
    judgement: Judgement,
    not_rerun: Mapping[Setting, str],
    unless: Iterable[str],
) -> Finding:
    seen, under = asked.seen, asked.under(claim)
    expects = pattern.id in claim.controls and seen.imported and seen.in_reach(under)
    ran = dict.fromkeys(
        seen.ran_in[experiment] for experiment in under if experiment in seen.ran_in
    )
    reasons = (not_rerun.get(Setting(id, seen.database)) for id in (ran or [seen.home]))
    note = next((f"not rerun: {reason}" for reason in reasons if reason), "")
    return Finding(
        id=f"{claim.id}.{pattern.id}.{seen.environment.id}.{seen.database}",
        claim=claim.id,
        backend=pattern.backend,
        pattern=pattern.id,
        environment=seen.environment.id,
        database=seen.database,
        verdict=judgement.verdict,
        reason=judgement.reason,
        evidence=judgement.evidence,
        note=note,
        unless="; ".join(unless),
        remarks=judgement.remarks,
        expected=_declared(claim, pattern.id)[0] if expects else None,
        observed_in=next(reversed(ran), seen.home),
    )


def _exceptions(
    asked: Asked, claim: Claim, pattern: Pattern, judgements: _Judgements
) -> Iterator[str]:
    """Yield, of a claim that is supported, the refuted conditions of it, in their own words."""
    if judgements[claim.id, pattern.id].verdict == "supported":
        for condition in asked.of(pattern):
            judgement = judgements[condition.id, pattern.id]
            if condition.id in claim.unless and judgement.verdict == "refuted":
                yield f"{condition.otherwise} ({condition.id})"


def _compared(asked: Asked, there: ObservedSetting, judgements: _Judgements) -> Iterator[Twin]:
    """Yield each finding that the twin's cells can judge too, with both verdicts."""
    twin = next(iter(there.ran_in.values()))
    for pattern in (pattern for pattern in asked.patterns if not pattern.control):
        blocked: Judgement | None = None
        for claim in sorted(asked.of(pattern), key=lambda claim: not claim.gate):
            ran = all((pattern.id, experiment) in there.cells for experiment in asked.under(claim))
            if ran:
                here = judgements[claim.id, pattern.id]
                other = blocked or judge_claim(asked, there, claim, pattern.id)
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
    claims = asked.of(pattern)
    words = {claim.id: judgements[claim.id, pattern.id].verdict for claim in claims}
    found, seen = summed(claims, words), asked.seen
    where = seen.environment.id, seen.database
    return Grade(pattern.id, *where, found.grade, found.refuted, found.open, found.caveats)


def _asked_of(
    checks: Sequence[Check], said: Statements | None
) -> dict[tuple[str, str, str], Claim]:
    """Return what statements ask: each check's id, what it is asked of and of which pattern."""
    known = {check.id: check for check in checks}
    asked: dict[tuple[str, str], Claim] = {}
    found: dict[tuple[str, str, str], Claim] = {}
    for statement in said.statements if said else ():
        for binding in statement.bindings:
            if binding.check:
                key = binding.check, binding.of
                claim = asked.setdefault(key, known[binding.check].asked(binding.of))
                found |= {(*key, pattern): claim for pattern in binding.patterns}
    return found


def _facts(
    asked: Asked, asked_of: Mapping[tuple[str, str, str], Claim], failed: list[str]
) -> Iterator[Fact]:
    """Yield the facts from the statements' checks here; append checks that raise to `failed`."""
    here = {pattern.id for pattern in asked.patterns}
    seen = asked.seen
    for (check, of, pattern), claim in asked_of.items():
        if pattern in here and asked.under(claim):
            place = check, of, pattern, seen.environment.id, seen.database
            found = judge_claim(asked, seen, claim, pattern)
            yield Fact(*place, found.verdict, found.reason, found.evidence)
            if found.checker_failed:
                failed.append(".".join(filter(None, place)))
