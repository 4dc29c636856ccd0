"""The claim on connections, on histories written by hand."""

import pytest

from experiments.session_scoping import claims
from tests.experiments.session_scoping.test_claims import event, history


def begun(session, connection):
    return event("session-begun", f"{session} {connection} T1")


def ended(how, session):
    return event(f"session-{how}", f"{session} T1")


def check(*events):
    return claims.connection_per_session.check(history(*events))


def test_two_sessions_in_a_transaction_on_one_connection_are_refuted():
    found = check(begun("S1", "C1"), begun("S2", "C1"))
    assert (found.verdict, found.reason) == ("refuted", "C1 carried S1 and S2 at once")
    assert len(found.events) == 2


def test_each_on_a_connection_of_its_own_is_supported():
    found = check(begun("S1", "C1"), begun("S2", "C2"), ended("committed", "S1"))
    assert found.verdict == "supported"
    assert found.reason.endswith("S1 on C1 and S2 on C2")


def test_that_one_began_before_the_other_had_ended_is_needed_for_support():
    for how in ("committed", "rolled-back", "closed"):
        assert check(begun("S1", "C1"), ended(how, "S1"), begun("S2", "C2")).verdict == (
            "inconclusive"
        )


@pytest.mark.parametrize("how", ["committed", "rolled-back", "closed"])
def test_a_connection_that_a_session_is_done_with_may_carry_another(how):
    events = (begun("S1", "C1"), begun("S2", "C2"), ended(how, "S1"), begun("S3", "C1"))
    assert check(*events).verdict == "supported"


def test_a_connection_that_was_given_back_may_carry_another():
    events = (
        begun("S1", "C1"),
        begun("S2", "C2"),
        event("connection-checked-in", "C1 T1"),
        begun("S3", "C1"),
    )
    assert check(*events).verdict == "supported"


def test_a_session_that_begins_again_on_its_connection_is_one_session():
    assert check(begun("S1", "C1"), begun("S1", "C1")).verdict == "inconclusive"
