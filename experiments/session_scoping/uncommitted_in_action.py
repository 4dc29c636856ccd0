"""Changes left uncommitted in a custom action, on the session that the view resolves."""

from casebook.record import Trial
from experiments.session_scoping.rig.driver import Driver
from experiments.session_scoping.rig.sequences import leave_uncommitted


def run(trial: Trial) -> None:
    """Leave changes uncommitted and record what other requests see of them."""
    driver = Driver(trial)
    driver.wire()
    leave_uncommitted(
        driver, lambda step: driver.post("/admin/user/action/", action=step, rowid="1")
    )
