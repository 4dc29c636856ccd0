"""Two requests that overlap on two threads of waitress, over HTTP."""

from casebook.record import Trial
from experiments.session_scoping.rig.served import threads
from experiments.session_scoping.rig.served.client import forked, overlap

NEEDS = ("waitress", "gunicorn")
DATABASES = ("sqlite",)


def run(trial: Trial) -> None:
    """Create a post and list the posts at once, switching at the application's marked points."""
    overlap(trial, forked(threads.serve_with_waitress))
