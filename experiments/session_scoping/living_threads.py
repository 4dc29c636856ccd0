"""Requests one after the other, each on a thread of its own that stays alive, as a server's do."""

import threading

from casebook.record import Trial
from experiments.session_scoping.driver import Driver

POOL_SIZE = 2
"""How many connections the pool holds; a request that finds none fails at once."""


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
    """Serve one request, say so, and stay alive until everything is over."""
    try:
        driver.get("/admin/post/")
    finally:
        answered.set()
    over.wait()
