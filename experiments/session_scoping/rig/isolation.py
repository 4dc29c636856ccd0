"""Requests at an isolation level at which the database refuses what it cannot serialize.

The pattern is wired as ever; the application's settings ask for the level in each backend's way.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import replace
from functools import partial
from threading import Thread
from typing import Any

from casebook.record import Trial
from experiments.session_scoping.rig.admin_operations import Operations
from experiments.session_scoping.rig.asking import ask
from experiments.session_scoping.rig.attempts import Attempts, meanwhile
from experiments.session_scoping.rig.driver import Driver
from experiments.session_scoping.rig.orders import Rows, by, in_some_order, outcome
from experiments.session_scoping.rig.overlapping import (
    FIRST_KEY,
    OPERATIONS,
    ROWS,
    filling,
    own_route,
)
from experiments.session_scoping.rig.schedules import Schedule

POINTS = {"changed": "before_flush", "flushed": "after_flush"}
"""The points at which a request is preempted, and SQLAlchemy's events that tell of them."""

SCHEDULES = tuple(
    Schedule((OPERATIONS[first], OPERATIONS[second]), (point,))
    for first, point, second in (
        ("own write", "changed", "own write"),
        ("edit", "changed", "edit"),
        ("edit", "changed", "delete"),
        ("edit in the list", "changed", "own write"),
        ("delete", "changed", "edit"),
        ("create", "flushed", "list"),
    )
)
"""Two requests each time: the first is preempted at its point, and the second runs as a whole."""


def run_at(trial: Trial, level: str) -> None:
    """Send requests one after the other and in each schedule, at this level; record the outcomes.

    Ordinary requests come first, then an edit of a row that another program has changed since. The
    second request of a schedule runs on a thread of its own, and one that overlaps none follows.
    """
    driver = Driver(replace(trial, pattern=partial(_at, level, trial.pattern)))
    driver.wire()
    driver.app.config["TASK"] = own_route
    for statement in filling(len(SCHEDULES)):
        driver.change(statement)
    Attempts(driver).ordinary("at first")
    operations = Operations(driver)
    operations.shows("list before a change", "/admin/user/?search=ben", "name", "Ben")
    driver.change("update \"user\" set name = 'Benno' where id = 2")
    operations.stores(
        "edit what another program changed",
        "/admin/user/edit/?id=2",
        {"email": "ben@example.com", "name": "Benedict"},
        'select name from "user" where id = 2',
        "Benedict",
    )
    for key, schedule in enumerate(SCHEDULES, start=FIRST_KEY):
        overlap(driver, schedule, key)
        follow(operations, schedule)


def _at(level: str, pattern: Callable[..., Any], app: Any, admin: Any) -> Any:
    """Wire the pattern with engines at this level, set where the backend looks for it."""
    for options in (app.config["ENGINE_OPTIONS"], app.config["SQLALCHEMY_ENGINES"]["default"]):
        options["isolation_level"] = level
    return pattern(app, admin)


def overlap(driver: Driver, schedule: Schedule, key: int) -> None:
    """Run a schedule on rows of its own, and record what came out and what may come out."""
    driver.recorder.record("schedule-started", name=schedule.name)
    answers = ["", ""]

    def do(number: int) -> None:
        send = partial(ask, driver.app)
        answers[number] = schedule.operations[number].send(send, key, by(number))

    def second() -> None:
        thread = Thread(target=do, args=(1,))
        thread.start()
        thread.join()

    (point,) = schedule.points
    with preempted(point, second):
        do(0)
    rows = re.sub(rf"[~:]{key}", "", driver.rows(ROWS.format(key=key)))
    driver.recorder.record(
        "schedule-ended",
        name=schedule.name,
        overlapped=bool(answers[1]),
        asked=" | ".join(asked(schedule, refused=answers[0] == "refused")),
        observed=outcome(answers, rows),
    )


def follow(operations: Operations, schedule: Schedule) -> None:
    """Go on where the first request of a schedule was: in the own route or in the admin."""
    if schedule.operations[0].name == "own write":
        operations.contains(f"own route after {schedule.name}", "/names", "ann@example.com Ann")
    else:
        operations.shows(f"list after {schedule.name}", "/admin/user/?search=ann", "name", "Ann")


def preempted(point: str, second: Callable[[], None]) -> AbstractContextManager[None]:
    """Run the second request when the first one reaches this point."""
    return meanwhile(POINTS[point], second)


def asked(schedule: Schedule, refused: bool) -> list[str]:
    """Return what may come out, where the first request was refused or was not.

    One that the database refuses does nothing; the other, which nothing preempts, must be done.
    """
    first, second = (operation.rows for operation in schedule.operations)
    return in_some_order([refuse if refused else first, second], [0])


def refuse(_: Rows, __: str) -> str:
    """Do nothing to rows, as an operation that was refused."""
    return "refused"
