"""Requests that overlap on two threads of a real server, over HTTP."""

import json
import socket
from http.client import HTTPConnection
from multiprocessing import get_context
from threading import get_ident

import waitress
from flask import request
from gunicorn.app.base import BaseApplication

from experiments.session_scoping.reproductions.application import start
from experiments.session_scoping.reproductions.marked import MarkedView, PostView, UserView
from experiments.session_scoping.reproductions.sessions import USED, watch_uses
from experiments.session_scoping.reproductions.verdicts import together

__all__ = ["MarkedView", "PostView", "UserView", "server_threads_isolated"]


def server_threads_isolated(pattern):
    """Inside a view that creates a post, list them through the same server, with two threads."""
    return together([behind(server, pattern) for server in (waitress_serves, gunicorn_serves)])


def behind(server, pattern):
    """Return what was seen behind a server, which runs in a process of its own."""
    listener = socket.create_server(("127.0.0.1", 0))
    process = get_context("fork").Process(target=server, args=(listener, pattern))
    process.start()
    port = listener.getsockname()[1]
    listener.close()
    try:
        send(port, "R1", "POST", "/admin/post/new/", "title=New&author=1")
        used, threads = json.loads(send(port, "", "GET", "/seen"))
    finally:
        process.terminate()
        process.join()
    numbers = list(dict.fromkeys(threads.values()))
    for name in used:
        thread = f"thread {numbers.index(threads[name]) + 1}"
        print(f"{server.__name__}: {name} used {', '.join({*used[name]})} on {thread}.")
    if len(used) < 2 or threads["R1"] == threads["R2"]:
        return None
    return "refuted" if {*used["R1"]} & {*used["R2"]} else "supported"


def waitress_serves(listener, pattern):
    waitress.serve(overlapping(pattern), sockets=[listener], threads=2)


def gunicorn_serves(listener, pattern):
    class Gunicorn(BaseApplication):
        def load_config(self):
            self.cfg.set("bind", f"fd://{listener.fileno()}")
            self.cfg.set("worker_class", "gthread")
            self.cfg.set("threads", 2)
            self.cfg.set("loglevel", "error")
            self.cfg.set("control_socket_disable", True)

        def load(self):
            return overlapping(pattern)

    Gunicorn().run()


def overlapping(pattern):
    """Return the application, whose first view sends the second request from its middle."""
    app, threads = start(pattern), {}
    watch_uses()

    def meanwhile():
        app.config["MARK"] = lambda: None
        send(int(request.environ["SERVER_PORT"]), "R2", "GET", "/admin/post/")

    app.config["MARK"] = meanwhile
    app.before_request(lambda: threads.update({request.headers["Name"]: get_ident()}))
    app.get("/seen")(lambda: [USED, threads])
    return app


def send(port, name, method, path, form=""):
    """Send a request, and return the answer's text."""
    connection = HTTPConnection("127.0.0.1", port)
    kind = {"Content-Type": "application/x-www-form-urlencoded"} if form else {}
    connection.request(method, path, form, {"Name": name, **kind})
    return connection.getresponse().read().decode()
