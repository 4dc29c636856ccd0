"""Flask-Admin's bulk delete in one statement, of rows of which the database refuses one."""

from typing import Any

from sqlalchemy import event
from sqlalchemy.engine import Engine

from casebook.record import Trial
from experiments.session_scoping.refused_flushes import delete_in_bulk, keep_rows
from experiments.session_scoping.rig.application import MarkedView
from experiments.session_scoping.rig.attempts import Attempts
from experiments.session_scoping.rig.driver import Driver


def run(trial: Trial) -> None:
    """Attempt to delete two posts at once, where one must stay."""
    MarkedView.fast_mass_delete = True
    driver = Driver(trial)
    driver.wire()
    keep_rows(driver)
    attempts = Attempts(driver)
    attempts.ordinary("at first")
    event.listen(Engine, "handle_error", lambda context: note_refusal(driver, context))
    attempts.attempt("fast bulk delete", lambda: delete_in_bulk(driver))


def note_refusal(driver: Driver, context: Any) -> None:
    """Record that the database refused a statement, which Flask-Admin tells in its page alone."""
    refusal = type(context.sqlalchemy_exception).__name__
    driver.recorder.record("statement-refused", type=refusal)
