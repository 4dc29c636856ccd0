"""Flask-Admin's operations on users and posts, with rows that a rule of the database refuses."""

from casebook.record import Trial
from experiments.session_scoping.rig.attempts import Attempts
from experiments.session_scoping.rig.databases.rules import KEPT, REFUSED
from experiments.session_scoping.rig.driver import Driver


def run(trial: Trial) -> None:
    """Attempt to delete, edit and create, and to delete in bulk, where one row must stay."""
    driver = Driver(trial)
    driver.wire()
    attempts = Attempts(driver)
    attempt_rows(attempts)
    attempts.attempt(
        "bulk delete",
        lambda: driver.post("/admin/post/action/", action="delete", rowid=["1", "2"]),
        gone=["post Second post of 2"],
    )


def attempt_rows(attempts: Attempts) -> None:
    """Attempt to delete, edit and create a row that a rule of the database refuses."""
    driver = attempts.driver
    driver.change(f"update \"user\" set name = '{KEPT}' where id = 4")
    driver.change(f"update post set title = '{KEPT}' where id = 1")
    attempts.ordinary("at first")
    attempts.attempt("delete", lambda: driver.post("/admin/user/delete/", id="4"))
    attempts.attempt(
        "edit in the list",
        lambda: driver.post("/admin/user/ajax/update/", list_form_pk="3", name=REFUSED),
    )
    attempts.attempt("create", lambda: driver.post("/admin/post/new/", title=REFUSED, author="1"))
    attempts.attempt(
        "edit", lambda: driver.post("/admin/post/edit/?id=2", title=REFUSED, author="1")
    )
