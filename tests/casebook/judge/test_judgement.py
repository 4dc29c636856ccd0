"""What one claim says of one pattern, each rule on the smallest record that shows it."""

from dataclasses import replace
from typing import Any

import pytest

from casebook.claim import Claim, Verdict, refuted, supported
from casebook.judge.judgement import Asked, Checkers, Judgement
from casebook.judge.judgement import judge_claim as judge_one
from casebook.judge.observed import Evidence, Gap, ObservedSetting
from casebook.judge.project import read_report
from casebook.judge.report import Report
from casebook.record import Event, History
from casebook.stored import digest_of
from tests.casebook.builders import CHECK, append, found
from tests.casebook.judge.builders import (
    BAD,
    GOOD,
    INVESTIGATION,
    NOTHING,
    OBSERVED,
    WIRES,
    a_claim,
    a_pattern,
    a_record,
    an_environment,
    check_good,
    finding,
    judged,
    seen,
)

# --- One experiment -------------------------------------------------------------------------------


def test_every_claim_is_judged_on_the_backends_patterns_and_on_the_controls_it_names() -> None:
    other = a_pattern("elsewhere", backend="another")
    unnamed = a_pattern("unnamed", control=True)
    investigation = replace(INVESTIGATION, patterns=(*INVESTIGATION.patterns, other, unnamed))
    report = judged(investigation=investigation)
    assert [one.id.removesuffix(".now.sqlite") for one in report.findings] == [
        "wires.used",
        "good.used",
        "wires.right",
        "good.right",
        "good.wrong",
        "wires.unwired",
    ]


def test_a_claim_is_judged_on_its_baseline() -> None:
    like = a_claim("like", lambda history, baseline: supported("as it"), baseline="unwired")
    found = [one.id for one in judged(claims=[WIRES, like]).findings]
    assert "like.unwired.now.sqlite" in found


def test_a_finding_shows_the_checkers_verdict_reason_and_events() -> None:
    one = finding(judged())
    assert (one.verdict, one.reason) == ("supported", "S1 was good")
    assert [(shown.experiment, shown.history, shown.events) for shown in one.evidence] == [
        ("use", 0, (1,))
    ]


def test_equal_events_are_told_apart() -> None:
    history = History("completed", "", (Event("good"), Event("good")))
    last = a_claim(check=lambda history: supported("the last", history.events[-1]))
    report = judged({("used", "use"): history}, claims=[WIRES, last])
    assert finding(report).evidence[0].events == (1,)


def test_a_history_without_an_occasion_is_inconclusive() -> None:
    report = judged({("used", "use"): NOTHING})
    assert seen(report) == ("inconclusive", "no occasion: nothing was used")


def fail(history: History) -> Verdict:
    raise KeyError("S1")


def fail_at_an_address(history: History) -> Verdict:
    raise RuntimeError("<Session at 0x7f3a5c0d1e90>")


def answer_nothing(history: History) -> None:
    return None


@pytest.mark.parametrize(
    ("check", "reason"),
    [
        (fail, "the checker failed: KeyError: 'S1'"),
        (fail_at_an_address, "the checker failed: RuntimeError: <Session at 0x...>"),
        (answer_nothing, "the checker failed: TypeError: None is not a verdict"),
        (lambda history: Verdict("passed", "so"), "the checker failed: TypeError"),  # type: ignore[arg-type]
    ],
)
def test_a_checker_that_fails_is_no_pass_and_is_counted(check: Any, reason: str) -> None:
    claim = a_claim(check=lambda h: check_good(h) if h is not NOTHING else check(h))
    report = judged({("used", "use"): NOTHING}, claims=[WIRES, claim])
    assert finding(report).verdict == "inconclusive"
    assert finding(report).reason.startswith(reason)
    assert report.failed_checkers == ("good.used.now.sqlite",)


@pytest.mark.parametrize("outcome", ["raised", "crashed", "timed-out"])
def test_support_from_a_run_that_did_not_end_is_inconclusive(outcome: Any) -> None:
    report = judged({("used", "use"): replace(GOOD, outcome=outcome, reason="why")})
    reason = f"the experiment did not run to its end: {outcome}: why"
    assert seen(report) == ("inconclusive", reason)


def test_a_run_that_did_not_end_still_refutes() -> None:
    report = judged({("used", "use"): replace(BAD, outcome="crashed", reason="why")})
    assert seen(report) == ("refuted", "S1 was bad")


# --- Several experiments --------------------------------------------------------------------------

TWICE = a_claim(experiments=("use", "again"))


def judged_twice(first: History | None, second: History | None) -> Report:
    controls = {("right", "again"): GOOD, ("wrong", "again"): BAD}
    return judged(
        {**controls, ("used", "use"): first, ("used", "again"): second}, claims=[WIRES, TWICE]
    )


def test_support_needs_every_experiment() -> None:
    assert seen(judged_twice(GOOD, GOOD)) == ("supported", "S1 was good")
    reason = "no occasion: nothing was used (in again)"
    assert seen(judged_twice(GOOD, NOTHING)) == ("inconclusive", reason)


def test_one_refutation_refutes_and_names_its_experiment() -> None:
    report = judged_twice(GOOD, BAD)
    assert seen(report) == ("refuted", "S1 was bad (in again)")
    assert [shown.experiment for shown in finding(report).evidence] == ["again"]


def test_support_without_one_of_its_observations_is_inconclusive() -> None:
    reason = "no observation: planned, but the run recorded nothing (in again)"
    assert seen(judged_twice(GOOD, None)) == ("inconclusive", reason)


def test_different_reasons_are_joined_with_their_experiments_and_not_repeated() -> None:
    names = ("one", "two", "three", "four", "five")
    history = {name: replace(GOOD, reason=name) for name in names}
    history["two"] = replace(GOOD, reason="one")
    claim = a_claim(experiments=names, check=lambda h: supported(f"S1 was {h.reason}"))
    controls = {(control, name): GOOD for control in ("right", "wrong") for name in names}
    report = judged(
        {**controls, **{("used", name): history[name] for name in names}},
        claims=[WIRES, replace(claim, refuted_by={})],
    )
    assert finding(report).reason == (
        "S1 was one (in one and two); S1 was three (in three); S1 was four (in four); "
        "and likewise in 1 more"
    )


# --- Baselines ------------------------------------------------------------------------------------


def check_like_baseline(history: History, baseline: History) -> Verdict:
    if history.events == baseline.events:
        return supported("as the baseline")
    return refuted("bad: not as the baseline", history.events[-1], *baseline.events)


LIKE_RIGHT = a_claim(check=check_like_baseline, baseline="right")


def test_a_claim_with_a_baseline_gets_the_baselines_history() -> None:
    assert seen(judged(claims=[WIRES, LIKE_RIGHT])) == ("supported", "as the baseline")
    report = judged({("used", "use"): BAD}, claims=[WIRES, LIKE_RIGHT])
    assert finding(report).verdict == "refuted"
    assert finding(report).evidence[0].events == (1,)


def test_a_claim_without_its_baselines_history_is_inconclusive() -> None:
    report = judged({("right", "use"): None}, claims=[WIRES, LIKE_RIGHT])
    verdict, reason = seen(report, pattern="wrong")
    assert verdict == "inconclusive"
    assert reason.startswith("nothing to compare with: baseline 'right': no observation")


def test_a_baseline_that_did_not_run_to_its_end_is_nothing_to_compare_with() -> None:
    crashed = replace(GOOD, outcome="crashed", reason="signal 11")
    report = judged({("right", "use"): crashed}, claims=[LIKE_RIGHT])
    verdict, reason = seen(report, pattern="wrong")
    assert verdict == "inconclusive"
    assert reason.endswith("did not run to its end: crashed: signal 11")


# --- Twins ----------------------------------------------------------------------------------------


def test_what_nothing_adds_is_not_tested_and_says_what_is_lacking(needy):
    assert needy.run("closure").returncode == 0

    finding = found(needy, "counts-needy", "closure", "counter-per-name")

    assert finding.verdict == "not-tested"
    assert finding.reason == "needs abacus, which nothing adds to this environment"


# --- Databases ------------------------------------------------------------------------------------


def test_a_claim_is_judged_on_the_databases_of_its_experiments_alone(served):
    claims = [(one.claim, one.database) for one in read_report(served.root, "tiny").findings]

    assert ("counts-served", "ledger") in claims
    assert ("counts-served", "sqlite") not in claims


# --- What patterns and claims are about -----------------------------------------------------------


def test_a_claim_is_judged_on_patterns_that_are_about_the_same(tiny):
    tiny.replace(
        "conf/tiny.toml",
        'title = "Desk(counter_per_name())"\n',
        'title = "Desk(counter_per_name())"\nabout = "counting alone"\n',
    )
    append(tiny, "experiments/tiny/checks.py", CHECK.format(about="counting alone"))

    claims = {one.claim for one in read_report(tiny.root, "tiny").findings}
    patterns = {one.pattern for one in read_report(tiny.root, "tiny").findings}

    assert "counts-apart" in claims
    assert "counter-per-name" not in patterns


# --- Once for each history ------------------------------------------------------------------------


def counting(asked: list[tuple[str, ...]], id: str = "good") -> Claim:
    """Return a claim whose checker notes the digests of what it is asked about."""

    def check(*histories: History) -> Verdict:
        asked.append(tuple(map(digest_of, histories)))
        return check_good(histories[0])

    return a_claim(id, check=check)


def on_all(*claims: Claim) -> Report:
    """Judge the claims where each cell ran alike in two environments, on two databases."""
    investigation = replace(
        INVESTIGATION,
        environments=(an_environment(), an_environment("earlier")),
        databases=("sqlite", "postgresql"),
    )
    records = [
        a_record(OBSERVED, environment, database=database)
        for environment in ("now", "earlier")
        for database in ("sqlite", "postgresql")
    ]
    return judged(claims=[WIRES, *claims], investigation=investigation, records=records)


def test_a_checker_is_asked_once_of_each_history_however_many_cells_ran_like_it() -> None:
    asked: list[tuple[str, ...]] = []
    report = on_all(counting(asked))
    found = [one for one in report.findings if one.claim == "good"]
    assert len(found) == 12
    assert {one.verdict for one in found if one.pattern in ("used", "right")} == {"supported"}
    assert {one.verdict for one in found if one.pattern == "wrong"} == {"refuted"}
    assert sorted(asked) == sorted([(digest_of(GOOD),), (digest_of(BAD),)])


def test_each_claim_asks_for_itself() -> None:
    first: list[tuple[str, ...]] = []
    second: list[tuple[str, ...]] = []
    on_all(counting(first, "good"), counting(second, "better"))
    assert sorted(first) == sorted(second) == sorted([(digest_of(GOOD),), (digest_of(BAD),)])


def test_how_often_checkers_were_asked_is_counted() -> None:
    checkers, claim = Checkers(), a_claim()
    answers = [checkers.answer(claim, [one]) for one in (GOOD, BAD, GOOD, BAD, GOOD)]
    assert [one.verdict for one in answers] == ["supported", "refuted"] * 2 + ["supported"]
    assert checkers.asked == 2
    checkers.answer(WIRES, [GOOD])
    assert checkers.asked == 3


def test_what_a_baseline_decides_is_asked_for_each_baseline() -> None:
    checkers = Checkers()
    pairs = [(GOOD, GOOD), (GOOD, BAD), (GOOD, GOOD), (BAD, GOOD)]
    answers = [checkers.answer(LIKE_RIGHT, pair).verdict for pair in pairs]
    assert answers == ["supported", "refuted", "supported", "refuted"]
    assert checkers.asked == 3


# --- A judgement by itself ------------------------------------------------------------------------


def seen_so(*histories: History | Gap, unavailable: str = "") -> ObservedSetting:
    """Return the setting in which `used` was seen so under `use`, `again` and so on."""
    cells = {("used", name): one for name, one in zip(("use", "again"), histories, strict=False)}
    return ObservedSetting(
        an_environment(),
        "sqlite",
        cells,
        {"use": "now", "again": "now"},
        {"now": unavailable} if unavailable else {},
    )


def judgement(claim: Claim, *histories: History | Gap, unavailable: str = "") -> Judgement:
    setting = seen_so(*histories, unavailable=unavailable)
    return judge_one(
        Asked(setting, [claim], INVESTIGATION, {}, (), Checkers()), setting, claim, "used"
    )


GAP = Gap("not-tested", "no record")


@pytest.mark.parametrize(
    ("first", "second", "verdict"),
    [
        (GOOD, GOOD, "supported"),
        (GOOD, BAD, "refuted"),
        (GAP, BAD, "refuted"),
        (GOOD, GAP, "inconclusive"),
        (NOTHING, GAP, "inconclusive"),
        (GAP, GAP, "not-tested"),
    ],
)
def test_a_refutation_decides_support_needs_all_and_gaps_alone_test_nothing(
    first: History | Gap, second: History | Gap, verdict: str
) -> None:
    assert judgement(TWICE, first, second).verdict == verdict


def test_a_judgement_names_where_its_events_were_seen() -> None:
    assert judgement(a_claim(), GOOD).evidence == (Evidence("use", 0, (1,), "now"),)


def test_where_the_environment_cannot_be_imported_the_gate_alone_is_refuted() -> None:
    gate = a_claim(gate=True)
    assert judgement(gate, unavailable="ImportError: no") == Judgement("refuted", "ImportError: no")
    other = judgement(a_claim(), unavailable="ImportError: no")
    assert other == Judgement("not-tested", "could not be set up: ImportError: no")
