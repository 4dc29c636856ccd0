"""The application's own route, while the database refuses every commit, between other requests."""

from functools import partial

from casebook.record import Trial
from experiments.session_scoping.refused_commits import refuse
from experiments.session_scoping.rig.attempts import Attempts
from experiments.session_scoping.rig.driver import Answer, Driver


def run(trial: Trial) -> None:
    """Attempt to add a user in a route that commits and lets the exception go, before a create."""
    driver = Driver(trial)
    driver.wire()
    attempts = Attempts(driver)
    attempts.ordinary("at first")
    attempts.attempt(
        "own route and create",
        lambda: add_then_create(driver),
        stored=["post right after of 1"],
    )
    attempts.attempt("own route alone", lambda: add(driver))


def add(driver: Driver) -> Answer:
    """Add a user while commits are refused."""
    form = {"email": "gina@example.com", "name": "Gina"}
    return refuse(driver, partial(driver.post, "/users", **form))


def add_then_create(driver: Driver) -> Answer:
    """Add a user while commits are refused, and create a post right after."""
    add(driver)
    return driver.create_post("right after")
