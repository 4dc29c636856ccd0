"""The lifecycle in a citation: what of a long history is drawn, and that it tells no lie."""

import re

import pytest

from casebook.draw.shortened import COLUMNS, STEPS, lifecycle
from casebook.record import Event, History
from tests.casebook.draw.builders import DIAGRAM


def event(kind, *labels, **details):
    return Event(kind, labels, details)


def request(number, session=None, used=1):
    """Return the events of a request that opens, uses and closes a session of its own."""
    r, s = f"R{number}", session or f"S{number}"
    own = session is None
    return [
        event("started", r, "T1"),
        *([event("created", s, r, "T1")] if own else []),
        *(event("used", s, r, "T1", by=f"{number}.{at}") for at in range(used)),
        *([event("closed", s, "T1")] if own else []),
        event("ended", r, "T1"),
    ]


def history(*events):
    return History("completed", "", tuple(events))


MANY = history(*(one for number in range(1, 41) for one in request(number)))

KEPT = history(
    event("created", "S1", "T1"),
    *(one for number in range(1, 41) for one in request(number, "S1")),
)


def lifecycle_of(whole, *events):
    drawn = lifecycle(whole, DIAGRAM, events)
    assert drawn is not None
    return drawn


def messages(drawn):
    return [line.strip() for line in drawn.mermaid.splitlines() if ":" in line]


def at(history, kind, label):
    return next(
        number
        for number, one in enumerate(history.events)
        if one.kind == kind and label in one.labels
    )


def test_a_short_history_is_drawn_whole():
    whole = history(*request(1), *request(2))
    drawn = lifecycle_of(whole, 1)
    assert (drawn.shown, drawn.steps) == (10, 10)
    assert len(messages(drawn)) == 10


def test_of_a_long_one_the_events_are_drawn_with_what_they_concern():
    events = (at(MANY, "used", "S20"), at(MANY, "used", "S30"))
    drawn = lifecycle_of(MANY, *events)
    assert drawn.steps == 200
    for number in (20, 30):
        for message in ("R{}: started", "S{}: created", "S{}: closed", "R{}: ended"):
            assert f"T1->>{message.format(number)}" in messages(drawn)
    assert "T1->>R1: started" not in messages(drawn)


@pytest.mark.parametrize("whole", [MANY, KEPT])
@pytest.mark.parametrize("events", [(), (0,), (60,), (119,), tuple(range(1, 120, 5))])
def test_it_is_never_longer_or_wider_than_can_be_read(whole, events):
    drawn = lifecycle_of(whole, *events)
    assert 0 < len(messages(drawn)) == drawn.shown <= STEPS
    assert drawn.mermaid.count("participant R") + drawn.mermaid.count("participant S") <= COLUMNS


@pytest.mark.parametrize("number", range(0, 200, 7))
def test_what_was_closed_is_drawn_as_closed(number):
    drawn = lifecycle_of(MANY, number)
    assert "never closed" not in drawn.mermaid
    activated = re.findall(r"\bactivate (\w+)", drawn.mermaid)
    assert activated
    assert sorted(activated) == sorted(re.findall(r"deactivate (\w+)", drawn.mermaid))


def test_what_was_never_closed_is_said_to_be_so():
    drawn = lifecycle_of(KEPT, at(KEPT, "used", "R20"))
    assert "T1->>S1: created" in messages(drawn)
    assert "Note over S1: never closed" in messages(drawn)


def test_where_the_events_are_not_drawn_what_they_concern_is():
    changed = [*MANY.events]
    changed[at(MANY, "used", "S20")] = event("row-seen", "S20", "T1")
    whole = history(*changed)
    drawn = lifecycle_of(whole, at(whole, "row-seen", "S20"))
    assert "T1->>S20: created" in messages(drawn)


def test_where_they_concern_nothing_what_is_nearest_is():
    changed = [*MANY.events]
    changed[at(MANY, "used", "S20")] = event("counted", "T1")
    whole = history(*changed)
    drawn = lifecycle_of(whole, at(whole, "counted", "T1"))
    assert "T1->>S20: created" in messages(drawn)
    assert "T1->>S1: created" not in messages(drawn)


def test_what_has_no_step_is_not_drawn():
    assert lifecycle(history(event("counted", "T1")), DIAGRAM, (0,)) is None
