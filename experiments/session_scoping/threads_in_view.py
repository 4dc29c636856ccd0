"""Jobs on threads that a view starts and waits for, in a context of their own."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial

from flask import copy_current_request_context

from casebook.record import Trial
from experiments.session_scoping.background_jobs import do
from experiments.session_scoping.rig.application import User
from experiments.session_scoping.rig.driver import WAYS, Driver
from experiments.session_scoping.rig.tasks import (
    Way,
    fail_in_background,
    real,
    work_in_background,
)


def run(trial: Trial) -> None:
    """Start jobs in an action and in the own route; the failing one last, as it may lock a row."""
    driver = Driver(trial)
    driver.wire()
    for number, way in enumerate(WAYS):
        driver.perform(partial(start_jobs, driver, way, 2 * number + 1), way)
    for way in WAYS:
        driver.perform(partial(start_failing_job, driver, way), way)
    driver.recorder.look()


def start_jobs(driver: Driver, way: str, key: int, session_of: Way) -> None:
    """Use the view's session, then start jobs that rename users, and wait for each."""
    session_of().get(User, key)
    for place, job in (
        ("an application context of its own", work_in_background),
        ("a copy of the request's context", copy_current_request_context(work)),
    ):
        name = f"on a thread of a view, in {place}, {way}"
        start(do, driver, name, job, session_of, key, f"Renamed {key}")
        key += 1


def start_failing_job(driver: Driver, way: str, session_of: Way) -> None:
    """Use the view's session, then start a job that raises before it commits."""
    session_of().get(User, 5)
    name = f"on a thread of a view, that fails, {way}"
    start(do, driver, name, fail_in_background, session_of, 5, "Emil")


def start(work: Callable[..., None], *arguments: object) -> None:
    """Do some work on a new thread, and wait until that thread has ended."""
    with ThreadPoolExecutor(1) as executor:
        executor.submit(work, *arguments).result()


def work(app: object, session_of: Way, note: Callable[..., None], key: int, name: str) -> None:
    """Rename a user in the context in which this is called."""
    user = session_of().get(User, key)
    note("job-worked", real(user))
    user.name = name
    session_of().commit()
    session_of().refresh(user)  # leaves a transaction to be closed
