"""Requests in which the admin and the application's own code both use a session."""

from functools import partial

from casebook.record import Trial
from experiments.session_scoping.rig.admin_operations import perform_all
from experiments.session_scoping.rig.driver import Driver
from experiments.session_scoping.rig.tasks import use_application_session, use_both


def run(trial: Trial) -> None:
    """Use both sessions in an action, then the application's in each Flask-Admin operation."""
    driver = Driver(trial)
    driver.wire()
    note = driver.recorder.note
    driver.perform(partial(use_both, note=note), "action")
    driver.on_mark = lambda name: use_application_session(note)
    perform_all(driver)
