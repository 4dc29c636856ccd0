"""Two requests that overlap on two threads, in an order fixed by a baton."""

from casebook.record import Trial
from experiments.session_scoping.rig.driver import Baton, Driver


def run(trial: Trial) -> None:
    """Create a post and list the posts at once, switching at the application's marked points."""
    driver = Driver(trial)
    driver.wire()
    baton = Baton()
    driver.on_mark = lambda name: baton.pass_on()
    baton.run(
        lambda: driver.create_post("New"),
        lambda: driver.get("/admin/post/"),
    )
    driver.recorder.look()
