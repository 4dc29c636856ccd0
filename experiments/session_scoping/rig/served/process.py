"""The server's process: wires the application, serves it, and sends events to the cell."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from typing import Any

from casebook.record import Event, Trial
from experiments.rigs.recorder import Recorder
from experiments.session_scoping.rig.driver import Driver
from experiments.session_scoping.rig.served.errors import told
from experiments.session_scoping.rig.served.turns import Turns

REQUESTS = 2
"""The number of requests that overlap."""


@dataclass(frozen=True)
class Told:
    """The arguments of a server's process: the trial, its socket, its end of the pipe.

    `listener` is the descriptor of a socket that already listens, `pipe` that of the pipe.
    """

    trial: Trial
    listener: int
    pipe: int

    def wired(self, places: Callable[[Recorder], Any] | None = None) -> Driver:
        """Return the wired application's driver; `places`, if given, labels where code runs.

        Reports an exception from wiring to the cell, then raises it.
        """
        self.tell_wiring()
        try:
            driver = Driver(replace(self.trial, write=self._tell_event))
            if places:
                driver.recorder.place = places(driver.recorder).labels
            driver.wire()
        except BaseException as error:
            self._tell("raised", told(error))
            raise
        return driver

    def tell_wiring(self) -> None:
        """Tell the cell that wiring begins, which it does once, unless a process ends."""
        self._tell("wiring", None)

    def tell_over(self) -> None:
        """Tell the cell that no more events will come."""
        self._tell("over", None)

    def _tell_event(self, event: Event) -> None:
        self._tell("event", [event.kind, event.labels, event.details])

    def _tell(self, what: str, content: Any) -> None:
        """Send the cell one line of JSON."""
        os.write(self.pipe, json.dumps([what, content]).encode() + b"\n")


def in_turns(driver: Driver, turns: Turns, **server: Any) -> Callable[..., Iterable[bytes]]:
    """Return the application with requests that take turns at marks; record that it is served."""
    driver.on_mark = lambda name: turns.pass_on()
    driver.recorder.record("served", **server)
    return turns.around(driver.app)
