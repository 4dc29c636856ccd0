"""The claims on what Flask-Admin tells of its operations, on histories written by hand."""

import pytest

from casebook.record import Event, History
from experiments.session_scoping import claims
from experiments.session_scoping.rig.messages import in_short


def event(kind, labels="T1", **details):
    return Event(kind, tuple(labels.split()), details)


def history(*parts):
    return History("completed", "", tuple(one for part in parts for one in part))


# --- What is said of an operation -----------------------------------------------------------------


@pytest.mark.parametrize(
    ("said", "short"),
    [
        ("Record was successfully deleted.", "1 done"),
        ("3 records were successfully deleted.", "3 done"),
        ("0 records were successfully deleted.", "0 done"),
        ("Integrity error. refused", "failed"),
        ("Failed to create record. on_model_change failed", "failed"),
        ("on_model_change failed", "on_model_change failed"),
        ("Integrity error. on_model_change failed", "failed"),
        ("<html>", "nothing"),
    ],
)
def test_a_message_is_told_in_short(said, short):
    assert in_short(said) == short


def told(asked, observed):
    return (
        event("operation-started", name="create"),
        event("session-used", "S1 R1 T1", by="view"),
        event("operation-ended", name="create", status=200, asked=asked, observed=observed),
    )


def test_operations_that_are_told_as_they_came_out_are_supported():
    seen = history(told("1 done", "1 done"))
    assert claims.tells_outcomes.check(seen).verdict == "supported"


def test_a_failure_that_is_not_told_is_refuted():
    found = claims.tells_outcomes.check(history(told("failed", "nothing")))
    assert found.verdict == "refuted"
    assert "'create' was asked for 'failed' and answered 200 with 'nothing'" in found.reason


def test_where_nothing_was_done_nothing_could_be_told():
    assert claims.tells_outcomes.check(history()).verdict == "inconclusive"


# --- Hooks and flushes ----------------------------------------------------------------------------


def change(request, *kinds):
    """Return a request in which there are a "hook" and a "flush" in this order."""
    events = {
        "hook": event("marked", f"{request} T1", name="changed"),
        "flush": event("session-flushed", f"S1 {request} T1"),
    }
    return [events[kind] for kind in kinds]


def test_hooks_before_the_first_flush_are_supported():
    seen = history(change("R1", "hook", "flush"), change("R2", "hook", "flush", "flush"))
    found = claims.hooks_before_flush.check(seen)
    assert found.verdict == "supported"
    assert found.reason == "in R1 and R2 2 hooks came before the first flush"


def test_a_flush_before_the_hook_is_refuted():
    seen = history(change("R1", "hook", "flush"), change("R2", "flush", "hook", "flush"))
    found = claims.hooks_before_flush.check(seen)
    assert (found.verdict, found.reason) == (
        "refuted",
        "what R2 changes was flushed before the hook `on_model_change`",
    )


@pytest.mark.parametrize(
    "parts",
    [[], [change("R1", "hook", "flush")], [change("R1", "hook", "flush"), change("R2", "hook")]],
    ids=["no hook", "one change", "a change that is not flushed"],
)
def test_changes_that_were_not_flushed_give_no_occasion(parts):
    assert claims.hooks_before_flush.check(history(*parts)).verdict == "inconclusive"
