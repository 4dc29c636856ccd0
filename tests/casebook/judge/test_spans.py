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
        ("nn?yy", "since 3.0 at the latest"),
        ("yy?nn", "up to 2.0 at least"),
        ("?nyyy", "since 2.1"),
        ("yy?yy", "on 1.0, 2.0, 3.0 and 3.1"),
        ("?yyy?", "on 2.0 to 3.0"),
    ],
)
def test_a_release_of_which_it_is_not_known_is_never_counted_in(so, words):
    known = {"y": True, "n": False, "?": None}
    assert since({release: known[one] for release, one in zip(RELEASES, so, strict=True)}) == words
