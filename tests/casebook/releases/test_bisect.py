"""Bisection, on releases of which each test says what they show."""

import pytest

from casebook.claim import VerdictWord
from casebook.judge.bisected import Step
from casebook.releases.bisect import NothingObserved, bisect

WORDS: dict[str, VerdictWord | None] = {
    "s": "supported",
    "r": "refuted",
    "i": "inconclusive",
    "x": None,
}


class Asked:
    """Answers with one letter for each release: `s`upported, `r`efuted, `x` for no observation."""

    def __init__(self, shows):
        self.shows = shows
        self.tried = []

    def __call__(self, release):
        self.tried.append(int(release))
        return Step(release, WORDS[self.shows[int(release)]], "so it came")


def found(shows):
    """Bisect releases named 0, 1, 2, ..., and return where it turned, and what was tried."""
    ask = Asked(shows)
    steps = bisect([str(number) for number in range(len(shows))], ask)
    yielded = []
    while True:
        try:
            yielded.append(int(next(steps).release))
        except StopIteration as ended:
            assert yielded == ask.tried
            assert len(yielded) == len(set(yielded)), "a release was tried twice"
            return ended.value, ask.tried


@pytest.mark.parametrize("first", range(1, 16))
def test_the_first_release_of_the_new_verdict_is_found_wherever_it_is(first):
    turning, tried = found("s" * first + "r" * (16 - first))
    assert (turning.before.release, turning.first.release) == (str(first - 1), str(first))
    assert len(tried) <= 6


def test_the_ends_are_asked_first_and_nothing_else_where_they_agree():
    turning, tried = found("ssrss")
    assert not turning.turned
    assert sorted(tried) == [0, 4]
    assert (turning.before.release, turning.first.release) == ("0", "4")


def test_what_cannot_be_observed_is_stepped_over():
    turning, _ = found("ssxrr")
    assert (turning.before.release, turning.first.release) == ("1", "3")
    assert [step.release for step in turning.skipped] == ["2"]


def test_what_lies_elsewhere_and_cannot_be_observed_leaves_no_doubt():
    turning, _ = found("sxssrrxr")
    assert (turning.before.release, turning.first.release) == ("3", "4")
    assert not turning.skipped


@pytest.mark.parametrize("shows", ["xxxxxxssrr", "xxxxxxxxsr", "xxxssssssr", "xsssssssrx"])
def test_an_end_that_cannot_be_observed_gives_way_to_the_next(shows):
    turning, _ = found(shows)
    assert turning.first.release == str(shows.index("r"))
    assert turning.before.release == str(shows.index("r") - 1)


SHORT = [
    "x" * dark + "s" * old + "r" * new
    for dark in range(7)
    for old in range(1, 6)
    for new in range(1, 8)
]
"""Old releases that cannot be observed, some with the verdict of before, some with the new one."""


@pytest.mark.parametrize("shows", SHORT)
def test_however_many_old_ones_cannot_be_observed_the_first_new_one_is_found(shows):
    turning, _ = found(shows)
    first = shows.index("r")
    assert (turning.before.release, turning.first.release) == (str(first - 1), str(first))
    assert not turning.skipped


@pytest.mark.parametrize(("old", "new"), [(4, 0), (60, 4), (4, 60), (60, 60)])
def test_old_releases_that_cannot_be_observed_are_not_tried_one_by_one(old, new):
    turning, tried = found("x" * 60 + "s" * old + "r" * new)
    before, first = (60 + old - 1, 60 + old) if new else (60, 63)
    assert (turning.before.release, turning.first.release) == (str(before), str(first))
    assert len(tried) < 10


def test_a_third_verdict_between_is_not_the_new_one():
    turning, _ = found("ssiir")
    assert (turning.before.verdict, turning.first.verdict) == ("inconclusive", "refuted")
    assert turning.first.release == "4"


def test_where_nothing_can_be_observed_there_is_no_answer():
    with pytest.raises(NothingObserved):
        found("xxx")
