"""A client that reads a response's body in pieces and closes it, as a server does."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from typing import Any

from flask import Response
from werkzeug.test import EnvironBuilder

from experiments.session_scoping.rig.driver import WAYS, Driver

MIDDLE = 2
"""The number of pieces that a client reads if it disconnects in the middle."""


def perform_and_read(driver: Driver, task: Callable[..., Response], way: str, asked: str) -> None:
    """Make a task answer with a stream; read one to its end and another to its middle."""
    driver.app.config["TASK"] = task
    path, form = WAYS[way]
    read_both(driver, way, asked, path, **form)


def read_both(driver: Driver, name: str, asked: str, path: str, **form: str) -> None:
    """Read a streamed answer to its end, then another to its middle."""
    read(driver, name, asked, None, path, **form)
    read(driver, f"{name}, left in the middle", asked, MIDDLE, path, **form)


def read(driver: Driver, name: str, asked: str, pieces: int | None, path: str, **form: str) -> None:
    """Read some or all pieces of a streamed answer, close it, and look at what is left.

    The expected result is the whole body, or the part of it that was to be read.
    """
    record = driver.recorder.record
    record("stream-started", name=name)
    body = Body(driver, path, form)
    body.read(pieces)
    body.close()
    driver.recorder.look()
    lines = asked.splitlines(keepends=True)
    record(
        "stream-ended",
        name=name,
        status=body.status,
        asked="".join(lines[:pieces]),
        observed=body.text,
    )


class Body:
    """A response's body: `text` is the part read so far, `status` the answer's status."""

    def __init__(self, driver: Driver, path: str, form: dict[str, str]) -> None:
        self.recorder = driver.recorder
        self.status = 500
        self.text = ""
        self.pieces: Any = iter(())
        method = "POST" if path in {path for path, _ in WAYS.values()} else "GET"
        builder = EnvironBuilder(path=path, method=method, data=form or None)
        environ = builder.get_environ()
        with suppress(Exception):  # recorded; a server answers 500 when an application raises
            self.pieces = driver.app(environ, self._start)
        builder.close()

    def _start(self, line: str, *rest: Any) -> Callable[[bytes], object]:
        self.status = int(line.split()[0])
        return lambda data: None

    def read(self, pieces: int | None) -> None:
        """Read this many pieces, or all; reading ends where the body breaks off."""
        self.recorder.record("body-begun")
        self.recorder.notice_uses_anew()
        try:
            for number, piece in enumerate(self.pieces, start=1):
                self.text += piece.decode()
                if number == pieces:
                    break
        except Exception as error:
            self.recorder.record_exception(error)

    def close(self) -> None:
        """Close the body, as a server does in every case."""
        if hasattr(self.pieces, "close"):
            self.pieces.close()
