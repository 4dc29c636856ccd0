"""Two requests that overlap in two greenlets, with `monkey.patch_all()` before all imports."""

from casebook.record import Trial
from experiments.session_scoping.rig.served.client import (
    forked,
    overlap_and_look,
    patched,
    start_patched_parent,
)

NEEDS = ("gevent",)
DATABASES = ("sqlite",)


def prepare(database: str, server: str) -> None:
    """Start the process that patches, from which each cell's server is forked."""
    start_patched_parent(database, server)


def run(trial: Trial) -> None:
    """Create a post and list the posts at once, end both at once, and record what is left."""
    overlap_and_look(trial, forked(patched))
