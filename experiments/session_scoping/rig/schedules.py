"""Schedules: which operation runs when, chosen in advance, and what comes out.

In the manner of CHESS (Musuvathi and others, 2008) all schedules with few preemptions are
enumerated. An operation is preempted at a marked point, and the next runs until it is preempted
itself or is over; then those that were preempted go on, in the order in which they began.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from contextvars import ContextVar
from dataclasses import dataclass, replace
from functools import partial
from itertools import zip_longest

from sqlalchemy import create_engine, event
from sqlalchemy.orm import Session

from casebook.record import Event, Trial
from experiments.session_scoping.rig.asking import ask
from experiments.session_scoping.rig.driver import Baton, Driver
from experiments.session_scoping.rig.orders import apart, by, in_some_order, outcome
from experiments.session_scoping.rig.overlapping import (
    FIRST_KEY,
    ROWS,
    Operation,
    filling,
    own_route,
)


@dataclass(frozen=True)
class Schedule:
    """Operations in the order in which they begin, and the points at which some are preempted.

    They meet on the same rows, or are `apart`, each on rows of its own.
    """

    operations: tuple[Operation, ...]
    points: tuple[str, ...]
    apart: bool = False

    @property
    def name(self) -> str:
        """The schedule in words: "edit (changed), delete"."""
        words = ", ".join(
            f"{operation.name} ({point})" if point else operation.name
            for operation, point in zip_longest(self.operations, self.points)
        )
        return f"{words}; each on rows of its own" if self.apart else words

    @property
    def asked(self) -> list[str]:
        """What may come out: what comes out of some order of the operations."""
        does = [one.rows for one in self.operations]
        return [apart(does)] if self.apart else in_some_order(does, range(len(self.points)))

    @property
    def keys(self) -> int:
        """How many keys its operations need for their rows."""
        return len(self.operations) if self.apart else 1


class Schedules:
    """The application under one pattern, whose requests run as schedules say.

    What the recorder sees of the requests is not recorded, event by event, but summed up: a
    schedule is one event.
    """

    def __init__(self, trial: Trial) -> None:
        self._trial = trial
        self._seen: list[Event] | None = None
        self._driver = Driver(replace(trial, write=self._write))
        self._keys = iter(range(FIRST_KEY, FIRST_KEY))
        self._baton = Baton()
        self._left: dict[int, str] = {}  # the points at which operations have still to hand over
        self._number: ContextVar[int | None] = ContextVar("number", default=None)

    def _write(self, event: Event) -> None:
        if self._seen is None:
            self._trial.write(event)
        else:
            self._seen.append(event)

    def run(self, alone: Sequence[Operation], schedules: Sequence[Schedule]) -> None:
        """Wire the pattern, run each operation alone, then each schedule; record what came out.

        The last operation runs alone again at the end. If it fails, a schedule has left something
        behind that every session meets, in plain code, too.
        """
        driver = self._driver
        driver.wait_briefly()
        driver.wire()
        driver.app.config["TASK"] = own_route
        singly = [Schedule((operation,), ()) for operation in alone]
        every = (*singly, *schedules, singly[-1])
        number = 2 * sum(one.keys for one in every)  # each may run in plain code, too
        for statement in filling(number):
            driver.change(statement)
        self._keys = iter(range(FIRST_KEY, FIRST_KEY + number))
        self._engine = create_engine(
            driver.app.config["DATABASE_URL"], **driver.app.config["ENGINE_OPTIONS"]
        )
        driver.on_mark = self.reached
        event.listen(Session, "before_flush", lambda *_: self.reached("changed"))
        event.listen(Session, "after_flush", lambda *_: self.reached("flushed"))
        for one in singly:
            self._compare("alone", one)
        for schedule in schedules:
            self._compare("overlapped", schedule)
        self._compare("afterwards", singly[-1])

    def reached(self, name: str) -> None:
        """Hand over where this is the point at which the operation is preempted."""
        number = self._number.get()
        if number is not None and self._left.get(number) == name:
            del self._left[number]
            self._baton.pass_on()

    def _compare(self, kind: str, schedule: Schedule) -> None:
        """Run a schedule; where it came out as in no order, run it in plain code, too.

        What the database does to sessions that have nothing to do with each other is no pattern's,
        and a pattern that leaks connections has none left at some time, overlaps or not.
        """
        asked = schedule.asked
        seen = self._seen = []
        observed = self._perform(schedule, self._send)
        overlapped, failed = not self._left, errors(seen)
        why = {}
        if observed not in asked:
            self._seen = []
            why = {"plain": self._perform(schedule, self._do), "error": (failed or [""])[0]}
        self._seen = None
        self._driver.recorder.record(
            kind,
            name=schedule.name,
            asked=" | ".join(asked),
            observed=observed,
            overlapped=overlapped,
            shared=shared(seen),
            no_connection=any(error.startswith("TimeoutError: QueuePool") for error in failed),
            **why,
        )

    def _perform(self, schedule: Schedule, do: Callable[[Operation, int, str], str]) -> str:
        """Run a schedule on rows of its own, each operation with `do`; return what came out."""
        keys = [next(self._keys) for _ in range(schedule.keys)]
        answers = dict.fromkeys(range(len(schedule.operations)), "")
        failed: list[BaseException] = []

        def work(number: int, operation: Operation) -> None:
            self._number.set(number)
            try:
                answers[number] = do(operation, keys[number % len(keys)], by(number))
            except BaseException as error:  # raised in the cell, not lost with the thread
                failed.append(error)

        self._baton, self._left = Baton(), dict(enumerate(schedule.points))
        self._baton.run(*(partial(work, *one) for one in enumerate(schedule.operations)))
        for error in failed:
            raise error
        return outcome(answers.values(), "; ".join(map(self._rows, keys)))

    def _rows(self, key: int) -> str:
        """Return what is left of the rows of a key, as text without it."""
        return re.sub(rf"[~:]{key}\b", "", self._driver.rows(ROWS.format(key=key)))

    def _send(self, operation: Operation, key: int, by: str) -> str:
        """Do an operation by a request."""
        return operation.send(partial(ask, self._driver.app), key, by)

    def _do(self, operation: Operation, key: int, by: str) -> str:
        """Do an operation in plain code, in a session of its own."""
        with Session(self._engine) as session:
            try:
                answer = operation.plain(session, key, by)
            except Exception:
                return "refused"
            self.reached("viewed")
            return answer


def errors(seen: Iterable[Event]) -> list[str]:
    """Return the first lines of the exceptions that the application raised or logged, in order."""
    raised = [one for one in seen if one.kind == "exception-raised"]
    return [f"{one['type']}: {str(one['text']).partition(chr(10))[0]}" for one in raised]


def shared(seen: Iterable[Event]) -> bool:
    """Return whether two requests touched one session."""
    touched: dict[str, set[str]] = {}
    for one in seen:
        session, request = one.label("S"), one.label("R")
        if one.kind.startswith("session-") and session and request:
            touched.setdefault(session, set()).add(request)
    return any(len(requests) > 1 for requests in touched.values())
