"""Flask-Admin's operations, when the server ends their connection right before the commit."""

from collections.abc import Callable
from functools import partial

from casebook.record import Trial
from experiments.session_scoping.refused_commits import writes
from experiments.session_scoping.rig.attempts import Attempts, meanwhile
from experiments.session_scoping.rig.driver import Answer, Driver

DATABASES = ("postgresql",)


def run(trial: Trial) -> None:
    """Attempt each, and lastly to delete a user of whom another program stores a post meanwhile."""
    driver = Driver(trial)
    driver.wire()
    attempts = Attempts(driver)
    attempts.ordinary("at first")
    operations = writes(driver)
    del operations["bulk delete"]  # of which the first row alone would meet it
    for name, send in operations.items():
        attempts.attempt(name, partial(lose, driver, send))
    attempts.attempt(
        "delete an author",
        lambda: delete_an_author(driver),
        stored=["post Meanwhile of 4"],
    )


def lose(driver: Driver, send: Callable[[], Answer]) -> Answer:
    """Send a request that has its rows flushed when the server ends its connection."""
    with meanwhile("after_flush", driver.end_connections):
        return send()


def delete_an_author(driver: Driver) -> Answer:
    """Delete a user who gets a post when Flask-Admin has looked for the posts to delete."""
    store = "insert into post (title, author_id) values ('Meanwhile', 4)"
    with meanwhile("before_flush", lambda: driver.change(store)):
        return driver.post("/admin/user/delete/", id="4")
