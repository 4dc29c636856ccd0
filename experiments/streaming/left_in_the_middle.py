"""A streamed answer whose client leaves after the first piece."""

from casebook.record import Trial
from experiments.streaming.rig.client import read
from experiments.streaming.rig.driver import Driver


def run(trial: Trial) -> None:
    """Ask for the posts, read one piece and close the body, as a server does for who has left."""
    read(Driver(trial), "left in the middle", pieces=1)
