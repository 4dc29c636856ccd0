"""Flask-Admin's operations with refused rows, where Flask-Admin is set to raise what fails."""

from casebook.record import Trial
from experiments.session_scoping.refused_flushes import keep_rows, refused
from experiments.session_scoping.rig.attempts import Attempts
from experiments.session_scoping.rig.driver import Driver

SETTINGS = ("FLASK_ADMIN_RAISE_ON_VIEW_EXCEPTION", "ADMIN_RAISE_ON_VIEW_EXCEPTION")
"""The setting's name, and the one that it has before Flask-Admin 2.0.0."""


def run(trial: Trial) -> None:
    """Attempt to delete, edit and create."""
    driver = Driver(trial)
    driver.wire()
    for setting in SETTINGS:
        driver.app.config[setting] = True
    keep_rows(driver)
    attempts = Attempts(driver)
    attempts.ordinary("at first")
    for name, send in refused(driver).items():
        attempts.attempt(name, send)
