"""The same operations, each with an exception in the view, and flushes that fail."""

from casebook.record import Trial
from experiments.session_scoping.admin_operations import Operations, perform_all
from experiments.session_scoping.driver import Driver


class ViewFailed(Exception):
    """What an application's own code raises inside a view."""


def run(trial: Trial) -> None:
    """Perform every operation once, let each view raise before it can answer, and fail to flush."""
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
    """Raise at the end of a view, when its session has been used."""
    if name == "viewed":
        raise ViewFailed("the view failed")
