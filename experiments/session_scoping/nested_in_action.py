"""A context pushed inside a custom action, through the session that the view itself resolves."""

from casebook.record import Trial
from experiments.session_scoping.driver import Driver
from experiments.session_scoping.sequences import push_a_context


def run(trial: Trial) -> None:
    """Use the session, push a context and use one inside, then go on and commit."""
    driver = Driver(trial)
    driver.wire()
    push_a_context(driver, "action")
