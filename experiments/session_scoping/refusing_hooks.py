"""The same with the error by which hooks refuse: Flask-Admin shows a `ValidationError`'s text."""

from wtforms.validators import ValidationError

from casebook.record import Trial
from experiments.session_scoping.raising_hooks import attempt_all


def run(trial: Trial) -> None:
    """Attempt each operation while a hook before the commit refuses."""
    attempt_all(trial, ValidationError)
