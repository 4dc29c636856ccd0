"""A streamed answer that a client reads to its end."""

from casebook.record import Trial
from experiments.streaming.rig.client import read
from experiments.streaming.rig.driver import Driver


def run(trial: Trial) -> None:
    """Ask for the posts and read all pieces."""
    read(Driver(trial), "read to the end")
