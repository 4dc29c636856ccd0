"""Where two histories part, in words."""

from casebook.judge.differences import parting, told
from casebook.plan.investigation import Bar, Diagram
from casebook.record import Event, History

DIAGRAM = Diagram(
    experiments=(),
    lane="T",
    bars=(
        Bar("R", "request", "request-started", "request-ended"),
        Bar("C", "connection", "connection-checked-out", "connection-checked-in"),
    ),
    markers=("warning-raised",),
)

STARTED = Event("request-started", ("R1", "T1"), {"path": "/"})
OUT = Event("connection-checked-out", ("C1", "R1", "T1"))
IN = Event("connection-checked-in", ("C1", "R1", "T1"))
ENDED = Event("request-ended", ("R1", "T1"), {"status": 200})


def history(*events, outcome="completed", reason=""):
    return History(outcome, reason, events)


GIVEN_BACK = history(STARTED, OUT, IN, ENDED)


def test_equal_histories_do_not_part():
    assert parting(GIVEN_BACK, history(STARTED, OUT, IN, ENDED), DIAGRAM) == ""


def test_what_is_never_closed_any_more_is_said():
    assert parting(GIVEN_BACK, history(STARTED, OUT, ENDED), DIAGRAM) == (
        "after event 2 (connection C1 checked out, request R1): "
        "before, connection C1 checked in, request R1; "
        "after, request R1 ended (status=200); "
        "in all, connection checked in once before and never after; "
        "after, connection C1 is never checked in"
    )


def test_what_is_closed_later_is_said_with_the_event_that_closes_it():
    late = Event("connection-checked-in", ("C1", "T1"))
    words = parting(GIVEN_BACK, history(STARTED, OUT, ENDED, late), DIAGRAM)
    assert words.endswith("after, connection C1 is checked in only at event 4")
    assert "in all" not in words


def test_a_bar_that_is_not_open_after_is_not_said_to_be_left_open():
    words = parting(GIVEN_BACK, history(STARTED, ENDED), DIAGRAM)
    assert "is never" not in words


def test_of_events_alike_the_details_that_differ_are_told():
    failed = Event("request-ended", ("R1", "T1"), {"status": 500})
    assert parting(GIVEN_BACK, history(STARTED, OUT, IN, failed), DIAGRAM) == (
        "after event 3 (connection C1 checked in, request R1), "
        "request R1 ended: before, status 200; after, status 500"
    )


def test_of_texts_the_words_that_differ_are_told():
    one, other = (Event("said", (), {"text": f"the number was {n} on its way"}) for n in (1, 2))
    words = parting(history(one), history(other))
    assert words == "at the start, said: before, text 'number was 1'; after, text 'number was 2'"


def test_a_run_that_ends_early_is_told_with_how_it_ended():
    words = parting(GIVEN_BACK, history(STARTED, OUT, outcome="crashed", reason="gone"), DIAGRAM)
    assert "after, nothing more, crashed: gone" in words


def test_of_a_run_that_ends_at_once_nothing_else_is_told():
    words = parting(
        history(outcome="raised", reason="TypeError: no argument 'condition'"),
        history(Event("decorated"), STARTED, OUT, ENDED),
        DIAGRAM,
    )
    assert words == (
        "at the start: before, nothing, raised: TypeError: no argument 'condition'; "
        "after, decorated"
    )


def test_runs_that_end_otherwise_after_the_same_events_part_at_the_end():
    words = parting(history(STARTED), history(STARTED, outcome="raised", reason="E: x"), DIAGRAM)
    assert words.endswith("before, nothing more, completed; after, nothing more, raised: E: x")


def test_where_they_part_at_what_is_of_no_bar_it_is_also_said_where_the_bars_do():
    warned = Event("warning-raised", ("T1",), {"text": "old"})
    words = parting(GIVEN_BACK, history(warned, STARTED, OUT, ENDED), DIAGRAM)
    assert words.startswith("at the start: before, request R1 started (path=/); after, warning")
    words = parting(
        history(warned, *GIVEN_BACK.events), history(Event("note"), STARTED, OUT, ENDED), DIAGRAM
    )
    assert words.startswith("at the start: before, warning raised (text=old); after, note")
    assert ". What is drawn parts after event 3 (connection C1 checked out, request R1)" in words


def test_where_the_bars_are_the_same_this_is_said():
    words = parting(history(Event("note"), STARTED), history(Event("other"), STARTED), DIAGRAM)
    assert words.endswith(". What is drawn is the same")


def test_addresses_in_texts_are_no_behaviour():
    one, other = (
        history(Event("raised", (), {"text": f"Error (see: https://example.org/{n}/x)"}), *more)
        for n, more in (("20", ()), ("21", (STARTED,)))
    )
    assert parting(one, other).startswith("after event 1 (raised): before, nothing more")
    other = history(Event("raised", (), {"text": "Error (see: https://example.org/21/x)"}))
    assert parting(one, other).startswith("nothing but addresses in texts differs, at the start")


def test_an_event_is_told_by_what_it_happens_to():
    assert told(OUT, DIAGRAM) == "connection C1 checked out, request R1"
    assert told(OUT) == "connection checked out, C1, R1, T1"
    assert told(Event("note", ("T1",)), DIAGRAM) == "note"
