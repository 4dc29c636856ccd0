"""The server's process: it wires the application, serves it, and tells what happens."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from typing import Any

from casebook.record import Event, Trial
from experiments.session_scoping.driver import Driver
from experiments.session_scoping.recorder import Recorder
from experiments.session_scoping.served.errors import told
from experiments.session_scoping.served.turns import Turns

REQUESTS = 2
"""How many requests overlap."""


@dataclass(frozen=True)
class Told:
    """What a server's process is told: the trial, its socket, its end of the pipe.

    `listener` is the descriptor of a socket that listens already, `pipe` that of the pipe.
    """

    trial: Trial
    listener: int
    pipe: int

    def wired(self, places: Callable[[Recorder], Any] | None = None) -> Driver:
        """Return the wired application's driver; `places`, where given, labels where code runs.

        Tells the cell of an exception that wiring raises, and raises it.
        """
        self._tell("wiring", None)
        try:
            driver = Driver(replace(self.trial, write=self._tell_event))
            if places:
                driver.recorder.place = places(driver.recorder).labels
            driver.wire()
        except BaseException as error:
            self._tell("raised", told(error))
            raise
        return driver

    def tell_over(self) -> None:
        """Tell the cell that nothing more will be recorded."""
        self._tell("over", None)

    def _tell_event(self, event: Event) -> None:
        self._tell("event", [event.kind, event.labels, event.details])

    def _tell(self, what: str, content: Any) -> None:
        """Tell the cell, in one line."""
        os.write(self.pipe, json.dumps([what, content]).encode() + b"\n")


def in_turns(driver: Driver, turns: Turns, **server: Any) -> Callable[..., Iterable[bytes]]:
    """Return the application, whose requests take turns at its marks, recorded as being served."""
    driver.on_mark = lambda name: turns.pass_on()
    driver.recorder.record("served", **server)
    return turns.around(driver.app)
