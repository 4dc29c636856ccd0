"""What became of a statement since the day on which it was written."""

from dataclasses import replace

from casebook.judge.newer import KnownPackage, KnownReleases
from casebook.judge.past import over_time, then_stated
from casebook.judge.report import Report
from casebook.plan.axes import Axis
from casebook.plan.statements import Binding, Quotation, Source, Statement, Statements
from tests.casebook.judge.builders import (
    BAD,
    GOOD,
    INVESTIGATION,
    OBSERVED,
    RAISED,
    a_record,
    an_environment,
    judged,
)

DAY = "2026-01-05"


def said(*claims):
    bound = Binding(
        claims=claims or ("good",),
        check="",
        of="",
        patterns=("used",),
        environments=("now",),
        databases=(),
        says="supported",
        because="",
    )
    quotation = Quotation("notes", "Findings", "It is good.")
    statement = Statement("it-is-good", (quotation,), (bound,), "", "")
    sources = (Source("notes", "NOTES.md", "Notes", "last year", DAY),)
    return Statements("tiny.statements.toml", sources, (statement,), ())


def report(outcome, *claims) -> Report:
    return judged({("used", "use"): outcome}, said=said(*claims))


def then(now, past):
    (one,) = then_stated(now, {DAY: past})["it-is-good"]
    return one


def test_it_may_be_the_same_then_and_today():
    assert then(report(GOOD), report(GOOD)).words == "true when written, and today"
    assert then(report(BAD), report(BAD)).words == "false when written, and today"


def test_it_may_be_overturned_or_true_since():
    assert then(report(BAD), report(GOOD)).words == "true when written, overturned since"
    assert then(report(GOOD), report(BAD)).words == "false when written, true since"


def test_a_statement_that_was_written_on_another_day_is_not_judged_as_of_this_one():
    assert then_stated(report(BAD), {"2025-01-01": report(GOOD)}) == {}


def test_from_what_was_not_observed_nothing_turned():
    past = judged({("used", "use"): None}, said=said())
    found = then(report(BAD), past)
    assert found.told == "not observed when written, false today"


def test_every_outcome_has_words():
    outcomes = ("upheld", "overturned", "holds-only-when", "not-checkable", "not-observed")
    assert all(over_time(one, other) for one in outcomes for other in outcomes)


def test_the_releases_that_readers_ask_for_are_named_where_no_axis_tells():
    asking = replace(INVESTIGATION, packages=("admin", "library"))
    records = [a_record({**OBSERVED, ("used", "use"): BAD})]
    old = replace(records[0], releases={"admin": "2.0.0", "library": "3.1.1"})
    past = report(GOOD)
    past = replace(past, records=dict.fromkeys(past.records, old))
    now = judged(said=said(), records=records, investigation=asking)
    releases = "then admin 2.0.0, today 2.2.1"
    assert then(now, past).told == f"true when written, overturned since ({releases})"


# --- The release that turned it -------------------------------------------------------------------


def swept(**outcomes):
    """Return a report on environments of an axis, each with what its pattern came to there."""
    cells = {
        id: one if isinstance(one, dict) else {("used", "use"): one} for id, one in outcomes.items()
    }
    environments = [an_environment(id, axis="admin", differs_from="now") for id in outcomes]
    records = [a_record({**OBSERVED, **own}, id) for id, own in cells.items()]
    investigation = replace(INVESTIGATION, environments=tuple(environments))
    return judged(investigation=investigation, records=records), tuple(environments)


def with_axis(now, listed=(), **outcomes):
    others, environments = swept(**outcomes)
    points = [(id.removeprefix("at").replace("_", "."), id) for id in outcomes]
    axis = Axis("admin", "now", tuple(r for r, _ in points), at=(*points, ("2.2.1", "now")))
    investigation = replace(now.investigation, axes=(axis,), swept=environments)
    index = KnownPackage("admin", "2.2.1", "", releases=listed or (*axis.releases, "2.2.1"))
    known = KnownReleases(1, DAY, "https://pypi.org/simple", (index,))
    return replace(now, investigation=investigation, swept=others, known=known)


def test_the_release_since_which_it_is_so_is_named():
    now = with_axis(report(BAD), at2_0=GOOD, at2_1=BAD, at2_2=BAD)
    assert then(now, report(GOOD)).told == "true when written, overturned since admin 2.1"


def test_where_the_index_has_releases_between_none_is_named_as_the_first():
    between = ("2.0", "2.0.5", "2.1", "2.2", "2.2.1")
    now = with_axis(report(BAD), between, at2_0=GOOD, at2_1=BAD, at2_2=BAD)
    said = "true when written, overturned since a release after 2.0, at the latest admin 2.1"
    assert then(now, report(GOOD)).told == said


def test_of_several_turns_the_last_is_named():
    now = with_axis(report(BAD), at2_0=BAD, at2_1=GOOD, at2_2=BAD)
    assert then(now, report(GOOD)).since == "since admin 2.2"


def test_where_releases_were_not_observed_it_is_said_between_which_it_turned():
    now = with_axis(report(BAD), at2_0=GOOD, at2_1=None, at2_2=BAD)
    since = "since a release after 2.0, at the latest admin 2.2"
    assert then(now, report(GOOD)).since == since
    now = with_axis(report(BAD), at2_0=None, at2_1=GOOD, at2_2=BAD)
    assert then(now, report(GOOD)).since == "since admin 2.2"


def test_what_is_the_same_as_then_turned_at_no_release_that_is_named():
    unset = {("used", "wire"): RAISED, ("used", "use"): None}
    both = "wires", "good"
    now = with_axis(report(BAD, *both), at2_0=unset, at2_1=GOOD, at2_2=BAD)
    assert then(now, report(GOOD, *both)).since == "since admin 2.2"


def test_a_turn_on_a_later_release_than_todays_is_not_why_it_is_so_today():
    now = with_axis(report(BAD), at2_0=BAD, at2_3=GOOD)
    (axis,) = now.investigation.axes
    older, newer, today = axis.at
    ordered = replace(axis, at=(older, today, newer))
    now = replace(now, investigation=replace(now.investigation, axes=(ordered,)))
    assert then(now, report(GOOD)).since == ""


def test_an_axis_on_which_nothing_turned_tells_nothing():
    now = with_axis(report(BAD), at2_0=BAD, at2_1=BAD)
    assert then(now, report(GOOD)).since == ""
