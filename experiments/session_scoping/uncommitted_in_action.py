"""Changes left uncommitted in a custom action, through the session that the view resolves."""

from casebook.record import Trial
from experiments.session_scoping.driver import Driver
from experiments.session_scoping.sequences import leave_uncommitted


def run(trial: Trial) -> None:
    """Leave changes uncommitted and see what other requests meet of them."""
    driver = Driver(trial)
    driver.wire()
    leave_uncommitted(
        driver, lambda step: driver.post("/admin/user/action/", action=step, rowid="1")
    )
