"""The claim on answers of every kind, on histories written by hand."""

import pytest

from casebook.record import Event, History
from experiments.session_scoping import claims


def event(kind, labels="T1", **details):
    return Event(kind, tuple(labels.split()), details)


def operation(name, status, asked, checked_out=0, session="S1"):
    """Return the events of a request, after which so many connections were checked out."""
    used = [event("session-used", f"{session} R1 T1", by="application")] if session else []
    return (
        event("operation-started", name=name),
        event("request-started", "R1 T1"),
        *used,
        event("request-ended", "R1 T1", status=status),
        event("looked-up", checked_out=checked_out),
        event("operation-ended", name=name, status=status, asked=asked),
    )


def answered(*, status=404, asked=404, checked_out=0, session="S1", statuses="302 200", stored=""):
    return History(
        "completed",
        "",
        (
            *operation("abort", status, asked, checked_out, session),
            event("followed", name="abort", statuses=statuses, stored=stored),
            *operation("HEAD of a list", 200, 200),
        ),
    )


def found(**differing):
    return claims.closed_after_any_answer.check(answered(**differing))


def test_nothing_left_and_nothing_stored_is_supported():
    assert found().verdict == "supported"
    assert "answered 200, 404" in found().reason


def test_a_connection_that_is_out_after_a_refusal_is_refuted():
    assert (found(checked_out=1).verdict, found(checked_out=1).reason) == (
        "refuted",
        "after 'abort', still checked out: 1 connection",
    )


def test_a_row_that_was_left_uncommitted_and_stored_is_refuted():
    assert (found(stored="Left").verdict, found(stored="Left").reason) == (
        "refuted",
        "what 'abort' left uncommitted was stored",
    )


@pytest.mark.parametrize(
    "differing",
    [{"status": 500}, {"status": 200}, {"session": ""}, {"statuses": "302 500"}],
    ids=["raised", "answered otherwise", "without a session", "others could not commit"],
)
def test_what_was_not_as_meant_gives_no_occasion(differing):
    assert found(**differing).verdict == "inconclusive"
