"""Workers that gunicorn forks from an application that it has loaded (`--preload`)."""

import json
import os
import socket
from itertools import count
from multiprocessing import get_context

from gunicorn.app.base import BaseApplication
from sqlalchemy import event
from sqlalchemy.engine import Engine
from sqlalchemy.pool import Pool

from experiments.session_scoping.reproductions.application import User, ask, start
from experiments.session_scoping.reproductions.serving import send

USED = set()
NUMBERS = count(1)


def forked_workers_apart(pattern):
    """Ask two workers of one loaded application: did one connection answer in both?"""
    return in_two_workers(pattern, lambda app: None)


def use_before_fork_safe(pattern):
    """The same, where the application has used its database before gunicorn forked."""
    return in_two_workers(pattern, use)


def use(app):
    """Read in a context of the application's own, then list the users."""
    with app.app_context():
        app.config["SESSION"]().query(User).count()
    ask(app, "/admin/user/")


def in_two_workers(pattern, first):
    """Return what was seen behind gunicorn, where this is done first, before it forks."""
    listeners = [socket.create_server(("127.0.0.1", 0)) for _ in range(2)]
    process = get_context("fork").Process(target=gunicorn_serves, args=(listeners, pattern, first))
    process.start()
    ports = [listener.getsockname()[1] for listener in listeners]
    for listener in listeners:
        listener.close()
    try:
        used = [used_behind(port) for port in ports]
    finally:
        process.terminate()
        process.join()
    print(f"The first worker used {used[0]}, the second {used[1]}.")
    if {*used[0]} & {*used[1]}:
        return "refuted"
    return "supported" if all(used) else None


def used_behind(port):
    """Create a post and list the users in a worker; return the connections that it used."""
    send(port, "R1", "POST", "/admin/post/new/", "title=New&author=1")
    send(port, "R2", "GET", "/admin/user/")
    return json.loads(send(port, "", "GET", "/used"))


def gunicorn_serves(listeners, pattern, first):
    """Load the application, use it first, and fork a worker for each listener."""

    def begin(arbiter, worker):
        USED.clear()
        worker.sockets = [worker.sockets[worker.age - 1]]

    class Gunicorn(BaseApplication):
        def load_config(self):
            self.cfg.set("bind", [f"fd://{listener.fileno()}" for listener in listeners])
            self.cfg.set("workers", 2)
            self.cfg.set("preload_app", True)
            self.cfg.set("post_fork", begin)
            self.cfg.set("loglevel", "error")
            self.cfg.set("control_socket_disable", True)

        def load(self):
            watch_connections()
            app = start(pattern)
            app.get("/used")(lambda: sorted(USED))
            first(app)
            return app

    Gunicorn().run()


def watch_connections():
    """Name each connection by the process that opened it, and note those that are used."""
    loading = os.getpid()

    def opened(_, entry):
        where = "while loading" if os.getpid() == loading else f"in process {os.getpid()}"
        entry.info["name"] = f"connection {next(NUMBERS)} opened {where}"

    def used(connection, *_):
        USED.add(connection.info["name"])

    event.listen(Pool, "connect", opened)
    event.listen(Engine, "before_cursor_execute", used)
