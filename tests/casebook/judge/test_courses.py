"""Turns along an axis: releases are compared by their numbers, and a bisection is of one turn."""

from casebook.judge.holding import Holding
from casebook.judge.releases import Releases
from casebook.plan.axes import Axis
from tests.casebook.judge.builders import BAD, finding
from tests.casebook.judge.over_releases import at, bisected, over, releases

WAS_BAD = {("used", "use"): BAD}

NINE_TO_TEN = Axis("admin", "now", ("1.8", "1.9", "1.10", "2.2.1"))
"""An axis over releases whose numbers are in another order than their texts."""


def test_releases_are_in_the_order_of_their_numbers():
    records = at("1.8", WAS_BAD), at("1.9"), at("1.10", WAS_BAD)
    report = over(*records, axes=(NINE_TO_TEN,), listed=NINE_TO_TEN.releases)
    found = Releases(report)
    assert [turn.now.release for turn in found.turns] == ["1.9", "1.10", "2.2.1"]
    (one,) = Holding(found).over(finding(report))
    assert (one.same, one.otherwise[0].releases) == ("1.9 and 2.2.1", "1.8 and 1.10")
    report = over(at("1.8", WAS_BAD), at("1.9", WAS_BAD), at("1.10"), axes=(NINE_TO_TEN,))
    (one,) = Holding(Releases(report)).over(finding(report))
    assert one.since == "since admin 1.10"


def test_a_bisection_counts_by_the_numbers_of_its_releases():
    records = at("1.8", WAS_BAD), at("1.9", WAS_BAD), at("1.10")
    made = bisected("1.9.9", "1.9.10")
    found = Releases(over(*records, axes=(NINE_TO_TEN,), listed=(), bisections=(made,)))
    assert [turn.when for turn in found.turns] == ["1.9.10"]
    elsewhere = bisected("1.8.9", "1.8.10")
    found = Releases(over(*records, axes=(NINE_TO_TEN,), listed=(), bisections=(elsewhere,)))
    assert [turn.when for turn in found.turns] == ["between 1.9 and 1.10"]


def test_a_bisection_of_the_turn_back_is_not_that_of_the_turn():
    records = at("1.0"), at("2.0", WAS_BAD), at("2.1", WAS_BAD)
    made = bisected("2.1", "2.1.1")
    found = releases(*records, listed=(), bisections=(made, bisected("1.0", "1.0.1")))
    assert [turn.when for turn in found.turns] == ["between 1.0 and 2.0", "2.1.1"]
    found = releases(*records, listed=(), bisections=(bisected("1.0", "1.0.1"),))
    assert [turn.when for turn in found.turns] == ["between 1.0 and 2.0", "between 2.1 and 2.2.1"]
