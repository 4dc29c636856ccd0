"""A history as Mermaid: it opens and closes what the history does, and no text ends a line."""

import re

from casebook.draw.mermaid import mermaid
from casebook.record import History
from tests.casebook.draw.builders import DIAGRAM, HOSTILE, event


def test_mermaid_opens_and_closes_what_the_history_does():
    history = History(
        "completed",
        "",
        (
            event("started", "R1", "T1"),
            event("created", "S1", "T1"),
            event("ended", "R1", "T1"),
        ),
    )
    assert mermaid(history, DIAGRAM).splitlines() == [
        "sequenceDiagram",
        "    participant T1",
        "    participant R1 as R1 request",
        "    participant S1 as S1 session",
        "    T1->>R1: started",
        "    activate R1",
        "    T1->>S1: created",
        "    activate S1",
        "    T1->>R1: ended",
        "    deactivate R1",
        "    Note over S1: never closed",
    ]


def test_mermaid_never_closes_what_is_not_open():
    kinds = ("created", "closed", "closed", "used", "closed")
    history = History("completed", "", tuple(event(kind, "S1", "T1") for kind in kinds))
    depth = 0
    for line in mermaid(history, DIAGRAM).splitlines():
        depth += line.strip().startswith("activate") - line.strip().startswith("deactivate")
        assert depth in (0, 1)
    assert depth == 0


def test_hostile_text_ends_no_line_of_mermaid():
    history = History("completed", "", (event("warned", "T1", text=HOSTILE),))
    lines = mermaid(history, DIAGRAM).splitlines()
    assert len(lines) == 3
    assert len(lines[-1]) < 200
    assert not re.search(r"#(?!\d+;)|(?<!\d);|<|%|\x1b|\u202e", lines[-1])
    assert "#35; ," in lines[-1]
