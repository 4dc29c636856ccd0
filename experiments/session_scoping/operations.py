"""Each of Flask-Admin's operations and the application's own routes, one after the other."""

from casebook.record import Trial
from experiments.session_scoping.admin_operations import perform_all
from experiments.session_scoping.driver import Driver


def run(trial: Trial) -> None:
    """Perform every operation once."""
    driver = Driver(trial)
    driver.wire()
    perform_all(driver)
