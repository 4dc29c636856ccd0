"""Two requests that overlap on two threads, in an order that a baton fixes."""

from casebook.record import Trial
from experiments.session_scoping.driver import Baton, Driver


def run(trial: Trial) -> None:
    """Create a tag and list the users at once, handing over wherever the application is marked."""
    driver = Driver(trial)
    driver.wire()
    baton = Baton()
    driver.on_mark = lambda name: baton.pass_on()
    baton.run(
        lambda: driver.post("/admin/tag/new/", name="new"),
        lambda: driver.get("/admin/user/"),
    )
    driver.recorder.look()
