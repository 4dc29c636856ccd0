"""The patched parent: it patches first, as gevent requires, and forks a server for each cell.

    python -m experiments.session_scoping.rig.served.patched LINK DATABASE SERVER

An interpreter of its own, which prepares what a warm parent prepares, once for all cells of a run.
LINK is the descriptor of the socket on which cells order servers; it ends when no cell is left.
"""

import gc

from gevent import monkey

gc.disable()  # imports stay alive; collecting meanwhile takes an eighth of the total time
monkey.patch_all()  # before every other import

import contextlib  # noqa: E402
import importlib  # noqa: E402
import json  # noqa: E402
import os  # noqa: E402
import signal  # noqa: E402
import socket  # noqa: E402
import sys  # noqa: E402
import traceback  # noqa: E402
from typing import Any, NoReturn  # noqa: E402

from gevent.os import fork_gevent  # noqa: E402

from casebook.record import Trial  # noqa: E402
from experiments.session_scoping.rig import driver  # noqa: E402
from experiments.session_scoping.rig.served import greenlets  # noqa: E402
from experiments.session_scoping.rig.served.process import Told  # noqa: E402

# This process waits without gevent, whose loop would then exist before a server is forked.
_real_socket = monkey.get_original("socket", "socket")
_real_poll = monkey.get_original("select", "poll")
_real_waitpid = monkey.get_original("os", "waitpid")

LONGEST = 65536
"""The most bytes that an order may have."""

PAUSE = 10
"""Milliseconds between two looks at whether a server has ended by itself."""


def main(link: str, database: str, server: str) -> None:
    """Prepare, then keep one server after another."""
    try:
        driver.warm()
    except Exception:  # it fails again in the cells, which record it
        traceback.print_exc()
    driver.prepare(database, server)
    with _real_socket(fileno=int(link)) as orders:
        while True:
            order, descriptors, *_ = socket.recv_fds(orders, LONGEST, 4)
            if not order:
                return
            keep(json.loads(order), *descriptors)


def keep(order: dict[str, Any], listener: int, pipe: int, output: int, cell: int) -> None:
    """Fork a server, and tell the cell the server's status, or kill the server with its cell."""
    with contextlib.suppress(Exception):  # it fails again in the server, which prints it
        importlib.import_module(order["module"])
    gc.freeze()
    process = fork_gevent()
    if process == 0:
        os.close(cell)
        become_server(order, listener, pipe, output)
    for descriptor in (listener, pipe, output):
        os.close(descriptor)
    with _real_socket(fileno=cell) as asking, contextlib.suppress(BrokenPipeError):
        asking.send(str(ended(process, cell)).encode())


def ended(process: int, cell: int) -> int:
    """Return the server's status when it has ended; kill it if its cell has let go."""
    let_go = _real_poll()
    let_go.register(cell, 0)
    while not let_go.poll(PAUSE):
        found, status = _real_waitpid(process, os.WNOHANG)
        if found:
            return status
    os.kill(process, signal.SIGKILL)
    return _real_waitpid(process, 0)[1]


def become_server(order: dict[str, Any], listener: int, pipe: int, output: int) -> NoReturn:
    """Serve the pattern in the cell's folder, printing to the cell's file, until killed."""
    try:
        os.chdir(order["trial"]["folder"])
        os.dup2(output, 1)
        os.dup2(output, 2)
        pattern = getattr(importlib.import_module(order["module"]), order["function"])
        trial = Trial(pattern=pattern, write=lambda event: None, **order["trial"])
        greenlets.serve(Told(trial, listener, pipe))
    except BaseException:
        traceback.print_exc()
    finally:
        sys.stderr.flush()
        os._exit(1)


if __name__ == "__main__":
    main(*sys.argv[1:])
