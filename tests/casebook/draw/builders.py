"""A small diagram, its events, and text that nobody checked."""

from casebook.plan.investigation import Bar, Diagram
from casebook.record import Event

HOSTILE = '<script>alert("1")</script> # ; %%{init}%% \x1b[31m \u202e \n end ' + "z" * 500

DIAGRAM = Diagram(
    experiments=("visits",),
    lane="T",
    bars=(
        Bar("R", "request", "started", "ended"),
        Bar("S", "session", "created", "closed", ("used",)),
    ),
    markers=("warned",),
)


def event(kind, *labels, **details):
    return Event(kind, labels, details)
