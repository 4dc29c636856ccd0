"""Flask-Admin's operations, with a hook before the commit that raises the application's error."""

from collections.abc import Callable

from casebook.record import Trial
from experiments.session_scoping.refused_commits import writes
from experiments.session_scoping.rig.attempts import Attempts
from experiments.session_scoping.rig.driver import Driver
from experiments.session_scoping.rig.hooks import HookFailed, raising


def run(trial: Trial) -> None:
    """Attempt each while `on_model_change` or `on_model_delete` raises."""
    attempt_all(trial, HookFailed)


def attempt_all(trial: Trial, error: Callable[[str], Exception]) -> None:
    """Attempt each operation that writes; the hook raises at the first row that it is about."""
    driver = Driver(trial)
    driver.wire()
    attempts = Attempts(driver)
    attempts.ordinary("at first")
    for name, send in writes(driver).items():
        hook = "on_model_delete" if "delete" in name else "on_model_change"
        gone = ["post Second post of 2"] if name == "bulk delete" else []
        with raising(driver, hook, error):
            attempts.attempt(name, send, gone=gone)
