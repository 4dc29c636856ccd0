"""What became of statements: each rule on the smallest report that shows it."""

from dataclasses import replace

import pytest

from casebook.claim import Check, refuted, supported
from casebook.judge.project import read_report
from casebook.judge.statements import judge_statements
from casebook.plan.statements import Binding, Quotation, Source, Statement, Statements
from casebook.record import Event, History
from tests.casebook.judge.builders import (
    BAD,
    CLAIMS,
    GOOD,
    INVESTIGATION,
    NOTHING,
    OBSERVED,
    a_claim,
    a_pattern,
    a_record,
    an_environment,
    judged,
)
from tests.casebook.plan.builders import STATEMENTS

# --- What became of it: the project ---------------------------------------------------------------


def test_statements_are_judged_from_what_was_recorded(observed):
    project, _ = observed
    report = read_report(project.root, "tiny")
    assert [(one.statement.id, one.verdict, one.reason) for one in report.stated] == [
        (
            "dictionaries-keep-counts-apart",
            "upheld",
            "counts-apart is supported for counts-by-name in dictionary",
        ),
        ("dictionaries-count-from-zero", "overturned", "the first number was 1 (dictionary)"),
        ("dictionaries-are-best", "not-checkable", "A matter of taste."),
    ]


# --- What became of it: each rule -----------------------------------------------------------------

OLD = an_environment("old")

TWO = replace(INVESTIGATION, environments=(*INVESTIGATION.environments, OLD), packages=("admin",))


def bound(says="supported", claims=("good",), patterns=("used",), **more):
    values = {"check": "", "of": "", "environments": (), "databases": (), "because": ""}
    return Binding(**{**values, "claims": claims, "patterns": patterns, "says": says, **more})


def said(*bindings, opinion=""):
    quotation = Quotation("notes", "Findings", "It is good.")
    statement = Statement("it-is-good", (quotation,), bindings, opinion, "")
    return Statements(STATEMENTS, (Source("notes", "NOTES.md", "Notes", "2026"),), (statement,), ())


def outcome(now, old=None, *bindings, claims=CLAIMS, **more):
    """Return what became of a statement, `used` having been seen so in one or two environments."""
    records = [a_record({**OBSERVED, ("used", "use"): now})]
    if old is not None:
        releases = {"admin": "2.0.2", "library": "3.1.1", "other": "2"}
        cells = {**OBSERVED, ("used", "use"): old}
        records.append(a_record(cells, "old", releases=releases))
    report = judged(
        investigation=INVESTIGATION if old is None else TWO,
        claims=claims,
        records=records,
        said=said(*bindings) if bindings else said(bound()),
        **more,
    )
    return report.stated[0]


def test_a_statement_that_its_finding_says_too_is_upheld():
    one = outcome(GOOD)
    assert (one.verdict, one.unobserved) == ("upheld", False)
    assert [ground.agrees for ground in one.grounds] == [True]


def test_a_statement_that_its_finding_contradicts_is_overturned_with_its_reason():
    one = outcome(BAD)
    assert (one.verdict, one.reason) == (
        "overturned",
        "good of used is refuted in now: S1 was bad",
    )


def test_a_statement_may_say_that_a_claim_is_refuted():
    assert outcome(BAD, None, bound("refuted")).verdict == "upheld"
    assert outcome(GOOD, None, bound("refuted")).verdict == "overturned"


def test_a_refutation_for_another_reason_is_not_what_was_said():
    assert outcome(BAD, None, bound("refuted", because="S1 was bad")).verdict == "upheld"
    one = outcome(BAD, None, bound("refuted", because="TypeError"))
    assert one.verdict == "overturned"
    assert "S1 was bad" in one.reason


def test_what_is_open_is_not_checkable_and_says_that_it_was_not_observed():
    one = outcome(NOTHING)
    assert (one.verdict, one.unobserved) == ("not-checkable", True)
    assert one.reason.startswith("not observed: good of used is inconclusive in now: no occasion")


def test_what_is_open_somewhere_is_not_upheld_by_the_rest():
    one = outcome(GOOD, NOTHING)
    assert (one.verdict, one.unobserved) == ("not-checkable", True)


def test_what_is_contradicted_somewhere_and_open_elsewhere_is_overturned():
    assert outcome(BAD, NOTHING).verdict == "overturned"


def test_the_condition_is_the_release_that_differs():
    one = outcome(BAD, GOOD)
    assert one.verdict == "holds-only-when"
    assert one.reason == (
        "holds only with admin 2.0.2; elsewhere: good of used is refuted in now: S1 was bad"
    )


def test_the_condition_follows_the_findings():
    assert outcome(GOOD, BAD).reason.startswith("holds only with admin 2.2.1; ")


def test_the_condition_may_be_a_pattern():
    investigation = replace(
        INVESTIGATION, patterns=(*INVESTIGATION.patterns, a_pattern("otherwise"))
    )
    cells = {("otherwise", "wire"): GOOD, ("otherwise", "use"): BAD}
    report = judged(
        cells, investigation=investigation, said=said(bound(patterns=("used", "otherwise")))
    )
    assert report.stated[0].reason.startswith("holds only for used; elsewhere: ")


def test_where_less_is_wrong_than_right_the_exception_is_told():
    more = tuple(a_pattern(name) for name in ("second", "third"))
    investigation = replace(INVESTIGATION, patterns=(*INVESTIGATION.patterns, *more))
    seen = {"second": GOOD, "third": BAD}
    cells = {(name, "use"): history for name, history in seen.items()}
    cells |= {(name, "wire"): GOOD for name in seen}
    patterns = ("used", "second", "third")
    report = judged(cells, investigation=investigation, said=said(bound(patterns=patterns)))
    assert report.stated[0].reason.startswith("holds except for third; there: ")


def test_the_environment_is_the_condition_where_no_release_that_is_asked_for_differs():
    releases = {"admin": "2.2.1", "library": "3.1.1", "other": "2"}
    records = [
        a_record({**OBSERVED, ("used", "use"): BAD}),
        a_record(OBSERVED, "old", releases=releases),
    ]
    report = judged(investigation=TWO, records=records, said=said(bound()))
    assert report.stated[0].reason.startswith("holds only in old; elsewhere: ")


HALF = History("completed", "", (*GOOD.events, Event("worse")))
"""A history that supports `good` and refutes `better`."""


def check_better(history: History):
    """Refute what is bad or worse."""
    found = next(history.of("bad", "worse"), None)
    return refuted("it was bad", found) if found else supported("it was better")


@pytest.mark.parametrize(
    ("seen", "all_supported", "one_refuted"),
    [
        (GOOD, "upheld", "overturned"),
        (HALF, "overturned", "upheld"),
        (BAD, "overturned", "upheld"),
    ],
)
def test_several_claims_are_supported_together_and_refuted_by_one(seen, all_supported, one_refuted):
    claims = (*CLAIMS, a_claim("better", check_better))
    both = ("good", "better")
    assert outcome(seen, None, bound(claims=both), claims=claims).verdict == all_supported
    assert outcome(seen, None, bound("refuted", claims=both), claims=claims).verdict == one_refuted


def test_every_binding_must_hold():
    assert outcome(GOOD, None, bound(), bound("refuted")).verdict == "overturned"


def test_environments_that_cannot_be_imported_are_meant_only_where_they_are_named():
    unavailable = a_record({}, "old", unavailable="ImportError: no")
    records = [a_record(OBSERVED), unavailable]
    planned = said(bound(claims=("wires",)))
    report = judged(investigation=TWO, records=records, said=planned)
    assert report.stated[0].verdict == "upheld"
    named = said(bound(claims=("wires",), environments=("now", "old")))
    report = judged(investigation=TWO, records=records, said=named)
    assert report.stated[0].verdict == "holds-only-when"


def test_a_check_is_asked_what_the_statement_asks():
    def check(history: History, of: str):
        return supported(of) if of == "this" else refuted(f"not {of}")

    asked = Check("is-it", "Is it?", ("use",), "", check)
    for of, verdict in (("this", "upheld"), ("that", "overturned")):
        binding = bound(claims=(), check="is-it", of=of)
        one = outcome(GOOD, None, binding, checks=(asked,))
        assert one.verdict == verdict
        assert of in one.reason


def test_a_check_that_fails_is_a_failure_of_the_harness():
    def check(history: History, of: str):
        raise KeyError(of)

    asked = Check("is-it", "Is it?", ("use",), "", check)
    report = judged(checks=(asked,), said=said(bound(claims=(), check="is-it", of="x")))
    assert report.stated[0].unobserved
    assert report.failed_checkers == ("is-it.x.used.now.sqlite",)


def test_events_of_a_fact_are_kept():
    asked = Check(
        "is-it", "Is it?", ("use",), "", lambda history, of: supported("yes", history.events[0])
    )
    report = judged(checks=(asked,), said=said(bound(claims=(), check="is-it")))
    assert report.facts[0].evidence[0].events == (0,)
    assert Event("start") == GOOD.events[0]


def test_a_report_of_which_nobody_said_anything_states_nothing():
    assert judge_statements(judged()) == ()


def test_an_opinion_is_not_checkable_and_was_not_left_unobserved():
    (one,) = judge_statements(judged(said=said(opinion="A matter of taste.")))
    assert (one.verdict, one.reason, one.unobserved) == (
        "not-checkable",
        "A matter of taste.",
        False,
    )


def test_judging_statements_again_says_the_same():
    report = judged(said=said(bound()))
    assert judge_statements(report) == report.stated
