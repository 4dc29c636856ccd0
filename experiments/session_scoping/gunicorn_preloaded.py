"""Requests to two workers that gunicorn forks from a loaded application, over HTTP."""

from casebook.record import Trial
from experiments.session_scoping.rig.served import preloaded
from experiments.session_scoping.rig.served.client import alternate

NEEDS = ("waitress", "gunicorn")
DATABASES = ("sqlite",)


def run(trial: Trial) -> None:
    """Create a post and list the users in each worker, twice; nothing is read before the fork."""
    alternate(trial, lambda told, listeners: preloaded.serve(told, listeners, use_first=False))
