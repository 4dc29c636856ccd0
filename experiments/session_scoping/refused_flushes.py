"""Flask-Admin's operations on users and posts, with rows that a rule of the database refuses."""

from collections.abc import Callable

from casebook.record import Trial
from experiments.session_scoping.rig.attempts import Attempts
from experiments.session_scoping.rig.databases.rules import KEPT, REFUSED
from experiments.session_scoping.rig.driver import Answer, Driver


def run(trial: Trial) -> None:
    """Attempt to delete, edit and create, and to delete in bulk, where one row must stay."""
    driver = Driver(trial)
    driver.wire()
    keep_rows(driver)
    attempts = Attempts(driver)
    attempts.ordinary("at first")
    for name, send in refused(driver).items():
        attempts.attempt(name, send)
    attempts.attempt("bulk delete", lambda: delete_in_bulk(driver), gone=["post Second post of 2"])


def keep_rows(driver: Driver) -> None:
    """Give a user and a post the name with which the database refuses to delete them."""
    driver.change(f"update \"user\" set name = '{KEPT}' where id = 4")
    driver.change(f"update post set title = '{KEPT}' where id = 1")


def refused(driver: Driver) -> dict[str, Callable[[], Answer]]:
    """Return operations on one row that a rule of the database refuses, by name."""
    return {
        "delete": lambda: driver.post("/admin/user/delete/", id="4"),
        "edit in the list": lambda: driver.post(
            "/admin/user/ajax/update/", list_form_pk="3", name=REFUSED
        ),
        "create": lambda: driver.post("/admin/post/new/", title=REFUSED, author="1"),
        "edit": lambda: driver.post("/admin/post/edit/?id=2", title=REFUSED, author="1"),
    }


def delete_in_bulk(driver: Driver) -> Answer:
    """Delete two posts, of which the database refuses to delete the first."""
    return driver.post("/admin/post/action/", action="delete", rowid=["1", "2"])
