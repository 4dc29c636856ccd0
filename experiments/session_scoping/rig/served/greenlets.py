"""The application behind gevent's WSGI server, as Flask's documentation on gevent serves it."""

from __future__ import annotations

from typing import Any
from weakref import WeakKeyDictionary

import gevent
from flask_admin.helpers import get_current_view
from gevent import socket
from gevent.lock import Semaphore
from gevent.monkey import get_original, is_module_patched
from gevent.pywsgi import WSGIServer

from experiments.rigs.recorder import Recorder
from experiments.session_scoping.rig.served.process import REQUESTS, Told, in_turns
from experiments.session_scoping.rig.served.turns import Turns

_real_thread = get_original("_thread", "get_ident")


class Greenlets:
    """Labels greenlets `G1`, `G2` and the threads that they run on, patched or not."""

    def __init__(self, recorder: Recorder) -> None:
        self._recorder = recorder
        self._greenlets: WeakKeyDictionary[Any, str] = WeakKeyDictionary()
        self._threads: dict[int, str] = {}

    def labels(self) -> list[str]:
        """Return the labels of the current greenlet and of its thread."""
        greenlet, thread = gevent.getcurrent(), _real_thread()
        if greenlet not in self._greenlets:
            self._greenlets[greenlet] = self._recorder.new_label("G")
        if thread not in self._threads:
            self._threads[thread] = self._recorder.new_label("T")
        return [self._greenlets[greenlet], self._threads[thread]]


def serve(told: Told) -> None:
    """Wire the application and serve it until the process ends.

    The requests begin their teardown together. When both are over and only their connections
    remain, a separate greenlet looks at what they left.
    """
    driver = told.wired(Greenlets)
    turns = Turns(REQUESTS, Semaphore, then=lambda: gevent.spawn(look))

    def look() -> None:
        driver.recorder.look()
        told.tell_over()

    @driver.app.after_request
    def use_again(response: Any) -> Any:
        # A commit returns the connection, which would leave teardown nothing to close.
        view = get_current_view()
        (view.resolved_session if view else driver.view_session)().connection()
        return response

    # Teardown functions run in reverse order of registration: this one runs first.
    @driver.app.teardown_request
    def end(error: BaseException | None) -> None:
        driver.recorder.record("marked", name="ending")
        turns.end_together()

    patched = is_module_patched("threading")
    application = in_turns(driver, turns, by="gevent", patched=patched)
    listener = socket.socket(fileno=told.listener)
    here = {"SERVER_NAME": "localhost"}  # avoids asking a name server for it
    WSGIServer(listener, application, environ=here).serve_forever()
