"""Requests that overlap on two threads, each serving two requests."""

from casebook.record import Trial
from experiments.session_scoping.rig.driver import Baton, Driver


def run(trial: Trial) -> None:
    """Create a post and list the posts on each thread, switching at marked points."""
    driver = Driver(trial)
    driver.wire()
    baton = Baton()
    driver.on_mark = lambda name: baton.pass_on()

    def create_and_list() -> None:
        driver.create_post("New")
        driver.get("/admin/post/")

    def list_and_create() -> None:
        driver.get("/admin/post/")
        driver.create_post("Newer")

    baton.run(create_and_list, list_and_create)
    driver.recorder.look()
