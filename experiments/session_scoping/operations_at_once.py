"""Every operation beside every other one, and three at once, on the same rows."""

from itertools import product

from casebook.record import Trial
from experiments.session_scoping.rig.overlapping import OPERATIONS, READERS, WRITERS
from experiments.session_scoping.rig.schedules import Schedule, Schedules

KINDS = tuple(OPERATIONS[name] for name in ("edit", "delete", "own write"))
"""One of each kind that another can spoil: it changes a row, deletes it, writes what it read."""


def run(trial: Trial) -> None:
    """Run each operation alone, then each pair of them in every schedule with one preemption.

    One that only reads is preempted when its view has answered, and the others that only read run.
    One that writes is preempted when it has changed a row, and another that writes runs; and when
    it has flushed, and all others run, one after the other. Then three that write run at once, and
    two of them are preempted when they have changed a row.
    """
    viewed = [Schedule((one, *READERS[number:]), ("viewed",)) for number, one in enumerate(READERS)]
    changed = [Schedule(two, ("changed",)) for two in product(WRITERS, repeat=2)]
    flushed = [Schedule((one, *READERS, *WRITERS), ("flushed",)) for one in WRITERS]
    three = [Schedule(three, ("changed", "changed")) for three in product(KINDS, repeat=3)]
    Schedules(trial).run((*READERS, *WRITERS), (*viewed, *changed, *flushed, *three))
