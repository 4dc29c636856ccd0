"""A flush that fails in the application's own route, on the application's session."""

from casebook.record import Trial
from experiments.session_scoping.rig.driver import Driver
from experiments.session_scoping.rig.sequences import fail_to_flush


def run(trial: Trial) -> None:
    """Make a flush fail, let its exception propagate, and see whether other requests work."""
    driver = Driver(trial)
    driver.wire()
    fail_to_flush(driver, lambda: driver.post("/fail-to-flush"))
