"""A context pushed inside a custom action, on the session that the view itself resolves."""

from casebook.record import Trial
from experiments.session_scoping.rig.driver import Driver
from experiments.session_scoping.rig.sequences import push_a_context


def run(trial: Trial) -> None:
    """Use the session, push a context and use one inside it, then go on outside and commit."""
    driver = Driver(trial)
    driver.wire()
    push_a_context(driver, "action")
