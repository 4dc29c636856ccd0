"""Requests that overlap in two greenlets of gevent's own server."""

import subprocess
import sys

import gevent
from flask import request
from flask_admin.helpers import get_current_view
from gevent import socket
from gevent.event import Event
from gevent.monkey import is_module_patched
from gevent.pywsgi import WSGIServer

from experiments.session_scoping.reproductions.application import start
from experiments.session_scoping.reproductions.left import left, watch_what_is_left
from experiments.session_scoping.reproductions.marked import MarkedView, PostView, UserView
from experiments.session_scoping.reproductions.sessions import sessions, watch_uses
from experiments.session_scoping.reproductions.verdicts import together

__all__ = ["MarkedView", "PostView", "UserView", "closed_after_greenlets", "greenlet_isolated"]


def greenlet_isolated(pattern):
    """Create a post and list them, both inside their views at once: do they share a session?"""
    inside, _ = serve_two(pattern)
    first, second = sessions("R1"), sessions("R2")
    if {*first} & {*second}:
        return patched_too("refuted")
    return patched_too("supported" if inside and first and second else None)


def closed_after_greenlets(pattern):
    """Create a post and list them, and let both requests end at once: what is left?"""
    watch_what_is_left()
    _, ended = serve_two(pattern)
    used = sessions("R1") and sessions("R2")
    print(f"Afterwards, left: {left() or 'nothing'}")
    return patched_too("refuted" if left() else "supported" if ended and used else None)


SEEN = {10: "supported", 11: "refuted", 12: None}


def patched_too(seen):
    """Return what is seen, also where all is patched first, in a process that does the same."""
    if is_module_patched("threading"):
        sys.exit(next(code for code, one in SEEN.items() if one == seen))
    if seen == "refuted":
        return seen
    print("\nThe same with gevent.monkey.patch_all() before every other import:", flush=True)
    patched = subprocess.run([sys.executable, "-m", "gevent.monkey", __file__])
    return together([seen, SEEN.get(patched.returncode)])


class Meeting:
    """Where each of two requests waits for the other, unless that one is over."""

    def __init__(self):
        self.came, self.is_full = set(), Event()

    def come(self, name):
        self.came.add(name)
        if len(self.came) == 2:
            self.is_full.set()

    def wait(self, name):
        self.come(name)
        self.is_full.wait()


def serve_two(pattern):
    """Serve two requests; return whether both were in their views at once, and ended at once."""
    app, inside, ending, reached = start(pattern), Meeting(), Meeting(), set()
    watch_uses()

    def mark():
        reached.add(request.headers["Name"])
        inside.wait(request.headers["Name"])

    app.config["MARK"] = mark

    @app.after_request
    def use_again(answer):  # a commit gives the connection back: nothing would be left to close
        get_current_view().get_query().session.connection()
        return answer

    @app.teardown_request
    def end(error):
        inside.come(request.headers["Name"])
        ending.wait(request.headers["Name"])

    def send(name, method, path, form=""):
        with socket.create_connection(("127.0.0.1", server.server_port)) as connection:
            kind = f"Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {len(form)}"
            head = f"{method} {path} HTTP/1.0\r\nName: {name}\r\n{kind}\r\n\r\n"
            connection.sendall((head + form).encode())
            while connection.recv(65536):
                pass

    server = WSGIServer(("127.0.0.1", 0), app, log=None, environ={"SERVER_NAME": "localhost"})
    server.start()
    create = gevent.spawn(send, "R1", "POST", "/admin/post/new/", "title=New&author=1")
    gevent.joinall([create, gevent.spawn(send, "R2", "GET", "/admin/post/")])
    server.stop()
    return len(reached) == 2, len(ending.came) == 2
