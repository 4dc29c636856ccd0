"""Flask-Admin's operations and the application's own routes, one after another."""

from casebook.record import Trial
from experiments.session_scoping.rig.admin_operations import perform_all
from experiments.session_scoping.rig.driver import Driver


def run(trial: Trial) -> None:
    """Perform every operation once."""
    driver = Driver(trial)
    driver.wire()
    perform_all(driver)
