"""Two requests that overlap on two threads of waitress, over HTTP."""

from casebook.record import Trial
from experiments.session_scoping.served import threads
from experiments.session_scoping.served.client import forked, overlap

NEEDS = ("waitress", "gunicorn")
DATABASES = ("sqlite",)


def run(trial: Trial) -> None:
    """Create a post and list the posts at once, handing over where the application is marked."""
    overlap(trial, forked(threads.serve_with_waitress))
