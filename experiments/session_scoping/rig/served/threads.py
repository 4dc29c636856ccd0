"""The application behind servers with a thread per request: waitress and gunicorn's gthread."""

from __future__ import annotations

import logging
import socket
import sys
from threading import Semaphore
from typing import Any

import gunicorn.glogging  # gunicorn imports these two when it starts, in every cell
import gunicorn.workers.gthread  # noqa: F401
import waitress
from gunicorn.app.wsgiapp import WSGIApplication

from experiments.session_scoping.rig.served.arguments import for_gunicorn
from experiments.session_scoping.rig.served.process import REQUESTS, Told, in_turns
from experiments.session_scoping.rig.served.turns import Turns

GUNICORN = ("--worker-class=gthread", f"--threads={REQUESTS}")
"""gunicorn's options, without the socket."""


def serve_with_waitress(told: Told) -> None:
    """Wire the application and serve it until the process ends."""
    logging.getLogger("waitress").propagate = False  # the application's exceptions are recorded
    turns = Turns(REQUESTS, Semaphore)
    application = in_turns(told.wired(), turns, by="waitress", threads=REQUESTS)
    waitress.serve(application, sockets=[socket.socket(fileno=told.listener)], threads=REQUESTS)


def serve_with_gunicorn(told: Told) -> None:
    """Run gunicorn's arbiter, whose one worker wires the application and serves it."""

    class Command(WSGIApplication):
        """The `gunicorn` command, whose `app:app` is the application under test."""

        def load(self) -> Any:
            turns = Turns(REQUESTS, Semaphore)
            server = {"by": "gunicorn", "worker": "gthread", "threads": REQUESTS}
            return in_turns(told.wired(), turns, **server)

    sys.argv = for_gunicorn(*GUNICORN, f"--bind=fd://{told.listener}")
    Command("%(prog)s [OPTIONS] [APP_MODULE]").run()
