"""Of which events a figure is drawn: a stretch, and what opened and closes its bars."""

from casebook.draw.mermaid import mermaid
from casebook.draw.svg import draw
from casebook.draw.timeline import Excerpt
from casebook.record import Event, History
from tests.casebook.site.builders import CLOSED, DIAGRAM, KEPT


def kinds(excerpt, history=CLOSED):
    return [history.events[at - 1].kind for at in excerpt.numbers(history, DIAGRAM)]


def labels(excerpt, letter, history=CLOSED):
    events = [history.events[at - 1] for at in excerpt.numbers(history, DIAGRAM)]
    return list(dict.fromkeys(filter(None, (event.label(letter) for event in events))))


def test_all_of_a_history_is_drawn_where_nothing_is_said():
    assert Excerpt().numbers(CLOSED, DIAGRAM) == tuple(range(1, len(CLOSED.events) + 1))


def test_it_begins_with_a_label_and_ends_with_the_last_event_of_another():
    assert labels(Excerpt(since="R2", until="R2"), "R") == ["R2"]


def test_it_ends_with_the_first_event_of_a_kind():
    assert kinds(Excerpt(since="R1", until="session-used"))[:4] == [
        "context-pushed",
        "request-started",
        "session-created",
        "session-used",
    ]


def test_it_ends_before_a_kind():
    assert kinds(Excerpt(before="session-created"))[:2] == ["context-pushed", "request-started"]
    assert "session-created" not in kinds(Excerpt(before="session-created"))


def test_what_was_open_before_keeps_the_event_that_opened_it():
    assert Excerpt(since="R2", until="R2").numbers(KEPT, DIAGRAM)[:2] == (1, 3)


def test_what_closes_later_is_not_drawn_as_never_closed():
    drawing = draw(CLOSED, DIAGRAM, Excerpt(until="session-used"))
    assert drawing.unclosed == ()
    assert draw(KEPT, DIAGRAM, Excerpt(until="R2")).unclosed == ("S1", "C1")


def test_the_events_keep_their_numbers():
    drawing = draw(CLOSED, DIAGRAM, Excerpt(since="R2", until="R2"))
    first = next(bar for bar in drawing.bars if bar.label == "R2")
    assert first.first > len(CLOSED.events) // 3
    assert CLOSED.events[first.first - 1] == Event(
        "request-started", ("R2", "T1"), {"method": "GET", "path": "/admin/user/"}
    )


def test_a_name_that_nothing_has_leaves_the_history_whole():
    history = History("raised", "E", (Event("request-started", ("R1", "T1")),))
    assert Excerpt("R9", "R9", "other").numbers(history, DIAGRAM) == (1,)


def test_mermaid_says_the_same_part():
    text = mermaid(CLOSED, DIAGRAM, Excerpt(since="R2", until="R2"))
    assert "R2" in text
    assert "R3" not in text
