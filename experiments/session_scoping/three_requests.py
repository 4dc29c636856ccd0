"""The pattern is wired, then three requests come one after the other on one thread."""

from casebook.record import Trial
from experiments.session_scoping.driver import Driver


def run(trial: Trial) -> None:
    """Look at what wiring left, list the posts, create one, list them again, and look once more."""
    driver = Driver(trial)
    driver.wire()
    driver.recorder.look()
    driver.get("/admin/post/")
    driver.create_post("New")
    driver.get("/admin/post/")
    driver.recorder.look()
