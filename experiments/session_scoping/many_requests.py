"""The resources left after three requests, compared with those left after twelve."""

import threading
from collections.abc import Callable
from functools import partial

from casebook.record import Trial
from experiments.session_scoping.operations_failing import fail_when_viewed
from experiments.session_scoping.rig.driver import WAYS, Driver
from experiments.session_scoping.rig.tasks import add_and_leave, read_in_background

FEW, MANY = 3, 12
THREADS = 3


def run(trial: Trial) -> None:
    """Measure on one thread, in jobs, on living threads, with failing views and pending rows."""
    driver = Driver(trial)
    driver.wire()
    measure(driver, "requests on one thread", partial(ask, driver))
    for name, session_of in (
        ("jobs, through the application's session", driver.application_session),
        ("jobs, through the view's session", driver.view_session),
    ):
        measure(driver, name, partial(read, driver, session_of))
    measure_on_living_threads(driver)
    driver.on_mark = fail_when_viewed
    measure(driver, "requests whose view raises", partial(ask, driver))
    driver.on_mark = lambda name: None
    for way in WAYS:  # last, because a later request would store the pending rows
        measure(
            driver,
            f"requests that leave a row pending, {way}",
            partial(leave_pending, driver, way),
        )


def measure(driver: Driver, name: str, do: Callable[[int], object]) -> None:
    """Call `do` MANY times, and look at what is left after FEW calls and at the end."""
    for number in range(MANY):
        do(number)
        if number + 1 in (FEW, MANY):
            driver.recorder.record("measured", name=name, times=number + 1)
            driver.recorder.look()
            driver.recorder.count_instances()


def measure_on_living_threads(driver: Driver) -> None:
    """Measure requests that rotate among a few threads that stay alive."""
    turns = [threading.Semaphore(0) for _ in range(THREADS)]
    done = threading.Semaphore(0)
    over = False

    def serve(own: int) -> None:
        for number in range(own, MANY + THREADS, THREADS):
            turns[own].acquire()
            if over:
                return
            try:
                ask(driver, number)
            finally:
                done.release()

    def turn(number: int) -> None:
        turns[number % THREADS].release()
        done.acquire()

    threads = [threading.Thread(target=serve, args=(own,)) for own in range(THREADS)]
    for thread in threads:
        thread.start()
    measure(driver, f"requests on {THREADS} threads", turn)
    over = True
    for own, thread in enumerate(threads):
        turns[own].release()
        thread.join()


def ask(driver: Driver, number: int) -> None:
    """Send one of three requests in turn: list users, create a post, use the own route."""
    if number % 3 == 0:
        driver.get("/admin/user/")
    elif number % 3 == 1:
        driver.create_post(f"Post {number}")
    else:
        driver.get("/names")


def leave_pending(driver: Driver, way: str, number: int) -> None:
    """Send a request that adds a row and neither flushes nor commits it."""
    driver.perform(add_and_leave, way)


def read(driver: Driver, session_of: Callable[[], object], number: int) -> None:
    """Run a job that reads the users."""
    try:
        read_in_background(driver.app, session_of)
    except Exception as error:  # the job's own error, which ends only the job
        driver.recorder.record_exception(error)
