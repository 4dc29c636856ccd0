"""The margin of a history: bars beside the lines of its events."""

from itertools import pairwise
from xml.etree import ElementTree

import pytest

from casebook.draw.margin import LINE, READABLE, WIDEST, Margin, MarginBar, margin, margin_svg
from casebook.record import History
from tests.casebook.draw.builders import DIAGRAM, HOSTILE, event

REQUEST, SESSION = 0, 1
"""The rules of the diagram, by their positions."""


def drawn(*events):
    return margin(History("completed", "", events), DIAGRAM)


def lines(bar: MarginBar) -> tuple[int, int]:
    """Return the first and last line that a bar stands beside, counted from 1."""
    return bar.y // LINE + 1, (bar.y + bar.height - 1) // LINE + 1


def at_once(count: int) -> Margin:
    """Return the margin of so many sessions that are open at once."""
    opened = [event("created", f"S{number}", "T1") for number in range(1, count + 1)]
    closed = [event("closed", f"S{number}", "T1") for number in range(1, count + 1)]
    return drawn(*opened, *closed)


# --- Where bars stand -----------------------------------------------------------------------------


def test_a_bar_stands_beside_the_lines_from_the_event_that_opens_it_to_the_one_that_closes_it():
    found = drawn(
        event("started", "R1", "T1"),
        event("said", "T1"),
        event("created", "S1", "T1"),
        event("used", "S1", "T1"),
        event("said", "T1"),
        event("closed", "S1", "T1"),
        event("ended", "R1", "T1"),
    )
    assert found.height == 7 * LINE
    ((request,), (session,)) = (found.kinds[rule, ""] for rule in (REQUEST, SESSION))
    assert (request.label, lines(request)) == ("R1", (1, 7))
    assert (session.label, lines(session)) == ("S1", (3, 6))
    assert found.unclosed == 0


def test_a_bar_leaves_a_gap_to_its_lines_so_that_two_in_sequence_are_two():
    found = drawn(*(event(kind, "S1", "T1") for kind in ("created", "closed") * 2))
    before, after = found.kinds[SESSION, ""]
    assert before.x == after.x
    assert (lines(before), lines(after)) == ((1, 2), (3, 4))
    assert before.y > 0
    assert before.y + before.height < after.y


def test_equal_touches_in_sequence_which_a_drawing_joins_have_lines_of_their_own():
    uses = [event("used", "S1", "T1")] * 5
    found = drawn(event("created", "S1", "T1"), *uses, event("closed", "S1", "T1"))
    (session,) = found.kinds[SESSION, ""]
    assert lines(session) == (1, 7)
    (session,) = drawn(*uses, event("closed", "S1", "T1")).kinds[SESSION, ""]
    assert lines(session) == (1, 6)


def test_what_nothing_closed_is_open_to_the_end_also_of_lines_that_the_diagram_does_not_show():
    found = drawn(
        event("created", "S1", "T1"),
        event("started", "R1", "T1"),
        event("ended", "R1", "T1"),
        event("said", "T1"),
        event("said", "T1"),
    )
    (session,) = found.kinds[SESSION, "open"]
    assert lines(session)[0] == 1
    assert session.y + session.height >= found.height == 5 * LINE
    assert (REQUEST, "open") not in found.kinds
    assert found.unclosed == 1


def test_what_another_lane_opened_is_a_guest_there_and_not_left_open():
    found = drawn(
        event("created", "S1", "T1"),
        event("started", "R1", "T2"),
        event("used", "S1", "T2"),
        event("ended", "R1", "T2"),
        event("closed", "S1", "T1"),
    )
    (home,), (guest,) = found.kinds[SESSION, ""], found.kinds[SESSION, "guest"]
    assert (home.label, guest.label) == ("S1", "S1")
    assert (lines(home), lines(guest)) == ((1, 5), (3, 3))
    assert guest.x > home.x
    assert found.unclosed == 0


def test_only_the_rules_that_have_bars_are_explained():
    found = drawn(event("created", "S1", "T1"), event("closed", "S1", "T1"))
    assert found.letters == ((SESSION, "S", "session"),)


def test_a_history_of_which_the_diagram_shows_nothing_has_no_margin():
    found = drawn(event("said", "T1"), event("warned", "T1", text=HOSTILE))
    assert (found.kinds, found.width, found.letters, margin_svg(found)) == ({}, 0, (), "")


def test_a_phone_squeezes_wide_margins_alone():
    assert at_once(4).narrow
    assert 'class="margin narrow"' in margin_svg(at_once(4))
    assert not at_once(8).narrow
    assert 'class="margin"' in margin_svg(at_once(8))


# --- How wide it is -------------------------------------------------------------------------------


@pytest.mark.parametrize("count", [1, 5, 15, 16, 40, 400])
def test_the_margin_is_never_wider_than_it_may_be_and_bars_stand_side_by_side(count):
    found = at_once(count)
    bars = found.kinds[SESSION, ""]
    assert len(bars) == count
    assert found.width <= WIDEST == 320
    places = sorted(bar.x for bar in bars)
    # Places are rounded to whole pixels.
    assert all(after - before >= found.bar - 1 for before, after in pairwise(places))
    assert len(set(places)) == count or found.bar < 1
    assert places[0] - found.bar / 2 >= -0.5
    assert places[-1] + found.bar / 2 <= found.width + 1


def test_what_has_room_is_drawn_at_one_scale():
    assert at_once(1).bar == at_once(5).bar > at_once(40).bar


@pytest.mark.parametrize(("count", "labelled"), [(1, True), (15, True), (40, False)])
def test_bars_are_labelled_only_where_there_is_room(count, labelled):
    found = at_once(count)
    assert (found.bar >= READABLE) == found.labelled == labelled
    labels = [f"S{number}" for number in range(1, count + 1)]
    assert [text.text for text in elements(found, "text")] == (labels if labelled else [])


# --- The drawing ----------------------------------------------------------------------------------


def elements(found, tag):
    root = ElementTree.fromstring(margin_svg(found))
    return [one for one in root.iter() if one.tag.rpartition("}")[2] == tag]


def test_the_drawing_has_each_bar_in_the_group_of_its_rule_and_kind():
    found = drawn(
        event("created", "S1", "T1"), event("started", "R1", "T1"), event("ended", "R1", "T1")
    )
    (svg,) = elements(found, "svg")
    assert svg.get("viewBox") == f"0 0 {found.width} {found.height}"
    assert (svg.get("width"), svg.get("height")) == (str(found.width), str(found.height))
    assert svg.get("aria-hidden") == "true"
    assert svg.get("stroke-width") == str(found.bar)
    shown = {
        tuple(group.get("class", "").split()): path.get("d")
        for group in elements(found, "g")
        for path in group.iter()
        if path.get("d")
    }
    ((request,), (session,)) = (found.kinds[key] for key in ((REQUEST, ""), (SESSION, "open")))
    assert shown == {
        ("b0",): f"M{request.x},{request.y}v{request.height}",
        ("b1", "open"): f"M{session.x},{session.y}v{session.height}",
    }


def test_a_label_that_holds_markup_is_text():
    found = drawn(event("created", "S<b>1", "T1"))
    assert "<b>" not in margin_svg(found)
