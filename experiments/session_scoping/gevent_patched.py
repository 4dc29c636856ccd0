"""Two requests that overlap in two greenlets, after `monkey.patch_all()` before every import."""

from casebook.record import Trial
from experiments.session_scoping.served.client import fresh, overlap_and_look

NEEDS = ("gevent",)
DATABASES = ("sqlite",)


def run(trial: Trial) -> None:
    """Create a post and list the posts at once, end both at once, and look what they left."""
    overlap_and_look(trial, fresh("experiments.session_scoping.served.patched"))
