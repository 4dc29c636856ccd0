"""The server ends the application's connections, between two requests and inside one."""

from casebook.record import Trial
from experiments.session_scoping.admin_operations import Operations
from experiments.session_scoping.databases.postgresql import END_OTHERS
from experiments.session_scoping.driver import Driver
from experiments.session_scoping.sequences import ordinary_requests

DATABASES = ("postgresql",)


def run(trial: Trial) -> None:
    """Send ordinary requests before, between and after."""
    driver = Driver(trial)
    driver.wire()
    ordinary_requests(driver, "at first")
    end_connections(driver)
    ordinary_requests(driver, "after an end between requests")
    driver.on_mark = lambda name: end_connections(driver) if name == "listed" else None
    Operations(driver).shows("list, and an end inside", "/admin/user/", "name", "Ann, Ben, Cleo")
    driver.on_mark = lambda name: None
    ordinary_requests(driver, "after an end inside a request")


def end_connections(driver: Driver) -> None:
    """Let the server end the application's connections, and record how many there were."""
    driver.recorder.record("connections-ended", number=int(driver.rows(END_OTHERS)))
