"""Streamed answers over HTTP from Werkzeug's own server, which `flask run` starts."""

from casebook.record import Trial
from experiments.streaming.rig.driver import Driver
from experiments.streaming.rig.servers import serve_and_ask, werkzeug


def run(trial: Trial) -> None:
    """Read an answer to its end, then leave another one after its first piece."""
    serve_and_ask(Driver(trial), werkzeug)
