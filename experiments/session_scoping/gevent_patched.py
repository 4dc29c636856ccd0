"""Two requests that overlap in two greenlets, with `monkey.patch_all()` before all imports."""

from casebook.record import Trial
from experiments.session_scoping.rig.served.client import forked, overlap_and_look, patched

NEEDS = ("gevent",)
DATABASES = ("sqlite",)


def run(trial: Trial) -> None:
    """Create a post and list the posts at once, end both at once, and record what is left."""
    overlap_and_look(trial, forked(patched))
