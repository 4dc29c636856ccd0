"""Two requests that overlap on two threads, in an order that a baton fixes."""

from casebook.record import Trial
from experiments.session_scoping.driver import Baton, Driver


def run(trial: Trial) -> None:
    """Create a post and list the posts at once, handing over where the application is marked."""
    driver = Driver(trial)
    driver.wire()
    baton = Baton()
    driver.on_mark = lambda name: baton.pass_on()
    baton.run(
        lambda: driver.create_post("New"),
        lambda: driver.get("/admin/post/"),
    )
    driver.recorder.look()
