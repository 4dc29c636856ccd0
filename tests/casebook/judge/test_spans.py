"""Releases in words."""

import pytest

from casebook.judge.spans import since, spans

RELEASES = ("1.0", "2.0", "2.1", "3.0", "3.1")


@pytest.mark.parametrize(
    ("chosen", "words"),
    [
        (RELEASES, "1.0 to 3.1"),
        (("1.0", "2.0"), "1.0 and 2.0"),
        (("1.0", "2.0", "2.1", "3.1"), "1.0 to 2.1 and 3.1"),
        (("1.0", "2.1", "3.1"), "1.0, 2.1 and 3.1"),
        (("3.0",), "3.0"),
        ((), ""),
    ],
)
def test_releases_that_follow_each_other_are_told_as_one(chosen, words):
    assert spans(RELEASES, chosen) == words


@pytest.mark.parametrize(
    ("so", "words"),
    [
        ("yyyyy", "on 1.0 to 3.1"),
        ("nnnnn", ""),
        ("nnyyy", "since 2.1"),
        ("yynnn", "up to 2.0"),
        ("nyynn", "on 2.0 and 2.1 only"),
        ("ynnny", "on 1.0 and 3.1 only"),
        ("yynyy", "not on 2.1"),
        ("ynyyy", "not on 2.0"),
    ],
)
def test_where_something_is_so_is_told_by_where_it_changed(so, words):
    found = {release: one == "y" for release, one in zip(RELEASES, so, strict=True)}
    assert since(found) == words


def test_the_package_stands_before_the_releases():
    assert since({"1.0": False, "2.0": True}, "admin") == "since admin 2.0"
    assert since({"1.0": True, "2.0": True}, "admin") == "on admin 1.0 and 2.0"


@pytest.mark.parametrize(
    ("so", "words"),
    [
        ("nn?yy", "by 3.0"),
        ("yy?nn", "up to 2.0 at least"),
        ("?nyyy", "since 2.1"),
        ("yy?yy", "on 1.0, 2.0, 3.0 and 3.1"),
        ("?yyy?", "on 2.0 to 3.0"),
    ],
)
def test_a_release_of_which_it_is_not_known_is_never_counted_in(so, words):
    known = {"y": True, "n": False, "?": None}
    assert since({release: known[one] for release, one in zip(RELEASES, so, strict=True)}) == words


def no_other(*pairs):
    """Say of these pairs of releases that none was published between, and of no other pair."""
    return lambda one, other: (one, other) in pairs


@pytest.mark.parametrize(
    ("so", "words"),
    [
        ("nnyyy", "by 2.1"),
        ("yyynn", "up to 2.1 at least"),
        ("nyynn", "on 2.0 and 2.1"),
        ("yynyy", "on 1.0, 2.0, 3.0 and 3.1"),
        ("yyyyy", "on 1.0 to 3.1 (5 tried)"),
        ("nyyyy", "since 2.0"),
    ],
)
def test_where_others_may_have_been_published_between_no_first_release_is_named(so, words):
    found = {release: one == "y" for release, one in zip(RELEASES, so, strict=True)}
    assert since(found, follows=no_other(("1.0", "2.0"))) == words


def test_how_many_were_tried_is_said_of_a_span_that_may_hold_others():
    every = no_other(("1.0", "2.0"), ("2.0", "2.1"))
    assert spans(RELEASES, RELEASES[:3], every) == "1.0 to 2.1"
    assert spans(RELEASES, RELEASES, every) == "1.0 to 3.1 (5 tried)"
    assert spans(RELEASES, RELEASES[3:], every) == "3.0 and 3.1"
