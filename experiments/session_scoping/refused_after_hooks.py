"""Flask-Admin's operations with rows that the database refuses, after a hook added another row."""

from functools import partial

from casebook.record import Trial
from experiments.session_scoping.refused_flushes import keep_rows, refused
from experiments.session_scoping.rig.attempts import Attempts
from experiments.session_scoping.rig.driver import Driver
from experiments.session_scoping.rig.hooks import sent_with_hook


def run(trial: Trial) -> None:
    """Attempt to delete, edit and create, each time with a hook that adds a tag before."""
    driver = Driver(trial)
    driver.wire()
    keep_rows(driver)
    attempts = Attempts(driver)
    attempts.ordinary("at first")
    for name, send in refused(driver).items():
        attempts.attempt(name, partial(sent_with_hook, driver, send))
