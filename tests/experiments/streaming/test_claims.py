"""The claims on streamed responses, on histories written by hand."""

import pytest

from casebook.record import Event, History
from experiments.streaming import claims


def event(kind, labels="", **details):
    return Event(kind, tuple(labels.split()), details)


def history(*events, outcome="completed", reason=""):
    return History(outcome, reason, events)


def pieces(*numbers):
    return [event("piece-yielded", "R1 T1", number=number) for number in numbers]


CLOSED = event("session-closed", "S1 R1 T1")
BROKE = (
    event("exception-raised", "R1 T1", type="DetachedInstanceError", text="why; more\nand more"),
    event("body-broke-off", "R1 T1"),
)
LEFT = event("client-left", "R1 T1")
ENDED = event("body-ended", "R1 T1")


def answer(
    *,
    view="S1",
    body="S1",
    early=(),
    middle=(),
    end=(ENDED,),
    late=(CLOSED,),
    out=0,
    held=(),
    status=200,
    arrived=4,
    name="read to the end",
):
    """Return the events of a streamed answer: `early` is before its body, `late` at its end."""
    return (
        event("request-started", "R1 T1"),
        *([event("session-used", f"{view} R1 T1", by="flask.app")] if view else []),
        *early,
        event("body-begun", "R1 T1"),
        *([event("session-used", f"{body} R1 T1", by="driver")] if body else []),
        *pieces(1, 2),
        *middle,
        *pieces(3, 4),
        *late,
        *end,
        event("body-closed", "T1"),
        event("looked-up", "T1", checked_out=out),
        *held,
        event("answer-ended", "T1", name=name, status=status, rows=4, arrived=arrived),
    )


def said(claim, *events, **how):
    found = claim.check(history(*events, **how))
    return found.verdict, found.reason


# --- can-be-set-up -------------------------------------------------------------------------------


def test_what_was_set_up_is_supported():
    assert said(claims.can_be_set_up, event("wiring-ended", "T1"))[0] == "supported"


def test_what_raised_while_it_was_set_up_is_refuted_with_the_error():
    found = said(claims.can_be_set_up, outcome="raised", reason="RuntimeError: no")
    assert found == ("refuted", "RuntimeError: no")


# --- arrives-whole -------------------------------------------------------------------------------


def test_a_body_with_all_rows_is_whole():
    assert said(claims.arrives_whole, *answer()) == ("supported", "4 of 4 rows arrived")


def test_a_body_that_broke_off_is_refuted_with_how_far_it_came_and_why():
    found = said(claims.arrives_whole, *answer(arrived=1, end=BROKE))
    assert found == ("refuted", "1 of 4 rows arrived: DetachedInstanceError: why")


def test_a_body_that_ends_early_without_an_exception_is_refuted():
    assert said(claims.arrives_whole, *answer(arrived=2)) == ("refuted", "2 of 4 rows arrived")


def test_a_server_that_answers_500_because_the_body_broke_off_is_refuted():
    assert said(claims.arrives_whole, *answer(status=500, arrived=0, end=BROKE))[0] == "refuted"


@pytest.mark.parametrize("seen", [(), answer(status=404, arrived=0)])
def test_without_an_answer_nothing_is_known_of_its_body(seen):
    assert said(claims.arrives_whole, *seen)[0] == "inconclusive"


# --- keeps-its-session ---------------------------------------------------------------------------


def test_a_session_that_is_closed_after_the_last_piece_was_kept():
    found = said(claims.keeps_its_session, *answer())
    assert found == ("supported", "S1, which the view used, was open until the last piece")


def test_a_session_that_is_closed_before_the_body_is_refuted_with_what_the_body_met():
    found = said(claims.keeps_its_session, *answer(early=[CLOSED], late=[], body=None, end=BROKE))
    assert found == (
        "refuted",
        "S1, which the view used, was closed before the body, and the body broke off:"
        " DetachedInstanceError: why",
    )


def test_a_body_that_has_another_session_is_refuted_though_it_arrives():
    found = said(claims.keeps_its_session, *answer(early=[CLOSED], late=[], body="S2"))
    assert found == (
        "refuted",
        "S1, which the view used, was closed before the body, and the body used S2",
    )


def test_a_body_that_opens_the_closed_session_again_is_refuted():
    found = said(claims.keeps_its_session, *answer(early=[CLOSED], late=[]))
    assert found[1].endswith("was closed before the body, and the body opened it again")


def test_a_session_that_is_closed_between_two_pieces_is_refuted():
    found = said(claims.keeps_its_session, *answer(middle=[CLOSED], late=[]))
    assert found[0] == "refuted"
    assert "was closed before its end" in found[1]


def test_another_session_may_be_closed_meanwhile():
    other = event("session-closed", "S2 R1 T1")
    assert said(claims.keeps_its_session, *answer(early=[other]))[0] == "supported"


@pytest.mark.parametrize("without", [{"view": None}, {"body": None, "early": [CLOSED]}])
def test_without_a_session_in_view_and_body_there_was_none_to_keep(without):
    assert said(claims.keeps_its_session, *answer(**without))[0] == "inconclusive"


# --- nothing-left --------------------------------------------------------------------------------

NOTHING_LEFT = (claims.nothing_left_at_the_end, claims.nothing_left_when_a_client_leaves)
HELD = event("session-held", "S1 T1", open=True, objects=0, pending=0)


@pytest.mark.parametrize("claim", NOTHING_LEFT)
def test_a_body_that_leaves_nothing_is_supported(claim):
    closed = event("session-held", "S1 T1", open=False, objects=0, pending=0)
    seen = answer(end=[LEFT], held=[closed])
    assert said(claim, *seen) == ("supported", "nothing was open or checked out")


@pytest.mark.parametrize("claim", NOTHING_LEFT)
def test_a_connection_that_stays_checked_out_is_refuted_with_its_session(claim):
    seen = answer(end=[LEFT], late=[], out=1, held=[HELD])
    assert said(claim, *seen) == ("refuted", "still checked out: 1 connection, by S1")


@pytest.mark.parametrize("claim", NOTHING_LEFT)
def test_a_session_that_stays_open_without_a_connection_is_refuted(claim):
    seen = answer(end=[LEFT], late=[], held=[HELD])
    assert said(claim, *seen) == ("refuted", "still open: S1")


@pytest.mark.parametrize("claim", NOTHING_LEFT)
@pytest.mark.parametrize("how", [{"view": None, "body": None}, {"status": 404, "arrived": 0}])
def test_without_a_session_or_an_answer_nothing_could_be_left(claim, how):
    assert said(claim, *answer(end=[LEFT], **how))[0] == "inconclusive"


@pytest.mark.parametrize("end", [(ENDED,), BROKE])
def test_a_client_cannot_leave_a_body_that_is_over(end):
    found = said(claims.nothing_left_when_a_client_leaves, *answer(end=end))
    assert found[0] == "inconclusive"
    assert found[1].startswith("no occasion: the body was over before the client left")


def test_what_a_body_leaves_that_broke_off_is_refuted_though_no_client_left():
    seen = answer(end=BROKE, late=[], out=1, held=[HELD])
    assert said(claims.nothing_left_when_a_client_leaves, *seen)[0] == "refuted"


# --- works-behind --------------------------------------------------------------------------------

SERVED = (claims.works_behind_werkzeug, claims.works_behind_waitress)
LEAVING = {"name": "left in the middle", "arrived": 1, "end": [LEFT]}


@pytest.mark.parametrize("claim", SERVED)
def test_a_server_that_sends_all_and_closes_all_is_supported(claim):
    found = said(claim, *answer(), *answer(**LEAVING))
    assert found == (
        "supported",
        "4 of 4 rows arrived; nothing was open or checked out after each of 2 answers",
    )


@pytest.mark.parametrize("claim", SERVED)
def test_what_is_left_by_the_client_that_leaves_is_refuted(claim):
    seen = (*answer(), *answer(**LEAVING, late=[], out=1, held=[HELD]))
    assert said(claim, *seen) == ("refuted", "still checked out: 1 connection, by S1")


@pytest.mark.parametrize("claim", SERVED)
def test_what_does_not_arrive_is_refuted(claim):
    found = said(claim, *answer(arrived=2), *answer(**LEAVING))
    assert found == ("refuted", "2 of 4 rows arrived")


@pytest.mark.parametrize("claim", SERVED)
def test_a_body_that_the_server_does_not_close_is_refuted(claim):
    unclosed = [one for one in answer(**LEAVING) if one.kind != "body-closed"]
    found = said(claim, *answer(), *unclosed)
    assert found == ("refuted", "the server did not close a body")
