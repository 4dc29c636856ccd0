"""A value that the server refuses, asked for by the address of a page, between other requests."""

from casebook.record import Trial
from experiments.session_scoping.driver import Driver
from experiments.session_scoping.sequences import ordinary_requests

DATABASES = ("postgresql",)

OUT_OF_RANGE = 99999999999999999999
"""No integer of the server's; a failed statement spoils the transaction that it is part of."""


def run(trial: Trial) -> None:
    """Let the server refuse a value in the admin, then in the application's own route."""
    driver = Driver(trial)
    driver.wire()
    ordinary_requests(driver, "at first")
    driver.get(f"/admin/user/edit/?id={OUT_OF_RANGE}")
    ordinary_requests(driver, "after an error in the admin")
    driver.get(f"/hold/{OUT_OF_RANGE}")
    ordinary_requests(driver, "after an error in the own route")
