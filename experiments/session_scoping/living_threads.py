"""Successive requests, each on its own thread that stays alive, as a server's threads do."""

import threading

from casebook.record import Trial
from experiments.session_scoping.rig.driver import Driver

POOL_SIZE = 2
"""The pool's capacity; a request that finds no free connection fails at once."""


def run(trial: Trial) -> None:
    """List the posts from three times as many threads as the pool has connections."""
    driver = Driver(trial, POOL_SIZE)
    driver.wire()
    over = threading.Event()
    threads = []
    for _ in range(3 * POOL_SIZE):
        answered = threading.Event()
        thread = threading.Thread(target=serve_once, args=(driver, answered, over))
        threads.append(thread)
        thread.start()
        answered.wait()
    driver.recorder.look()
    over.set()
    for thread in threads:
        thread.join()


def serve_once(driver: Driver, answered: threading.Event, over: threading.Event) -> None:
    """Serve one request, set `answered`, and stay alive until `over` is set."""
    try:
        driver.get("/admin/post/")
    finally:
        answered.set()
    over.wait()
