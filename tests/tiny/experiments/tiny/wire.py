"""The pattern is wired, and nothing else."""

from casebook.record import Trial
from experiments.tiny.driver import Driver


def run(trial: Trial) -> None:
    """Wire the pattern."""
    Driver(trial)
