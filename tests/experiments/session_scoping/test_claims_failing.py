"""The claims on operations that fail, on histories written by hand."""

import pytest

from casebook.record import Event, History
from experiments.session_scoping import claims

ALL = (
    claims.recovers_from_refused_commit,
    claims.recovers_from_raising_hook,
    claims.recovers_from_hook_after_commit,
    claims.recovers_from_refused_commit_in_route,
    claims.recovers_where_errors_are_raised,
)


def event(kind, labels="T1", **details):
    return Event(kind, tuple(labels.split()), details)


def history(*parts):
    return History("completed", "", tuple(one for part in parts for one in part))


def operation(name, *events, asked="nothing", observed="nothing", status=200):
    return (
        event("operation-started", name=name),
        *events,
        event("operation-ended", name=name, status=status, asked=asked, observed=observed),
    )


def raised(type, text="no"):
    return event("exception-raised", "R4 T1", type=type, text=text)


REFUSED = event("session-flush-failed", "S4 R4 T1", type="IntegrityError", text="refused")
VIEWED = event("marked", "R4 T1", name="viewed")
BEFORE = operation("list at first")
AFTER = operation("list after create")


def hook_raised(hook="on_model_change"):
    return event("hook-raised", "R4 T1", hook=hook, type="HookFailed")


def failure_of(claim):
    """Return what this claim is about: what must fail in an operation."""
    return hook_raised() if "hook" in claim.id else REFUSED


def attempted(*events, later=AFTER, **came):
    return (event("attempted", name="create"), *operation("create", *events, **came), *later)


@pytest.mark.parametrize("claim", ALL, ids=lambda claim: claim.id)
class TestRecovers:
    def test_what_left_nothing_and_hindered_nobody_is_supported(self, claim):
        found = claim.check(history(BEFORE, attempted(failure_of(claim), VIEWED)))
        assert found.verdict == "supported"
        assert found.reason.endswith(
            "'create', of which nothing stayed, and 1 later request worked"
        )

    def test_rows_that_stay_are_refuted(self, claim):
        seen = attempted(failure_of(claim), VIEWED, observed="stored: tag Left by a hook")
        found = claim.check(history(BEFORE, seen))
        assert found.verdict == "refuted"
        assert "'create' failed and left other rows than it was to" in found.reason

    def test_a_later_request_that_does_something_else_is_refuted(self, claim):
        late = operation("list after create", raised("PendingRollbackError"), observed="")
        found = claim.check(history(BEFORE, attempted(failure_of(claim), VIEWED, later=late)))
        assert found.verdict == "refuted"
        assert found.reason == (
            "after 'create' failed, 'list after create' did something else: '' where 'nothing'"
            " was right (PendingRollbackError: no)"
        )

    def test_an_operation_in_which_nothing_failed_gives_no_occasion(self, claim):
        spared = (event("attempted", name="edit"), *operation("edit", VIEWED), *AFTER)
        found = claim.check(history(BEFORE, attempted(failure_of(claim), VIEWED), spared))
        assert found.verdict == "inconclusive"
        assert "no failure in 'edit'" in found.reason

    def test_what_did_not_work_before_did_not_fail_because_of_it(self, claim):
        broken = operation("list at first", observed="")
        seen = history(broken, attempted(failure_of(claim), observed="stored: post New of 3"))
        assert claim.check(seen).verdict == "inconclusive"

    def test_without_an_attempt_there_is_no_occasion(self, claim):
        assert claim.check(history(BEFORE)).verdict == "inconclusive"


@pytest.mark.parametrize("claim", ALL[:2], ids=lambda claim: claim.id)
def test_a_view_that_raises_after_the_failure_is_refuted(claim):
    marked = event("marked", "R4 T1", name="changed")
    seen = attempted(marked, failure_of(claim), raised("PendingRollbackError"), status=500)
    found = claim.check(history(BEFORE, seen))
    assert found.verdict == "refuted"
    assert found.reason == "'create' failed and its view raised: PendingRollbackError: no"


def test_what_an_operation_left_is_told_before_the_raising_view_of_an_earlier_one():
    first = attempted(hook_raised(), raised("UnboundLocalError"), status=500)
    left = operation("edit", hook_raised(), VIEWED, observed="stored: tag Left by a hook")
    later = (event("attempted", name="edit"), *left, *operation("list after edit"))
    found = claims.recovers_from_raising_hook.check(history(BEFORE, first, later))
    assert found.reason.startswith("'edit' failed and left other rows than it was to")


@pytest.mark.parametrize("claim", ALL[2:], ids=lambda claim: claim.id)
def test_a_failure_may_end_the_request_where_nobody_is_to_catch_it(claim):
    seen = history(BEFORE, attempted(failure_of(claim), raised("OperationalError"), status=500))
    assert claim.check(seen).verdict == "supported"


def test_a_commit_that_the_database_refuses_is_a_refusal():
    seen = history(BEFORE, attempted(raised("OperationalError"), VIEWED))
    assert claims.recovers_from_refused_commit.check(seen).verdict == "supported"


def test_an_error_of_the_sessions_own_is_no_refusal_of_the_database():
    seen = history(BEFORE, attempted(raised("PendingRollbackError"), status=500))
    assert claims.recovers_from_refused_commit.check(seen).verdict == "inconclusive"
