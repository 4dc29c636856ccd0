"""The pattern is wired, and nothing else: what Flask-Admin does with a session meanwhile."""

from casebook.record import Trial
from experiments.session_scoping.driver import Driver


def run(trial: Trial) -> None:
    """Wire the pattern, then look at what it left."""
    driver = Driver(trial)
    driver.wire()
    driver.recorder.look()
