"""A flush that fails in a custom action, on the session that the view itself resolves."""

from casebook.record import Trial
from experiments.session_scoping.rig.driver import Driver
from experiments.session_scoping.rig.sequences import fail_to_flush


def run(trial: Trial) -> None:
    """Make a flush fail, let its exception propagate, and see whether other requests work."""
    driver = Driver(trial)
    driver.wire()
    fail_to_flush(
        driver, lambda: driver.post("/admin/user/action/", action="fail-to-flush", rowid="1")
    )
