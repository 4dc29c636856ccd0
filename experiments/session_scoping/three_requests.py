"""Three requests, one after the other, on one thread: the smallest history of a session's life."""

from casebook.record import Trial
from experiments.session_scoping.driver import Driver


def run(trial: Trial) -> None:
    """List the posts, create one, list them again."""
    driver = Driver(trial)
    driver.wire()
    driver.get("/admin/post/")
    driver.create_post("New")
    driver.get("/admin/post/")
    driver.recorder.look()
