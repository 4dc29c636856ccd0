"""The cell's side: starts the server's process, writes its events down, and sends requests."""

from __future__ import annotations

import atexit
import contextlib
import json
import os
import queue
import signal
import socket
import subprocess
import sys
import threading
import traceback
from collections.abc import Callable, Iterator
from dataclasses import fields
from http.client import HTTPConnection
from typing import Any, BinaryIO, NoReturn
from urllib.parse import urlencode

from casebook.record import Event, Trial
from experiments.session_scoping.rig.served.errors import raise_again
from experiments.session_scoping.rig.served.process import REQUESTS, Told

Start = Callable[[Told, BinaryIO], int]
"""Starts a server's process, which prints to the given file, and returns its process id."""


class ServerFailed(Exception):
    """The server ended by itself; the text is its exit code and its output."""


def overlap(trial: Trial, start: Start) -> None:
    """Create a post and list the posts at once, over HTTP.

    The second request is sent when the first has reached a mark inside its view, where it waits.
    Raises any exception that wiring raised, and ServerFailed if the server ended by itself.
    """
    with _started(trial, start) as server:
        _send_both(server)
        for _ in range(REQUESTS - server.ended):
            server.write_until("request-ended")
        server.receive()


def overlap_and_look(trial: Trial, start: Start) -> None:
    """Overlap the same requests on a server that looks at what is left when both are over.

    Both connections stay open until then, as a browser's do.
    """
    with _started(trial, start) as server:
        _send_both(server)
        server.write_until("over")
        server.receive()


def alternate(trial: Trial, serve: Callable[[Told, tuple[int, ...]], None]) -> None:
    """Send one request after the other, over HTTP, to each of two workers in turn.

    Each worker has a socket of its own, so that it is known which one answers.
    """
    with socket.create_server(("127.0.0.1", 0)) as second:
        other = second.fileno()
        start = forked(lambda told: serve(told, (told.listener, other)))
        with _started(trial, start) as server:
            ports = (server.port, second.getsockname()[1])
            second.close()
            server.write_until("served")
            for number in range(2):
                for port in ports:
                    server.port = port
                    server.send("POST", "/admin/post/new/", title=f"New {number}", author="1")
                    server.write_until("request-ended")
                    server.receive()
                    server.send("GET", "/admin/user/")
                    server.write_until("request-ended")
                    server.receive()


def _send_both(server: _Server) -> None:
    server.write_until("served")
    server.send("POST", "/admin/post/new/", title="New", author="1")
    server.write_until("marked", "request-ended")
    server.send("GET", "/admin/post/")


# --- Starting the server's process ----------------------------------------------------------------


def forked(serve: Callable[[Told], None]) -> Start:
    """Return a Start that forks a serving child, which inherits the cell's imports."""

    def start(told: Told, output: BinaryIO) -> int:
        process = os.fork()
        if process == 0:
            try:
                os.dup2(output.fileno(), 1)
                os.dup2(output.fileno(), 2)
                serve(told)
            except BaseException:
                traceback.print_exc()
            finally:
                sys.stderr.flush()
                os._exit(1)
        return process

    return start


class PatchedParent:
    """A process that gevent patched first, and that forks a server for each cell of a run.

    Cells are forked after it was started, and inherit its socket.
    """

    module = f"{__package__}.patched"

    def __init__(self, database: str, server: str) -> None:
        self._link, theirs = socket.socketpair()
        with theirs:
            self._process = subprocess.Popen(
                [sys.executable, "-m", self.module, str(theirs.fileno()), database, server],
                pass_fds=[theirs.fileno()],
            )
        atexit.register(self.end)

    def end(self) -> None:
        """End the parent, which has no server left when the last cell is over."""
        self._link.close()
        self._process.kill()
        self._process.wait()

    def serve(self, told: Told) -> NoReturn:
        """Order a server that prints here, stand in for it as the cell's child, end as it ends."""
        trial = told.trial
        texts = {item.name for item in fields(trial)} - {"pattern", "write"}
        order = {
            "trial": {name: getattr(trial, name) for name in texts},
            "module": trial.pattern.__module__,
            "function": trial.pattern.__name__,
        }
        ours, theirs = socket.socketpair()
        with theirs:
            descriptors = [told.listener, told.pipe, 1, theirs.fileno()]
            socket.send_fds(self._link, [json.dumps(order).encode()], descriptors)
        if not (answer := ours.recv(16)):
            raise ServerFailed("the patched parent ended")
        status = int(answer)
        if os.WIFSIGNALED(status):
            os.kill(os.getpid(), os.WTERMSIG(status))
        os._exit(os.waitstatus_to_exitcode(status))


_patched_parent: PatchedParent


def start_patched_parent(database: str, server: str) -> None:
    """Start the parent that patches, once, before cells are forked."""
    global _patched_parent
    _patched_parent = PatchedParent(database, server)


def patched(told: Told) -> NoReturn:
    """Serve in a child of the patched parent: for `forked`."""
    _patched_parent.serve(told)


@contextlib.contextmanager
def _started(trial: Trial, start: Start) -> Iterator[_Server]:
    """Yield a server that serves the trial's pattern, and always end its process.

    Processes that the server starts are in the cell's group, which is killed when the cell ends.
    """
    reading, writing = os.pipe()
    with (
        socket.create_server(("127.0.0.1", 0)) as listener,
        open(os.path.join(trial.folder, "output"), "w+b") as output,
    ):
        process = start(Told(trial, listener.fileno(), writing), output)
        server = _Server(trial, process, listener.getsockname()[1], output)
        os.close(writing)
        listener.close()
        threading.Thread(target=server.read, args=(reading,), daemon=True).start()
        try:
            yield server
        finally:
            server.end()


class _Server:
    """The cell's view of a server's process: its events, its output and its answers."""

    def __init__(self, trial: Trial, process: int, port: int, output: BinaryIO) -> None:
        self.ended = 0
        self._trial = trial
        self._process = process
        self.port = port
        self._output = output
        self._arrivals: queue.SimpleQueue[tuple[str, Any]] = queue.SimpleQueue()
        self._clients: list[threading.Thread] = []
        self._connections: list[HTTPConnection] = []
        self._wired = False

    def read(self, pipe: int) -> None:
        """Queue every message from the server's process, until the process ends."""
        with os.fdopen(pipe, encoding="utf-8") as lines:
            for line in lines:
                self._arrivals.put(tuple(json.loads(line)))
        self._arrivals.put(("ended", None))

    def write_until(self, *kinds: str) -> None:
        """Write events down as they arrive, up to the first of these kinds.

        "over" is not an event kind: it is the message that no more events will come.
        """
        while True:
            what, content = self._arrivals.get()
            if what == "raised":
                raise_again(content)
            elif what == "ended":
                self._die_alike()
            elif what == "over":
                return
            elif what == "wiring":
                if self._wired:
                    raise ServerFailed(f"a worker ended and another began: {self._printed()}")
                self._wired = True
            else:
                kind, labels, details = content
                self._trial.write(Event(kind, tuple(labels), details))
                self.ended += kind == "request-ended"
                if kind in kinds:
                    return

    def send(self, method: str, path: str, **form: str) -> None:
        """Send a request on its own connection and thread."""
        client = threading.Thread(target=self._ask, args=(method, path, form), daemon=True)
        self._clients.append(client)
        client.start()

    def _ask(self, method: str, path: str, form: dict[str, str]) -> None:
        headers = {"Content-Type": "application/x-www-form-urlencoded"} if form else {}
        connection = HTTPConnection("127.0.0.1", self.port)
        self._connections.append(connection)
        connection.request(method, path, urlencode(form) or None, headers)
        connection.getresponse().read()

    def receive(self) -> None:
        """Wait until every answer has arrived in full."""
        for client in self._clients:
            client.join()
        for connection in self._connections:
            connection.close()

    def _die_alike(self) -> NoReturn:
        """Die from the signal that killed the server's process, else raise ServerFailed."""
        _, status = os.waitpid(self._process, 0)
        self._process = 0
        if os.WIFSIGNALED(status):
            os.kill(os.getpid(), os.WTERMSIG(status))
        raise ServerFailed(f"{os.waitstatus_to_exitcode(status)}: {self._printed()}")

    def _printed(self) -> str:
        self._output.seek(0)
        return self._output.read().decode(errors="replace")

    def end(self) -> None:
        """Kill the server's process, unless it has ended by itself."""
        if self._process:
            os.kill(self._process, signal.SIGKILL)
            os.waitpid(self._process, 0)
