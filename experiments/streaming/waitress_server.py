"""Streamed answers over HTTP from waitress."""

from casebook.record import Trial
from experiments.streaming.rig.driver import Driver
from experiments.streaming.rig.servers import serve_and_ask, waitress

NEEDS = ("waitress",)


def run(trial: Trial) -> None:
    """Read an answer to its end, then leave another one after its first piece."""
    serve_and_ask(Driver(trial), waitress)
