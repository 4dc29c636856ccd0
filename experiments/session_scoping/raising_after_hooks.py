"""Flask-Admin's operations, with a hook after the commit that raises."""

from wtforms.validators import ValidationError

from casebook.record import Trial
from experiments.session_scoping.refused_commits import writes
from experiments.session_scoping.rig.attempts import Attempts
from experiments.session_scoping.rig.driver import Driver
from experiments.session_scoping.rig.hooks import HookFailed, raising

CHANGES = {
    "delete": {"gone": ["user Dora dora@example.com"]},
    "edit in the list": {
        "gone": ["user Cleo cleo@example.com"],
        "stored": ["user Cleopatra cleo@example.com"],
    },
    "create": {"stored": ["post New of 3", "tag 1 of New"]},
    "edit": {"gone": ["post Second post of 2"], "stored": ["post Edited of 1"]},
    "bulk delete": {"gone": ["post First post of 1"]},
}
"""Of each operation what it commits before the hook raises: in bulk, the first row alone."""


def run(trial: Trial) -> None:
    """Attempt each while `after_model_change` or `after_model_delete` raises."""
    driver = Driver(trial)
    driver.wire()
    attempts = Attempts(driver)
    attempts.ordinary("at first")
    for name, send in writes(driver).items():
        hook = "after_model_delete" if "delete" in name else "after_model_change"
        error = ValidationError if name == "bulk delete" else HookFailed
        with raising(driver, hook, error):
            attempts.attempt(name, send, **CHANGES[name])
