"""A client in the same process, which reads a body as a server does: piece by piece, then closes.

It stands for any server that keeps to WSGI, without threads and sockets.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from werkzeug.test import EnvironBuilder

from experiments.streaming.rig.driver import Driver, Watched


def read(driver: Driver, name: str, pieces: int | None = None) -> None:
    """Read an answer to its end, or this many pieces of it, and close its body."""
    driver.recorder.record("asked", name=name)
    status, text = 0, b""

    def start(line: str, *rest: Any) -> Callable[[bytes], object]:
        nonlocal status
        status = int(line.split()[0])
        return lambda data: None

    body = Watched(driver)(EnvironBuilder(path=driver.path).get_environ(), start)
    try:
        for number, piece in enumerate(body, start=1):
            text += piece
            if number == pieces:
                break
    except Exception:  # recorded where it passed the body; a server closes the body, too
        pass
    body.close()  # type: ignore[attr-defined]
    driver.ended(name, status, text.decode())
