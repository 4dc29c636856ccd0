"""On which releases a finding is the same, and a pattern keeps its grade."""

from dataclasses import replace

import pytest

from casebook.judge.bisected import Step
from casebook.judge.holding import Holding, Over
from casebook.judge.releases import Releases
from casebook.plan.investigation import Setting
from tests.casebook.judge.builders import BAD, CLAIMS, NOTHING, RAISED, finding, judged
from tests.casebook.judge.over_releases import at, bisected, releases

SETTING = Setting("now", "sqlite")
WAS_BAD = {("used", "use"): BAD}
BECAME_GOOD = at("1.0", WAS_BAD), at("2.0", WAS_BAD), at("2.1")


def over(found: Releases) -> Over:
    """Return how the finding of `used` fares over the releases of the one axis."""
    (one,) = Holding(found).over(finding(found.report))
    return one


def held(found: Releases) -> Over:
    """Return how the grade of `used` does."""
    (one,) = Holding(found).held("used", SETTING)
    return one


def test_without_an_axis_there_is_nothing_to_say():
    report = judged()
    found = Holding(Releases(report))
    assert found.over(finding(report)) == ()
    assert found.held("used", SETTING) == ()


def test_a_finding_says_on_which_releases_it_is_the_same_and_what_it_is_on_others():
    found = releases(at("1.0", WAS_BAD), at("2.0", WAS_BAD), at("2.1"))
    one = over(found)
    assert (one.package, one.same, one.since) == ("admin", "2.1 and 2.2.1", "since admin 2.1")
    (other,) = one.otherwise
    assert (other.said, other.releases) == ("refuted", "1.0 and 2.0")
    assert other.finding
    assert other.finding.environment == "now-at-admin-1.0"
    assert one.open == ""


def test_a_release_of_which_nothing_is_known_is_neither():
    found = releases(at("1.0"), at("2.0", {("used", "use"): NOTHING}))
    one = over(found)
    assert one.same == "1.0 and 2.2.1"
    assert [(other.said, other.releases) for other in one.otherwise] == [("inconclusive", "2.0")]
    assert one.open == "2.1"


def test_a_finding_that_was_not_decided_says_nothing_of_releases():
    found = releases(at("2.1"), now={("used", "use"): NOTHING})
    assert Holding(found).over(finding(found.report)) == ()


def test_a_grade_says_since_which_release_it_is_so_and_why_not_before():
    claims = {one.id: one for one in CLAIMS}
    found = releases(at("1.0", WAS_BAD), at("2.0"), at("2.1"))
    one = held(found)
    assert one.since == "since admin 2.0"
    ((other,), why) = one.otherwise, claims["good"].otherwise
    assert (other.said, other.releases) == (why, "1.0")


def test_where_nothing_can_be_imported_a_grade_is_otherwise():
    found = releases(at("1.0", unavailable="ImportError"), at("2.0"))
    one = held(found)
    assert [(other.said, other.releases) for other in one.otherwise] == [
        ("cannot be imported", "1.0")
    ]


def test_whatever_is_known_there_are_words_for_a_finding_along_an_axis():
    found = releases()
    (course,) = found.courses
    assert Holding(found).on(course, finding(found.report)).since == "on admin 2.2.1"
    found = releases(at("2.1"), now={("used", "use"): NOTHING})
    (course,) = found.courses
    said = Holding(found).on(course, finding(found.report)).since
    assert said == "(on which releases of admin is not known)"


# --- Releases between those of the axis -----------------------------------------------------------


@pytest.mark.parametrize("listed", [(), ("1.0", "2.0", "2.0.5", "2.1", "2.2.1"), ("1.0", "2.0")])
def test_what_may_have_turned_at_a_release_between_is_so_by_the_next(listed):
    found = releases(*BECAME_GOOD, listed=listed)
    assert over(found).since == "by admin 2.1"
    assert held(found).since == "by admin 2.1"


def test_a_bisection_names_the_release_between_of_a_finding_and_of_a_grade():
    found = releases(*BECAME_GOOD, listed=(), bisections=(bisected("2.0.4", "2.0.5"),))
    one = over(found)
    assert one.since == "since admin 2.0.5"
    assert one.same == "2.0.5 to 2.2.1 (3 tried)"
    assert [other.releases for other in one.otherwise] == ["1.0 to 2.0.4 (3 tried)"]
    grade = held(found)
    assert (grade.since, grade.turned) == ("since admin 2.0.5", "")


def test_a_bisection_that_stepped_over_a_release_names_the_first_as_the_latest():
    made = bisected("2.0.4", "2.0.6", skipped=("2.0.5",))
    found = releases(*BECAME_GOOD, listed=(), bisections=(made,))
    assert over(found).since == "by admin 2.0.6"


def test_a_grade_that_needs_more_than_what_was_bisected_says_what_turned_before():
    before = {("used", "wire"): RAISED, ("used", "use"): None}
    made = replace(
        bisected("2.0.4", "2.0.5"),
        claim="wires",
        steps=(Step("2.0.4", "refuted", "it raised"), Step("2.0.5", "supported", "it is wired")),
    )
    records = at("1.0", before), at("2.0", before), at("2.1")
    found = releases(*records, listed=(), bisections=(made,))
    grade = held(found)
    assert (grade.since, grade.turned) == ("by admin 2.1", "wires turned at 2.0.5")


def test_what_a_bisection_could_not_test_is_no_verdict():
    steps = Step("2.0.4", "not-tested", "not wired"), Step("2.0.5", "supported", "S1 was good")
    made = replace(bisected("2.0.4", "2.0.5"), steps=steps)
    found = releases(*BECAME_GOOD, listed=(), bisections=(made,))
    one = over(found)
    assert [(other.said, other.releases) for other in one.otherwise] == [("refuted", "1.0 and 2.0")]


def test_of_a_release_of_the_axis_its_record_tells_and_no_bisection():
    made = bisected("2.0", "2.0.5")
    found = releases(at("1.0", WAS_BAD), at("2.1"), listed=(), bisections=(made,))
    one = over(found)
    assert (one.otherwise[0].releases, one.open) == ("1.0", "2.0")
