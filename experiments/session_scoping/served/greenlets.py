"""The application behind gevent's own WSGI server, as Flask's documentation on gevent serves it."""

from __future__ import annotations

from typing import Any
from weakref import WeakKeyDictionary

import gevent
from gevent import socket
from gevent.lock import Semaphore
from gevent.monkey import get_original, is_module_patched
from gevent.pywsgi import WSGIServer

from experiments.session_scoping.recorder import Recorder
from experiments.session_scoping.served.process import Told

_real_thread = get_original("_thread", "get_ident")


class Greenlets:
    """Labels greenlets `G1`, `G2` beside the thread that they run on, patched or not."""

    def __init__(self, recorder: Recorder) -> None:
        self._recorder = recorder
        self._greenlets: WeakKeyDictionary[Any, str] = WeakKeyDictionary()
        self._threads: dict[int, str] = {}

    def labels(self) -> list[str]:
        """Return the labels of the greenlet that runs and of its thread."""
        greenlet, thread = gevent.getcurrent(), _real_thread()
        if greenlet not in self._greenlets:
            self._greenlets[greenlet] = self._recorder.new_label("G")
        if thread not in self._threads:
            self._threads[thread] = self._recorder.new_label("T")
        return [self._greenlets[greenlet], self._threads[thread]]


def serve(told: Told) -> None:
    """Wire the application and serve it until the process ends."""
    application = told.application(
        Semaphore, Greenlets, by="gevent", patched=is_module_patched("threading")
    )
    listener = socket.socket(fileno=told.listener)
    here = {"SERVER_NAME": "localhost"}  # which it would else ask a name server for
    WSGIServer(listener, application, environ=here).serve_forever()
