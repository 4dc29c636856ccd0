"""Changes left uncommitted in a custom action, through the session that the view itself resolves, then other requests."""

from casebook.record import Trial
from experiments.session_scoping.driver import Driver


def run(trial: Trial) -> None:
    """Leave changes uncommitted, with and without a flush, and see what others meet of them."""
    driver = Driver(trial)
    driver.wire()
    for step in ("change", "flush"):
        leave_uncommitted(driver, step)
        driver.recorder.record("shown", names=driver.get("/admin/user/?sort=1&desc=1").cells("name"))
        driver.post("/admin/tag/new/", name=f"committed after {step}")
        driver.recorder.record("shown", names=driver.get("/names").text)
        driver.recorder.record(
            "stored",
            users=driver.rows("select name from user"),
            tags=driver.rows("select name from tag"),
        )


def leave_uncommitted(driver: Driver, step: str) -> None:
    """Change one row and add another, and commit neither."""
    driver.post("/admin/user/action/", action=f"{step}-without-commit", rowid="1")
