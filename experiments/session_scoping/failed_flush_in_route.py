"""A flush that fails in the application's own route, through its own session."""

from casebook.record import Trial
from experiments.session_scoping.driver import Driver
from experiments.session_scoping.sequences import fail_to_flush


def run(trial: Trial) -> None:
    """Let a flush fail and its exception go, and see whether other requests work."""
    driver = Driver(trial)
    driver.wire()
    fail_to_flush(driver, lambda: driver.post("/fail-to-flush"))
