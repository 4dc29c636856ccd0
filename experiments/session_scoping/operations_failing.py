"""The same operations with an exception in each view, and with flushes that fail."""

from casebook.record import Trial
from experiments.session_scoping.rig.admin_operations import Operations, perform_all
from experiments.session_scoping.rig.driver import Driver


class ViewFailed(Exception):
    """Raised inside a view, in place of an application's own exception."""


def run(trial: Trial) -> None:
    """Perform every operation with a view that raises before it answers, then make flushes fail."""
    driver = Driver(trial)
    driver.wire()
    driver.on_mark = fail_when_viewed
    perform_all(driver)
    for name, path, form in (
        ("fail to flush in an action", "/admin/user/action/", {"rowid": "1"}),
        ("fail to flush in the own route", "/fail-to-flush", {}),
    ):
        Operations(driver).stores(
            name,
            path,
            {"action": "fail-to-flush", **form},
            "select name from \"user\" where email = 'ann@example.com'",
            "Ann",
        )


def fail_when_viewed(name: str) -> None:
    """Raise at the end of a view, after it has used its session."""
    if name == "viewed":
        raise ViewFailed("the view failed")
