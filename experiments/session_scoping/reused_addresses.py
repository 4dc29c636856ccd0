"""Three requests whose application contexts all get the address of the first, dead context."""

from casebook.record import Trial
from experiments.session_scoping.rig.driver import Driver


def run(trial: Trial) -> None:
    """List the posts, create one, list them again, and look at what is left."""
    driver = Driver(trial)
    driver.wire()
    driver.recorder.addresses.reuse()
    driver.get("/admin/post/")
    driver.create_post("New")
    driver.get("/admin/post/")
    driver.recorder.look()
