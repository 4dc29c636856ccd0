"""The judgement of one claim on one pattern in one setting, from the histories observed there."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import get_args

from casebook.claim import Claim, Verdict, VerdictWord
from casebook.installed import cannot
from casebook.judge.observed import (
    NOT_SET_UP,
    NOTHING_ADDS,
    Evidence,
    Gap,
    ObservedSetting,
    ended,
)
from casebook.plan.claims import concerns
from casebook.plan.investigation import Experiment, Investigation, Pattern, PlannedCell
from casebook.record import Event, History, clean


@dataclass(frozen=True, slots=True)
class Judgement:
    """The verdict of a finding, with its reason and evidence, before the finding has an id.

    `remarks` tell of runs that differed in what the claim does not read.
    """

    verdict: VerdictWord
    reason: str
    evidence: tuple[Evidence, ...] = ()
    checker_failed: bool = False
    remarks: tuple[str, ...] = ()


class Checkers:
    """What checkers answer: each is asked once about a history, however many cells ran like it.

    `asked` counts how often a checker ran.
    """

    def __init__(self) -> None:
        self.asked = 0
        self._answers: dict[tuple[int, ...], tuple[object, Answer]] = {}

    def answer(self, claim: Claim, histories: Sequence[History]) -> Answer:
        """Return what the claim's checker says of these histories; equal ones are one object."""
        key = (id(claim.check), *map(id, histories))
        if key not in self._answers:
            self.asked += 1
            # What the key names is kept, so that nothing else can come to have its identity.
            self._answers[key] = (claim.check, *histories), _answer(claim, histories)
        return self._answers[key][1]


@dataclass(frozen=True, slots=True)
class Answer:
    """What a checker said of a history: `events` are positions, `failed` says that it raised."""

    verdict: VerdictWord
    reason: str
    events: tuple[int, ...] = ()
    failed: bool = False


class Asked:
    """The questions asked in a setting: the patterns, their claims, and the claims' experiments."""

    def __init__(
        self,
        seen: ObservedSetting,
        claims: Sequence[Claim],
        investigation: Investigation,
        experiments: Mapping[str, Experiment],
        planned: Iterable[PlannedCell],
        checkers: Checkers,
    ) -> None:
        self.seen = seen
        self.checkers = checkers
        self.subject = investigation.subject
        self.experiments = experiments
        abouts = {investigation.pattern(cell.pattern).about for cell in planned} | {""}
        self.patterns = tuple(
            pattern
            for pattern in investigation.patterns_in(seen.environment)
            if pattern.about in abouts
        )
        self.claims = tuple(
            claim for claim in claims if claim.about in abouts and self.under(claim)
        )

    def of(self, pattern: Pattern) -> list[Claim]:
        """Return the claims that are judged on a pattern here."""
        return [claim for claim in self.claims if concerns(claim, pattern)]

    def under(self, claim: Claim) -> tuple[str, ...]:
        """Return the claim's experiments that can run on this database."""
        database = self.seen.database
        return tuple(
            experiment
            for experiment in claim.experiments
            if self.experiments.get(experiment, Experiment(experiment)).runs_on(database)
        )

    def lacking(self, experiment: str) -> str:
        """Return the reason why an experiment was not planned here."""
        needs = self.experiments.get(experiment, Experiment(experiment)).needs
        if needs:
            return f"needs {' and '.join(needs)}{NOTHING_ADDS}"
        return "no observation: not planned"


def judge_claim(asked: Asked, seen: ObservedSetting, claim: Claim, pattern: str) -> Judgement:
    """Return the judgement from all of the claim's experiments together.

    One refuted reading refutes, and support needs every reading; with no reading it is not tested.
    """
    readings = {
        experiment: _reading(asked, seen, claim, pattern, experiment)
        for experiment in asked.under(claim)
    }
    words = {reading.verdict for reading in readings.values()}
    verdict: VerdictWord
    if "refuted" in words:
        verdict = "refuted"
        readings = {
            name: reading for name, reading in readings.items() if reading.verdict == verdict
        }
    elif words == {"supported"}:
        verdict = "supported"
    else:
        verdict = "not-tested" if words <= {"not-tested"} else "inconclusive"
        readings = {
            name: reading for name, reading in readings.items() if reading.verdict != "supported"
        }
    return Judgement(
        verdict,
        _joined_reason(readings, len(asked.under(claim)), 3 if verdict == "supported" else None),
        tuple(evidence for reading in readings.values() for evidence in reading.evidence),
        any(reading.checker_failed for reading in readings.values()),
        tuple(dict.fromkeys(remark for reading in readings.values() for remark in reading.remarks)),
    )


def _joined_reason(readings: Mapping[str, Judgement], experiments: int, limit: int | None) -> str:
    """Return the distinct reasons in one sentence, each with its experiments, at most `limit`."""
    reasons: dict[str, list[str]] = {}
    for experiment, reading in readings.items():
        reasons.setdefault(reading.reason, []).append(experiment)
    if len(reasons) == 1 and len(readings) == experiments:
        return next(iter(reasons))
    parts = [f"{reason} (in {_listed(names)})" for reason, names in reasons.items()]
    if limit is not None and len(parts) > limit:
        rest = sum(len(names) for names in list(reasons.values())[limit:])
        parts = [*parts[:limit], f"and likewise in {rest} more"]
    return "; ".join(parts)


def _listed(names: Sequence[str]) -> str:
    return " and ".join(filter(None, [", ".join(names[:-1]), names[-1]]))


def _reading(
    asked: Asked, seen: ObservedSetting, claim: Claim, pattern: str, experiment: str
) -> Judgement:
    """Return the judgement from one experiment: the checker's, or the reason why it has none."""
    history = seen.cells.get((pattern, experiment))
    if history is None and not seen.imported:
        history = History("unavailable", seen.unavailable[seen.home], ())
    if history is None:
        return Judgement("not-tested", asked.lacking(experiment))
    if isinstance(history, Gap) and history.runs:
        return _of_runs(asked, seen, claim, experiment, history)
    if isinstance(history, Gap):
        return Judgement(history.verdict, history.reason, history.evidence)
    if history.outcome == "unavailable":
        ran_in = seen.ran_in.get(experiment, seen.home)
        if ran_in in seen.spoilt:
            return Judgement("not-tested", f"{ran_in} {': '.join(cannot(history.reason))}")
        if claim.gate:
            return Judgement("refuted", history.reason)
        return Judgement("not-tested", f"{NOT_SET_UP}{history.reason}")
    return _of_history(asked, seen, claim, experiment, history)


def _of_runs(
    asked: Asked, seen: ObservedSetting, claim: Claim, experiment: str, gap: Gap
) -> Judgement:
    """Return the judgement of runs that differ: what the claim says of each, if that is the same.

    It is the same where the verdict, the reason and the events that show it are. Then the runs
    differ in what the claim does not read.
    """
    judged = [_of_history(asked, seen, claim, experiment, run) for run in gap.runs]
    said = [
        (one.verdict, one.reason, [run.events[n] for shown in one.evidence for n in shown.events])
        for one, run in zip(judged, gap.runs, strict=True)
    ]
    if any(one != said[0] for one in said):
        failed = any(one.checker_failed for one in judged)
        return Judgement(gap.verdict, gap.reason, gap.evidence, failed)
    remark = f"the two runs of {experiment} differed elsewhere: {gap.difference}"
    return replace(judged[0], remarks=(remark,))


def _of_history(
    asked: Asked, seen: ObservedSetting, claim: Claim, experiment: str, history: History
) -> Judgement:
    """Return the judgement of one history, beside the baseline's of the same experiment."""
    histories = [history]
    if claim.baseline is not None:
        baseline = seen.seen(claim.baseline, experiment)
        if isinstance(baseline, Gap):
            why = baseline.reason
        else:
            why = _unfinished(baseline)
            histories.append(baseline)
        if why:
            reason = f"nothing to compare with: baseline '{claim.baseline}': {why}"
            return Judgement("inconclusive", reason)
    found = asked.checkers.answer(claim, histories)
    shown = Evidence(experiment, 0, found.events, seen.ran_in[experiment])
    evidence = (shown,) if found.events else ()
    if found.verdict == "supported" and (why := _unfinished(history)):
        return Judgement("inconclusive", why, evidence)
    return Judgement(found.verdict, found.reason, evidence, found.failed)


def _answer(claim: Claim, histories: Sequence[History]) -> Answer:
    """Return the checker's answer, inconclusive if it raised or did not return a verdict."""
    try:
        verdict = claim.check(*histories)
        if not isinstance(verdict, Verdict) or verdict.verdict not in get_args(VerdictWord):
            raise TypeError(f"{verdict!r} is not a verdict")
        positions = _positions(verdict.events, histories[0])
        return Answer(verdict.verdict, str(verdict.reason), positions)
    except Exception as error:
        reason = clean(f"the checker failed: {type(error).__name__}: {error}")
        return Answer("inconclusive", reason, failed=True)


def _positions(events: Iterable[Event], history: History) -> tuple[int, ...]:
    """Return the positions of these events in the history; a baseline's events are not in it."""
    numbers = {id(event): number for number, event in enumerate(history.events)}
    return tuple(sorted({numbers[id(event)] for event in events if id(event) in numbers}))


def _unfinished(history: History) -> str:
    """Return how an incomplete run ended, or "" if it completed."""
    if history.outcome == "completed":
        return ""
    return f"the experiment did not run to its end: {ended(history)}"
