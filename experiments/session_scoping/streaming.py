"""A client that reads a response's body piece by piece and closes it, as a server does."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from typing import Any

from flask import Response
from werkzeug.test import EnvironBuilder

from experiments.session_scoping.driver import WAYS, Driver

MIDDLE = 2
"""How many pieces of a body are read by a client that goes away in the middle."""


def perform_and_read(driver: Driver, task: Callable[..., Response], way: str, asked: str) -> None:
    """Let a task answer with a stream; read it to its end, then another one to its middle."""
    driver.app.config["TASK"] = task
    path, form = WAYS[way]
    read_both(driver, way, asked, path, **form)


def read_both(driver: Driver, name: str, asked: str, path: str, **form: str) -> None:
    """Read a streamed answer to its end, then another one to its middle."""
    read(driver, name, asked, None, path, **form)
    read(driver, f"{name}, left in the middle", asked, MIDDLE, path, **form)


def read(driver: Driver, name: str, asked: str, pieces: int | None, path: str, **form: str) -> None:
    """Read a streamed answer, all of it or some pieces, close it, and look at what is left.

    What was asked is the whole body, or as much of it as was to be read.
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
    """A response's body: what was read of it so far, in `text`, and the answer's status."""

    def __init__(self, driver: Driver, path: str, form: dict[str, str]) -> None:
        self.recorder = driver.recorder
        self.status = 500
        self.text = ""
        self.pieces: Any = iter(())
        method = "POST" if path in {path for path, _ in WAYS.values()} else "GET"
        builder = EnvironBuilder(path=path, method=method, data=form or None)
        environ = builder.get_environ()
        with suppress(
            Exception
        ):  # recorded; a server answers 500 where an application lets one out
            self.pieces = driver.app(environ, self._start)
        builder.close()

    def _start(self, line: str, *rest: Any) -> Callable[[bytes], object]:
        self.status = int(line.split()[0])
        return lambda data: None

    def read(self, pieces: int | None) -> None:
        """Read so many pieces, or all of them; a body that breaks off ends there."""
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
        """Close the body, as a server does whatever happened."""
        if hasattr(self.pieces, "close"):
            self.pieces.close()
