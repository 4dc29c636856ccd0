"""The claim on shells beside requests, on histories written by hand."""

import pytest

from casebook.record import Event, History
from experiments.session_scoping import claims


def event(kind, labels="T1", **details):
    return Event(kind, tuple(labels.split()), details)


def shell(*inside, served=("S2", "S3"), listed="Emil", stored="Anna, Typed", left=()):
    """Return the history of a shell that works with S1, and of two requests beside it."""
    first, second = served
    return History(
        "completed",
        "",
        (
            event("shell-started"),
            event("session-used", "S1 T1", by="shell"),
            event("session-begun", "S1 C1 T1"),
            event("printed", text="Ann"),
            event("session-used", f"{first} R1 T2", by="view"),
            event("session-used", f"{second} R2 T3", by="view"),
            event("listed-beside", names=listed),
            *inside,
            event("session-closed", "S1 T1"),
            event("connection-checked-in", "C1 T1"),
            event("shell-ended", code=0),
            event("looked-up", checked_out=0),
            *left,
            event("stored", asked="Anna, Typed", observed=stored),
        ),
    )


check = claims.shell_apart_from_requests.check


def test_a_shell_that_keeps_apart_supports_it():
    found = check(shell())
    assert found.verdict == "supported"
    assert found.reason == (
        "the shell worked with S1, which was closed at its end; meanwhile R1 and R2 used other"
        " sessions"
    )


def test_that_a_shell_shows_what_it_has_read_is_told_and_is_no_fault():
    again = [event("printed", text=text) for text in ("Ann", "Anna", "Anna")]
    found = check(shell(*again))
    assert found.verdict == "supported"
    assert "showed what it had read until it rolled back" in found.reason


@pytest.mark.parametrize(
    ("history", "reason"),
    [
        (shell(served=("S1", "S3")), "S1, with which the shell worked, served R1"),
        (shell(event("session-closed", "S1 R1 T2")), "R1 closed S1, the shell's"),
        (shell(listed="Typed, Emil"), "a request listed Typed, Emil, which the shell had not"),
        (shell(stored="Anna"), "stored was Anna in place of Anna, Typed"),
        (
            shell(left=(event("session-held", "S1 T1", open=False),)),
            "after the shell had ended, still registered: S1",
        ),
        (
            shell(event("session-begun", "S1 C2 T1")),
            "after the shell had ended, still open: S1",
        ),
    ],
)
def test_what_meets_refutes_it(history, reason):
    found = check(history)
    assert found.verdict == "refuted"
    assert reason in found.reason
    assert found.events


def test_what_others_leave_is_not_the_shells():
    left = (event("session-held", "S2 T1", open=True),)
    assert check(shell(left=left)).verdict == "supported"


def test_without_two_requests_or_a_session_in_the_shell_there_is_no_occasion():
    events = shell().events
    one = History("completed", "", tuple(e for e in events if e.label("R") != "R2"))
    none = History("completed", "", tuple(e for e in events if e.label("S") != "S1"))
    for history in (one, none):
        found = check(history)
        assert found.verdict == "inconclusive"
        assert "the shell and two requests did not all use a session" in found.reason
