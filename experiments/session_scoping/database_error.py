"""A value that the server refuses, sent in a page's URL between other requests."""

from casebook.record import Trial
from experiments.session_scoping.rig.driver import Driver
from experiments.session_scoping.rig.sequences import ordinary_requests

DATABASES = ("postgresql",)

OUT_OF_RANGE = 99999999999999999999
"""Too large for the server's integers; a failed statement spoils its whole transaction."""


def run(trial: Trial) -> None:
    """Make the server refuse a value in the admin, then in the application's own route."""
    driver = Driver(trial)
    driver.wire()
    ordinary_requests(driver, "at first")
    driver.get(f"/admin/user/edit/?id={OUT_OF_RANGE}")
    ordinary_requests(driver, "after an error in the admin")
    driver.get(f"/hold/{OUT_OF_RANGE}")
    ordinary_requests(driver, "after an error in the own route")
