"""Two requests that overlap in two greenlets, after `monkey.patch_all()` before every import."""

from casebook.record import Trial
from experiments.session_scoping.served.client import fresh, overlap

NEEDS = ("gevent",)
DATABASES = ("sqlite",)


def run(trial: Trial) -> None:
    """Create a post and list the posts at once, handing over where the application is marked."""
    overlap(trial, fresh("experiments.session_scoping.served.patched"))
