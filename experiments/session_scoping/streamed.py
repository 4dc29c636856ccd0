"""Streamed answers whose body asks for the session and queries it while being sent."""

from casebook.record import Trial
from experiments.session_scoping.rig.driver import WAYS, Driver
from experiments.session_scoping.rig.streaming import perform_and_read, read
from experiments.session_scoping.rig.tasks import stream_anew, stream_without_context

POSTS = ((3, "Third post", 3), (4, "Fourth post", 4))
"""Posts added to the application's, so that a body has a middle: id, title and author id."""

LINES = "First post by Ann\nSecond post by Ben\nThird post by Cleo\nFourth post by Dora\n"


def run(trial: Trial) -> None:
    """Read streams from the own route and an action, then one without `stream_with_context`."""
    driver = Driver(trial)
    driver.wire()
    add_posts(driver)
    for way in WAYS:
        perform_and_read(driver, stream_anew, way, LINES)
    driver.app.config["TASK"] = stream_without_context
    read(driver, "own route, without stream_with_context", LINES, None, WAYS["own route"][0])


def add_posts(driver: Driver) -> None:
    """Add POSTS from outside the application."""
    for key, title, author in POSTS:
        driver.change(
            f"insert into post (id, title, author_id) values ({key}, '{title}', {author})"
        )
