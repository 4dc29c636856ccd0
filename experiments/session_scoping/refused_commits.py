"""Flask-Admin's operations while the database refuses every commit, but no statement before it."""

from collections.abc import Callable
from functools import partial

from casebook.record import Trial
from experiments.session_scoping.rig.attempts import Attempts
from experiments.session_scoping.rig.driver import Answer, Driver


def run(trial: Trial) -> None:
    """Attempt to delete, edit, create and delete in bulk while commits are refused."""
    driver = Driver(trial)
    driver.wire()
    attempts = Attempts(driver)
    attempts.ordinary("at first")
    for name, send in writes(driver).items():
        attempts.attempt(name, partial(refuse, driver, send))


def refuse(driver: Driver, send: Callable[[], Answer]) -> Answer:
    """Send a request while commits are refused."""
    with driver.refusing_commits():
        return send()


def writes(driver: Driver) -> dict[str, Callable[[], Answer]]:
    """Return operations that write, by name."""
    return {
        "delete": lambda: driver.post("/admin/user/delete/", id="4"),
        "edit in the list": lambda: driver.post(
            "/admin/user/ajax/update/", list_form_pk="3", name="Cleopatra"
        ),
        "create": lambda: driver.post("/admin/post/new/", title="New", author="3", tags="1"),
        "edit": lambda: driver.post("/admin/post/edit/?id=2", title="Edited", author="1"),
        "bulk delete": lambda: driver.post(
            "/admin/post/action/", action="delete", rowid=["1", "2"]
        ),
    }
