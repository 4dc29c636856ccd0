"""Three requests, whose application contexts get the address of the first, which is dead."""

from casebook.record import Trial
from experiments.session_scoping.driver import Driver


def run(trial: Trial) -> None:
    """List the posts, create one and list them again, and look at what is left."""
    driver = Driver(trial)
    driver.wire()
    driver.recorder.addresses.reuse()
    driver.get("/admin/post/")
    driver.create_post("New")
    driver.get("/admin/post/")
    driver.recorder.look()
