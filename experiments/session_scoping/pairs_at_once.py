"""Every operation beside every other one, on the same rows, preempted at every marked point."""

from casebook.record import Trial
from experiments.session_scoping.rig.overlapping import READERS, WRITERS
from experiments.session_scoping.rig.schedules import Schedule, Schedules


def run(trial: Trial) -> None:
    """Run each operation alone, then each pair of them in every schedule with one preemption.

    One that writes is preempted when it has changed a row, and another that writes runs; and when
    it has flushed, and all others run, one after the other. One that only reads is preempted when
    its view has answered, and the others that only read run.
    """
    changed = [Schedule((one, other), ("changed",)) for one in WRITERS for other in WRITERS]
    flushed = [Schedule((one, *READERS, *WRITERS), ("flushed",)) for one in WRITERS]
    viewed = [Schedule((one, *READERS[number:]), ("viewed",)) for number, one in enumerate(READERS)]
    Schedules(trial).run((*READERS, *WRITERS), (*viewed, *changed, *flushed))
