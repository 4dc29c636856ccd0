"""Real servers on threads of the cell, and a client that takes turns with them over HTTP.

The server sends a piece, the client reads it, and only then the server asks for the next one: the
events are recorded in their true order, which is the same each time.
"""

from __future__ import annotations

import contextlib
import logging
import queue
import select
import socket
import struct
import time
from collections.abc import Callable
from http.client import HTTPConnection, HTTPException, HTTPResponse
from threading import Semaphore, Thread
from typing import Any

from experiments.streaming.rig.driver import Driver, Watched

TO_THE_END = "read to the end"
LEFT = "left in the middle"

HUNG_UP = select.POLLHUP | select.POLLRDHUP | select.POLLERR
"""What a socket tells of whose other side is closed."""

Serve = Callable[[Watched], int]
"""Starts to serve an application on a thread; returns the port."""


def serve_and_ask(driver: Driver, serve: Serve) -> None:
    """Read an answer to its end, then leave another one after its first piece."""
    exchange = Exchange(driver)
    port = serve(Watched(driver, exchange.on_piece, exchange.on_end))
    exchange.ask(port, TO_THE_END, leaves=False)
    exchange.ask(port, LEFT, leaves=True)


class Exchange:
    """The turns of a server's thread and the client, which reads each piece as it is sent."""

    def __init__(self, driver: Driver) -> None:
        self.driver = driver
        self._sent: queue.SimpleQueue[int] = queue.SimpleQueue()
        self._read = Semaphore(0)
        self._leaves = False

    def on_piece(self, environ: dict[str, Any], piece: bytes) -> None:
        """Tell the client of a piece that was sent; go on when it has read it, or has left."""
        self._sent.put(len(piece))
        self._read.acquire()
        if self._leaves:
            wait_until_gone(environ)

    def on_end(self) -> None:
        """Tell the client that the request is over."""
        self._sent.put(0)

    def ask(self, port: int, name: str, leaves: bool) -> None:
        """Send a request, and read its answer or leave it after the first piece."""
        self.driver.recorder.record("asked", name=name)
        connection = HTTPConnection("127.0.0.1", port)
        connection.request("GET", self.driver.path)
        client: socket.socket = connection.sock
        response: HTTPResponse | None = None
        text = b""
        while size := self._sent.get():
            response = response or connection.getresponse()
            if not leaves or not text:
                text += response.read(size)
            if leaves and not self._leaves:
                self._leaves = True
                reset(client)
                response.close()
                connection.close()
            self._read.release()
        self._leaves = False
        with contextlib.suppress(HTTPException, OSError):
            response = response or connection.getresponse()
            text += response.read()
        connection.close()
        self.driver.ended(name, response.status if response else 0, text.decode())


def reset(client: socket.socket) -> None:
    """Let the server be told at once when this socket is closed, if it is not closed already."""
    with contextlib.suppress(OSError):
        client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


def wait_until_gone(environ: dict[str, Any]) -> None:
    """Wait until the server's socket, or waitress, knows that the client has left."""
    if "werkzeug.socket" in environ:
        gone = select.poll()
        gone.register(environ["werkzeug.socket"], HUNG_UP)
        gone.poll()
        return
    while not environ["waitress.client_disconnected"]():
        time.sleep(0.001)


def werkzeug(application: Watched) -> int:
    """Serve with a thread for each request, as `flask run` does.

    Werkzeug 3.1.9 reads what the client may still send before it closes a body. Where the client
    has reset the connection, that raises and the body stays open: so a request is over when the
    server's own method is.
    """
    from werkzeug.serving import WSGIRequestHandler, make_server

    class Handler(WSGIRequestHandler):
        """Werkzeug's handler, which tells when a request is over."""

        def run_wsgi(self) -> None:
            super().run_wsgi()
            application.over()

    quiet("werkzeug")
    application.over_when_closed = False
    server = make_server("127.0.0.1", 0, application, threaded=True, request_handler=Handler)
    Thread(target=server.serve_forever, daemon=True).start()
    return server.server_port


def waitress(application: Watched) -> int:
    """Serve with waitress; `channel_request_lookahead` lets it see that a client leaves."""
    from waitress import create_server

    quiet("waitress")
    server = create_server(
        application, host="127.0.0.1", port=0, threads=1, channel_request_lookahead=1
    )
    Thread(target=server.run, daemon=True).start()
    return int(server.effective_port)


def quiet(name: str) -> None:
    """Keep a server's own log out: the application's exceptions are recorded anyway."""
    logger = logging.getLogger(name)
    logger.propagate = False
    logger.addHandler(logging.NullHandler())
