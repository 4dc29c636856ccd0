"""Three requests, then nine more: what is left after three, and after twelve."""

import threading
from collections.abc import Callable
from functools import partial

from casebook.record import Trial
from experiments.session_scoping.driver import WAYS, Driver
from experiments.session_scoping.operations_failing import fail_when_viewed
from experiments.session_scoping.tasks import add_and_leave, read_in_background

FEW, MANY = 3, 12
THREADS = 3


def run(trial: Trial) -> None:
    """Measure on one thread, in jobs, on threads that stay alive, and with rows left pending."""
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
    for way in WAYS:  # last, because what is left pending would be stored by a later request
        measure(
            driver,
            f"requests that leave a row pending, {way}",
            partial(leave_pending, driver, way),
        )


def measure(driver: Driver, name: str, do: Callable[[int], object]) -> None:
    """Do something a few times, then many times, and look at what is left each time."""
    for number in range(MANY):
        do(number)
        if number + 1 in (FEW, MANY):
            driver.recorder.record("measured", name=name, times=number + 1)
            driver.recorder.look()


def measure_on_living_threads(driver: Driver) -> None:
    """Do the same where requests go round a few threads that stay alive."""
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
    """Send requests of several kinds in turn: a list, a row created, the own route."""
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
    """Let a job read the users."""
    try:
        read_in_background(driver.app, session_of)
    except Exception as error:  # a job's own, which ends the job alone
        driver.recorder.record_exception(error)
