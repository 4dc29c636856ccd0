"""Three operations at once on the same rows, of which two are preempted."""

from itertools import product

from casebook.record import Trial
from experiments.session_scoping.rig.overlapping import OPERATIONS
from experiments.session_scoping.rig.schedules import Schedule, Schedules

WRITERS = tuple(OPERATIONS[name] for name in ("edit", "delete", "own write"))
"""One of each kind: that changes a row, that deletes it, that writes what it read."""


def run(trial: Trial) -> None:
    """Run one when another has changed a row, and a third when that has changed it, too."""
    schedules = [Schedule(three, ("changed", "changed")) for three in product(WRITERS, repeat=3)]
    Schedules(trial).run(WRITERS, schedules)
