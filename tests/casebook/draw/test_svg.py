"""A history drawn: bars, lanes, marks, and text that nobody checked."""

from dataclasses import replace
from xml.etree import ElementTree

import pytest

from casebook.draw.svg import ROW, draw, svg
from casebook.record import History
from tests.casebook.draw.builders import DIAGRAM, HOSTILE, event


def drawn(*events):
    return draw(History("completed", "", events), DIAGRAM)


def bars(drawing, label):
    return [bar for bar in drawing.bars if bar.label == label]


def elements(drawing):
    """Parse the SVG; return its elements without their namespace, and its class names."""
    root = ElementTree.fromstring(svg(drawing, "a title"))
    return [(one.tag.rpartition("}")[2], one.get("class") or "", one) for one in root.iter()]


# --- Bars -----------------------------------------------------------------------------------------


def test_a_bar_opens_and_closes_where_its_events_are():
    drawing = drawn(
        event("created", "S1", "T1"), event("used", "S1", "T1"), event("closed", "S1", "T1")
    )
    (bar,) = drawing.bars
    assert (bar.first, bar.last, bar.closed) == (1, 3, True)
    assert bar.height == 2 * ROW + 16
    assert drawing.unclosed == ()


def test_a_bar_that_never_closes_is_open_ended_to_the_end_and_said_so():
    drawing = drawn(
        event("created", "S1", "T1"),
        event("started", "R1", "T1"),
        event("ended", "R1", "T1", status=200),
    )
    (bar,) = bars(drawing, "S1")
    assert not bar.closed
    assert bar.y + bar.height >= max(note.y for note in drawing.notes)
    assert drawing.unclosed == ("S1",)
    assert [note.labels for note in drawing.notes if note.tone == "unclosed"] == [("S1",)]
    found = elements(drawing)
    assert [kind for tag, kind, _ in found if tag == "g" and "open" in kind] == ["bar bar-1 open"]
    assert "never closed" in "".join(found[0][2].itertext())


def test_a_session_that_serves_two_requests_is_one_bar_that_spans_both():
    drawing = drawn(
        event("started", "R1", "T1"),
        event("created", "S1", "T1"),
        event("ended", "R1", "T1"),
        event("started", "R2", "T1"),
        event("used", "S1", "T1"),
        event("closed", "S1", "T1"),
        event("ended", "R2", "T1"),
    )
    (session,) = bars(drawing, "S1")
    (first,) = bars(drawing, "R1")
    (second,) = bars(drawing, "R2")
    assert session.y < first.y + first.height
    assert session.y + session.height > second.y


def test_what_is_used_after_it_was_closed_is_open_again_in_the_same_column():
    drawing = drawn(
        event("created", "S1", "T1"), event("closed", "S1", "T1"), event("used", "S1", "T1")
    )
    first, second = bars(drawing, "S1")
    assert (first.closed, second.closed) == (True, False)
    assert first.x == second.x
    assert len(drawing.spines) == 1


def test_bars_of_one_kind_that_overlap_stand_beside_each_other():
    drawing = drawn(
        event("created", "S1", "T1"),
        event("created", "S2", "T1"),
        event("closed", "S1", "T1"),
        event("closed", "S2", "T1"),
    )
    assert len({bar.x for bar in drawing.bars}) == 2


def test_a_request_that_failed_is_marked():
    drawing = drawn(event("started", "R1", "T1"), event("ended", "R1", "T1", status=500))
    assert bars(drawing, "R1")[0].status == "500"
    assert any("failed" in kind for tag, kind, _ in elements(drawing) if tag == "g")


def test_a_request_that_succeeded_is_not_marked():
    drawing = drawn(event("started", "R1", "T1"), event("ended", "R1", "T1", status=302))
    assert bars(drawing, "R1")[0].status == ""


# --- Lanes ----------------------------------------------------------------------------------------


def test_a_session_used_on_another_thread_is_in_both_lanes_and_joined():
    drawing = drawn(
        event("created", "S1", "T1"), event("used", "S1", "T2"), event("closed", "S1", "T1")
    )
    home, guest = bars(drawing, "S1")
    assert (home.lane, home.guest, guest.lane, guest.guest) == ("T1", False, "T2", True)
    (link,) = drawing.links
    assert home.x <= link.x1 <= home.x + drawing.bar_width
    assert guest.x <= link.x2 <= guest.x + drawing.bar_width


def test_a_session_closed_on_another_thread_is_closed():
    drawing = drawn(event("created", "S1", "T1"), event("closed", "S1", "T2"))
    assert drawing.unclosed == ()
    assert {bar.lane for bar in drawing.bars} == {"T1", "T2"}


def test_what_moves_to_another_thread_after_it_was_closed_is_joined_too():
    drawing = drawn(
        event("created", "S1", "T1"),
        event("closed", "S1", "T1"),
        event("created", "S1", "T2"),
        event("closed", "S1", "T2"),
    )
    assert [bar.lane for bar in drawing.bars] == ["T1", "T2"]
    assert len(drawing.links) == 1


def test_lanes_are_in_the_order_of_their_numbers():
    drawing = drawn(*(event("warned", f"T{number}") for number in (10, 2, 1)))
    assert [lane.label for lane in drawing.lanes] == ["T1", "T2", "T10"]


# --- Rows -----------------------------------------------------------------------------------------


def test_kinds_that_the_diagram_does_not_name_have_no_row():
    drawing = drawn(event("marked", "T1"), event("started", "R1", "T1"))
    assert [note.number for note in drawing.notes if note.kind] == ["2"]


def test_equal_touches_in_sequence_share_a_row():
    drawing = drawn(
        event("created", "S1", "T1"),
        *(event("used", "S1", "T1", by=name) for name in ("a", "b", "c")),
    )
    assert [note.number for note in drawing.notes if note.kind] == ["1", "2…"]


def test_a_marker_is_marked_in_its_lane():
    drawing = drawn(event("warned", "T1", text="careful"))
    assert [mark.kind for mark in drawing.marks] == ["warned"]
    assert drawing.notes[0].text == "careful"


@pytest.mark.parametrize("events", [(), (event("marked", "T1"),)])
def test_a_history_with_nothing_to_draw_is_drawn_empty(events):
    drawing = drawn(*events)
    assert drawing.bars == ()
    assert elements(drawing)


# --- SVG ------------------------------------------------------------------------------------------


def test_the_svg_says_what_it_shows_and_has_no_ids():
    drawing = drawn(event("created", "S1", "T1"), event("used", "S1", "T2"))
    found = {tag: one for tag, _, one in reversed(elements(drawing))}
    assert found["title"].text == "a title"
    assert "session S1 from event 1, never closed" in (found["desc"].text or "")
    assert " id=" not in svg(drawing, "a title")


def test_hostile_text_is_text_in_the_svg():
    drawing = drawn(event("warned", "T1", text=HOSTILE))
    text = "".join(elements(drawing)[0][2].itertext())
    assert '<script>alert("1")</script> # ; %%{init}%% \\u001b' in text
    assert "\x1b" not in text
    assert "\u202e" not in text


def test_the_lanes_are_named_in_the_description():
    drawing = draw(
        History("completed", "", (event("created", "S1", "T1"),)),
        replace(DIAGRAM, lane_title="thread"),
    )
    found = {tag: one for tag, _, one in reversed(elements(drawing))}
    assert "thread T1: session S1" in (found["desc"].text or "")


def test_long_text_is_cut_in_the_svg():
    assert drawn(event("warned", "T1", text="z" * 5000)).width < 800
