"""Wires the application under one pattern, and watches the bodies of its answers."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator
from typing import Any

from casebook.record import Trial
from experiments.rigs.recorder import Recorder
from experiments.streaming.rig.application import ROWS, fill, make_application

_recorder = Recorder("experiments.streaming")


def install() -> None:
    """Install the recorder, which starts to record in the cell."""
    _recorder.install()


class Driver:
    """The application under one pattern: `path` is where it streams."""

    def __init__(self, trial: Trial) -> None:
        file = os.path.join(trial.folder, "posts.sqlite")
        fill(file)
        self.app = make_application(f"sqlite:///{file}")
        self.recorder = _recorder
        self.recorder.begin(trial)
        self.recorder.record("wiring-started")
        self.path: str = trial.pattern(self.app)
        self.recorder.record("wiring-ended")
        self.recorder.settle()

    def ended(self, name: str, status: int, text: str) -> None:
        """Record how an answer ended for its client: which rows came, out of how many."""
        lines = text.splitlines()
        self.recorder.record(
            "answer-ended",
            name=name,
            status=status,
            rows=len(ROWS),
            arrived=sum(row in lines for row in ROWS),
        )


class Watched:
    """The application, whose bodies are recorded piece by piece, as a server meets them.

    `on_piece` is called when the server asks for more than a piece, with the environ and that
    piece; `on_end` when the request is over. That is when the body was closed, unless the server
    says so itself (`over_when_closed`).
    """

    def __init__(
        self,
        driver: Driver,
        on_piece: Callable[[dict[str, Any], bytes], None] = lambda environ, piece: None,
        on_end: Callable[[], None] = lambda: None,
    ) -> None:
        self.driver = driver
        self.on_piece = on_piece
        self.on_end = on_end
        self.over_when_closed = True

    def over(self) -> None:
        """Look at what is left now that a request is over."""
        self.driver.recorder.look()
        self.on_end()

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        return Body(self, environ, self.driver.app(environ, start_response))


class Body:
    """A body that records when it begins, each piece, and how it ends."""

    def __init__(self, watched: Watched, environ: dict[str, Any], pieces: Iterable[bytes]) -> None:
        self.watched = watched
        self.environ = environ
        self.recorder = watched.driver.recorder
        self.pieces = pieces
        self.over = False
        self.recorder.record("body-begun")
        self.recorder.notice_uses_anew()

    def __iter__(self) -> Iterator[bytes]:
        try:
            for number, piece in enumerate(self.pieces, start=1):
                self.recorder.record("piece-yielded", number=number)
                yield piece
                self.watched.on_piece(self.environ, piece)
        except Exception as error:
            self.over = True
            self.recorder.record_exception(error)
            self.recorder.record("body-broke-off")
            raise
        self.over = True
        self.recorder.record("body-ended")

    def close(self) -> None:
        """Close the body, as WSGI asks of a server in every case."""
        if not self.over:
            self.recorder.record("client-left")
        getattr(self.pieces, "close", lambda: None)()
        self.recorder.record("body-closed")
        if self.watched.over_when_closed:
            self.watched.over()
