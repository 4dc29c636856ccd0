"""Three requests, one after another on one thread, after the pattern is wired."""

from casebook.record import Trial
from experiments.session_scoping.rig.driver import Driver


def run(trial: Trial) -> None:
    """Look at what wiring left, list the posts, create one, list them again, and look again."""
    driver = Driver(trial)
    driver.wire()
    driver.recorder.look()
    driver.get("/admin/post/")
    driver.create_post("New")
    driver.get("/admin/post/")
    driver.recorder.look()
