"""The server ends the application's connections, between two requests and during others."""

from casebook.record import Trial
from experiments.session_scoping.rig.admin_operations import Operations
from experiments.session_scoping.rig.driver import Baton, Driver
from experiments.session_scoping.rig.sequences import ordinary_requests

DATABASES = ("postgresql",)


def run(trial: Trial) -> None:
    """Send ordinary requests before, between and after the ends."""
    driver = Driver(trial)
    driver.wire()
    ordinary_requests(driver, "at first")
    fill_pool(driver)
    driver.end_connections()
    ordinary_requests(driver, "after an end between requests")
    operations = Operations(driver)
    driver.on_mark = lambda name: driver.end_connections() if name == "listed" else None
    operations.shows("list, and an end inside", "/admin/user/", "name", "Ann, Ben, Cleo")
    driver.on_mark = lambda name: None
    ordinary_requests(driver, "after an end inside a list")
    driver.on_mark = lambda name: driver.end_connections() if name == "changed" else None
    operations.stores(
        "create, and an end inside",
        "/admin/post/new/",
        {"title": "Lost", "author": "1"},
        "select title from post where title = 'Lost'",
        "Lost",
    )
    driver.on_mark = lambda name: None
    ordinary_requests(driver, "after an end inside a create")


def fill_pool(driver: Driver) -> None:
    """Overlap two requests, so that the pool has more than one connection to lose."""
    baton = Baton()
    driver.on_mark = lambda name: baton.pass_on()
    baton.run(lambda: driver.get("/admin/user/"), lambda: driver.get("/admin/user/"))
    driver.on_mark = lambda name: None
