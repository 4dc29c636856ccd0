"""The claim on filters' choices, on histories written by hand."""

import pytest

from casebook.record import Event, History
from experiments.session_scoping import claims


def event(kind, **details):
    return Event(kind, ("T1",), details)


def offering(names, error=None):
    return History(
        "completed",
        "",
        (
            event("wiring-ended"),
            event("offered", asked="Ann", names="Ann"),
            event("external-change", statement="update", error=error),
            event("offered", asked="Later", names=names),
        ),
    )


def found(history):
    return claims.filter_choices_current.check(history)


def test_a_name_that_changed_and_is_offered_is_supported():
    assert found(offering("Later")).verdict == "supported"


@pytest.mark.parametrize("names", ["Ann", "Ann, Later"])
def test_an_old_name_that_is_offered_is_refuted(names):
    seen = found(offering(names))
    assert (seen.verdict, seen.reason) == (
        "refuted",
        f"the new name 'Later' was not offered: {names}",
    )


def test_a_view_that_cannot_be_made_is_refuted_with_the_error():
    seen = found(History("raised", "RuntimeError: outside", ()))
    assert (seen.verdict, seen.reason) == ("refuted", "wiring raised RuntimeError: outside")


@pytest.mark.parametrize("history", [offering(""), offering("Ann", error="database is locked")])
def test_what_was_not_offered_or_not_changed_gives_no_occasion(history):
    assert found(history).verdict == "inconclusive"
