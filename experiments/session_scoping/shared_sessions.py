"""Requests in which the admin and the application's own code both use a session."""

from functools import partial

from casebook.record import Trial
from experiments.session_scoping.driver import Driver
from experiments.session_scoping.tasks import use_application_session, use_both


def run(trial: Trial) -> None:
    """Use both in an action, then the application's while Flask-Admin creates and lists posts."""
    driver = Driver(trial)
    driver.wire()
    note = driver.recorder.note
    driver.perform(partial(use_both, note=note), "action")
    driver.on_mark = lambda name: use_application_session(note)
    driver.create_post("New")
    driver.get("/admin/post/")
