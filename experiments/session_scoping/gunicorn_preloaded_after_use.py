"""Requests to two workers that gunicorn forks from an application that has used its database."""

from casebook.record import Trial
from experiments.session_scoping.rig.served import preloaded
from experiments.session_scoping.rig.served.client import alternate

NEEDS = ("waitress", "gunicorn")
DATABASES = ("sqlite",)


def run(trial: Trial) -> None:
    """Read users before the fork, then create a post and list users in each worker, twice."""
    alternate(trial, lambda told, listeners: preloaded.serve(told, listeners, use_first=True))
