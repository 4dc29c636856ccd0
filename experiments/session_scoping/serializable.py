"""Requests beside each other at the isolation level SERIALIZABLE."""

from casebook.record import Trial
from experiments.session_scoping.rig.isolation import run_at

DATABASES = ("postgresql",)


def run(trial: Trial) -> None:
    """Send requests one after the other, then two at once, in each schedule."""
    run_at(trial, "SERIALIZABLE")
