"""Operations of Flask-Admin with options that are off by default."""

from casebook.record import Trial
from experiments.session_scoping.rig import options
from experiments.session_scoping.rig.admin_operations import Operations
from experiments.session_scoping.rig.driver import Driver


def run(trial: Trial) -> None:
    """Turn the options on, then perform every operation once."""
    options.turn_on()
    driver = Driver(trial)
    driver.wire()
    options.perform_all(Operations(driver))
