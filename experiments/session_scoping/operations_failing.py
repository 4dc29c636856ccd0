"""The same operations, each with an exception in the view after it has done its work."""

from casebook.record import Trial
from experiments.session_scoping.admin_operations import perform_all
from experiments.session_scoping.driver import Driver


class ViewFailed(Exception):
    """What an application's own code raises inside a view."""


def run(trial: Trial) -> None:
    """Perform every operation once, and let each view raise before it can answer."""
    driver = Driver(trial)
    driver.wire()
    driver.on_mark = fail_when_viewed
    perform_all(driver)


def fail_when_viewed(name: str) -> None:
    """Raise at the end of a view, when its session has been used."""
    if name == "viewed":
        raise ViewFailed("the view failed")
