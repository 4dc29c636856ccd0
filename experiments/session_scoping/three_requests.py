"""Three requests, one after the other, on one thread: the smallest history of a session's life."""

from casebook.record import Trial
from experiments.session_scoping.driver import Driver


def run(trial: Trial) -> None:
    """List the users, create a tag, list the users again."""
    driver = Driver(trial)
    driver.wire()
    driver.get("/admin/user/")
    driver.post("/admin/tag/new/", name="new")
    driver.get("/admin/user/")
    driver.recorder.look()
