"""The claims on a second engine, on histories written by hand."""

from casebook.record import Event, History
from experiments.session_scoping import claims

WIRED = Event("wiring-ended", ("T1",))


def event(kind, labels="T1", **details):
    return Event(kind, tuple(labels.split()), details)


def operation(number, *sessions, observed="done", checked_out=0, status=200):
    place = f"R{number} T1"
    return (
        event("operation-started", name=f"operation {number}"),
        event("request-started", place),
        *(event("session-used", f"{one} {place}", by="view") for one in sessions),
        event("request-ended", place, status=status),
        event("looked-up", checked_out=checked_out),
        event(
            "operation-ended",
            name=f"operation {number}",
            status=status,
            asked="done",
            observed=observed,
        ),
    )


def history(*events, outcome="completed", reason=""):
    return History(outcome, reason, events)


def test_notes_that_go_where_they_belong_in_one_session_are_supported():
    seen = history(WIRED, *operation(1, "S1"), *operation(2, "S2"))
    assert claims.second_engine.check(seen).verdict == "supported"


def test_a_note_that_goes_elsewhere_is_refuted():
    found = claims.second_engine.check(history(WIRED, *operation(1, "S1", observed="elsewhere")))
    assert found.verdict == "refuted"
    assert "did something else: operation 1" in found.reason


def test_a_session_for_each_engine_is_refuted():
    found = claims.second_engine.check(history(WIRED, *operation(1, "S1", "S2")))
    assert (found.verdict, found.reason) == ("refuted", "R1 used S1 and S2")


def test_a_connection_of_the_second_engine_that_is_left_is_refuted():
    found = claims.second_engine.check(history(WIRED, *operation(1, "S1", checked_out=1)))
    assert (found.verdict, found.reason) == (
        "refuted",
        "after 'operation 1', still checked out: 1 connection",
    )


def test_operations_without_a_session_give_no_occasion():
    assert claims.second_engine.check(history(WIRED, *operation(1))).verdict == "inconclusive"


def test_a_pattern_that_cannot_be_set_up_with_two_engines_is_refuted():
    raised = history(outcome="raised", reason="KeyError: other")
    for claim in (claims.second_engine, claims.second_engines_apart):
        assert claim.check(raised).verdict == "refuted"
        assert claim.check(raised).reason == "wiring raised KeyError: other"


def two_applications(observed="done"):
    used = (*operation(1, "S1"), *operation(2, "S2"), *operation(3, "S3"))
    return history(WIRED, WIRED, *used, *operation(4, "S4", observed=observed))


def test_two_applications_that_show_and_store_their_own_notes_are_apart():
    assert claims.second_engines_apart.check(two_applications()).verdict == "supported"


def test_a_note_of_the_other_application_is_refuted():
    found = claims.second_engines_apart.check(two_applications("Note of the first"))
    assert found.verdict == "refuted"
    assert "did something else: operation 4" in found.reason


def test_one_application_alone_gives_no_occasion():
    seen = history(WIRED, *operation(1, "S1"), *operation(2, "S2"))
    assert claims.second_engines_apart.check(seen).verdict == "inconclusive"
