"""Every operation beside every other one, and three at once, on the same rows.

Schedules that must come out alike are run once. While a request is preempted, what those that run
meanwhile can do to it is what they commit, unless they share its session or its connection. So
"edit" stands for all that change a user's row and "delete" for both that delete it; operations on
different rows, which no order tells apart, run in one schedule; and which of them share a session
shows in that schedule for every pair.
"""

from collections.abc import Iterator, Sequence
from itertools import product

from casebook.record import Trial
from experiments.session_scoping.rig.overlapping import OPERATIONS, READERS, WRITERS, Operation
from experiments.session_scoping.rig.schedules import Schedule, Schedules


def run(trial: Trial) -> None:
    """Run each operation alone, then the schedules: pairs, threes, and all of them at once."""
    schedules = (*changed(), *flushed(), *three(), at_once((*READERS, *WRITERS)))
    Schedules(trial).run((*READERS, *WRITERS), schedules)


def changed() -> Iterator[Schedule]:
    """Yield pairs that write: one is preempted when it has changed a row, and another runs.

    A creation meets a creation. What else is preempted meets an edit and a deletion, and where it
    writes or deletes the posts, an edit of them.
    """
    create, *others = WRITERS
    edit, inline, delete, bulk = named("edit", "edit inline", "delete", "bulk delete")
    pairs = (
        (create, create),
        *product(others, (edit, delete)),
        *product((inline, delete, bulk), (inline,)),
    )
    for pair in pairs:
        yield Schedule(pair, ("changed",))


def flushed() -> Iterator[Schedule]:
    """Yield schedules in which one that writes is preempted when it has flushed.

    All that only read run beside an edit, then all that write; the list runs beside each other one.
    """
    shows, edit = named("list", "edit")
    yield Schedule((edit, *READERS), ("flushed",))
    yield Schedule((edit, *WRITERS), ("flushed",))
    for one in WRITERS:
        if one is not edit:
            yield Schedule((one, shows), ("flushed",))


def three() -> Iterator[Schedule]:
    """Yield schedules of three that write, two of them preempted when they have changed a row.

    Each kind that another can spoil begins first, second and last: one that changes a row, one that
    deletes it, and one that writes what it read.
    """
    kinds = named("edit", "delete", "own write")
    for first in range(3):
        yield Schedule((*kinds[first:], *kinds[:first]), ("changed", "changed"))


def at_once(operations: Sequence[Operation]) -> Schedule:
    """Return the schedule in which each runs twice, all of them at once, each on its own rows.

    One that only reads is preempted when its view has answered, others when they changed a row.
    """
    both = (*operations, *operations)
    return Schedule(both, tuple(one.points[0] for one in both), apart=True)


def named(*names: str) -> tuple[Operation, ...]:
    """Return the operations of these names."""
    return tuple(OPERATIONS[name] for name in names)
