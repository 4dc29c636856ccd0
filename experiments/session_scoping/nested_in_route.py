"""A context pushed inside the application's own route, which uses its own session."""

from casebook.record import Trial
from experiments.session_scoping.driver import Driver
from experiments.session_scoping.sequences import push_a_context


def run(trial: Trial) -> None:
    """Use the session, push a context and use one inside, then go on and commit."""
    driver = Driver(trial)
    driver.wire()
    push_a_context(driver, "own route")
