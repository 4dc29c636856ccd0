"""Streamed answers whose body asks for the session and queries it while it is sent."""

from casebook.record import Trial
from experiments.session_scoping.driver import WAYS, Driver
from experiments.session_scoping.streaming import perform_and_read, read
from experiments.session_scoping.tasks import stream_anew, stream_without_context

POSTS = ((3, "Third post", 3), (4, "Fourth post", 4))
"""Posts beside those of the application, so that a body has a middle: key, title and author."""

LINES = "First post by Ann\nSecond post by Ben\nThird post by Cleo\nFourth post by Dora\n"


def run(trial: Trial) -> None:
    """Read a stream of the own route and one of an action; then one of a body without context."""
    driver = Driver(trial)
    driver.wire()
    add_posts(driver)
    for way in WAYS:
        perform_and_read(driver, stream_anew, way, LINES)
    driver.app.config["TASK"] = stream_without_context
    read(driver, "own route, without stream_with_context", LINES, None, WAYS["own route"][0])


def add_posts(driver: Driver) -> None:
    """Add the posts from outside."""
    for key, title, author in POSTS:
        driver.change(
            f"insert into post (id, title, author_id) values ({key}, '{title}', {author})"
        )
