"""The recorder: SQLAlchemy, Flask and thread events, in order, as a history.

The recorder wraps methods and calls them unchanged. It tags the objects that it sees and holds them
weakly: it must neither keep observed objects alive nor create those it looks for.
"""

from __future__ import annotations

import functools
import gc
import inspect
import logging
import re
import sys
import threading
import warnings
import weakref
from collections.abc import Callable, Iterable
from contextvars import ContextVar
from types import FrameType
from typing import Any

import flask
from flask.ctx import AppContext
from sqlalchemy import event
from sqlalchemy.engine import Engine
from sqlalchemy.orm import Mapper, Session
from sqlalchemy.pool import Pool
from werkzeug.wsgi import ClosingIterator

from casebook.record import Trial, Verbatim
from experiments.rigs.addresses import Addresses

TAG = "casebook"
"""The key or attribute under which an object carries its label."""

USES = (
    *("add", "add_all", "commit", "connection", "delete", "execute", "flush", "get"),
    *("merge", "query", "refresh", "rollback", "scalar", "scalars"),
)
"""The session methods whose calls count as a use of the session."""

PASS_ON = (
    "sqlalchemy.",
    "werkzeug.",
    "flask_sqlalchemy",
    __name__,
)
"""Modules that pass a call on, as an investigation's `backends` do.

A session's user is the first caller outside them.
"""

_NUMBER = re.compile(r"(?<=session )'\d+'|(?<=this is )'\d+'|\b\d{9,}\b")
"""Matches a number that a library prints for a session or a thread."""

_SERVER_NUMBER = re.compile(r"(?<=[Pp]rocess )\d+|(?<=PID )\d+|(?<=transaction )\d+")
"""Matches a number that PostgreSQL prints for a process or a transaction."""

_LINK = re.compile(r"(?<=//sqlalche\.me/e/)\d+(?=/)")
"""Matches the number of SQLAlchemy's own release in a link to what it says of an error."""

_AWAITED = re.compile(r"<(Task|Future) (?:[^<>]|<(?:[^<>]|<[^<>]*>)*>)*>")
"""Matches asyncio's description of a task or a future: a number, and lines in its own files."""

_request: ContextVar[str | None] = ContextVar("request", default=None)


class Recorder:
    """Records session, connection, context and request events into a trial's history.

    Objects get labels in order of first appearance: `S1` is a session, `C1` a connection, `R1` a
    request, `A1` an application context, `T1` a thread. The recorder is installed once, before
    cells are forked, and starts to record in the cell. `package` is the investigation's own.
    """

    def __init__(self, package: str) -> None:
        self._package = f"{package}."
        self._pass_on = (*PASS_ON, f"{package}.backends.")
        self.addresses = Addresses()
        self._trial: Trial | None = None
        self._counts: dict[str, int] = {}
        self._lock = threading.RLock()
        self._thread = threading.local()
        self._sessions: weakref.WeakSet[Session] = weakref.WeakSet()
        self._instances: weakref.WeakSet[Any] = weakref.WeakSet()
        self._pools: weakref.WeakSet[Any] = weakref.WeakSet()
        self._uncounted: weakref.WeakSet[Any] = weakref.WeakSet()
        self._numbers: dict[str, str] = {}
        self._private: tuple[str, ...] = ()
        self._replaceable = _replaceable(())
        self._seen_uses: dict[str, tuple[str, set[tuple[str, str]]]] = {}
        # The labels of where code runs: a server that runs greenlets adds the greenlet's label.
        self.place: Callable[[], list[str]] = lambda: [self._thread_label()]

    # --- Recording --------------------------------------------------------------------------------

    def record(self, kind: str, *labels: str, **details: Any) -> None:
        """Append an event, with the current request and thread."""
        if self._trial is None:
            return
        texts = {
            name: self._with_labels(value) if type(value) is str else value
            for name, value in details.items()
        }
        request = _request.get()
        with self._lock:
            touched = [*labels, *([request] if request else []), *self.place()]
            self._trial.record(kind, *dict.fromkeys(touched), **texts)

    def note(self, kind: str, session: Session, **details: Any) -> None:
        """Append an event that touches a session already in use."""
        self.record(kind, session.info[TAG], **details)

    def record_exception(self, error: BaseException) -> None:
        """Record an exception: its type, its text and the exception that it came out of."""
        self.record("exception-raised", **_described(error))

    def new_label(self, letter: str) -> str:
        """Return the next label for this letter: `S1`, then `S2`."""
        with self._lock:
            self._counts[letter] = self._counts.get(letter, 0) + 1
            return f"{letter}{self._counts[letter]}"

    def share_labels(self, shared: Callable[[dict[str, int]], dict[str, int]]) -> None:
        """Count labels from now on in what this returns, which processes may share."""
        self._counts = shared(self._counts)

    def _thread_label(self) -> str:
        if not hasattr(self._thread, "label"):
            self._thread.label = self.new_label("T")
            self._numbers[str(threading.get_ident())] = self._thread.label
        return self._thread.label

    def _with_labels(self, text: str) -> str:
        """Return a library's text with labels in place of the library's own numbers.

        Labels replace SQLAlchemy's session numbers ("already attached to session '1' (this is
        '2')") and thread identifiers. A database server's numbers and names of this run alone have
        no label and are masked, as is the release in SQLAlchemy's links ("sqlalche.me/e/20/xyz").
        A task or a future loses its description.
        """
        if not self._replaceable.search(text):  # most texts; the rest takes a third of an event
            return text
        text = _AWAITED.sub(r"<\1>", text)
        for name in self._private:
            text = text.replace(name, "<database>")
        text = _SERVER_NUMBER.sub("...", text)
        text = _LINK.sub("<release>", text)
        return _NUMBER.sub(lambda number: self._numbers.get(number[0], number[0]), text)

    # --- Installing -------------------------------------------------------------------------------

    def begin(self, trial: Trial, private: tuple[str, ...] = ()) -> None:
        """Record into this trial's history from now on, until the cell's process ends.

        Names that are `private` to this run are kept out of the history.
        """
        self._trial = trial
        self._private = private
        self._replaceable = _replaceable(private)

    def install(self) -> None:
        """Wrap methods and listen for events, irrevocably; nothing is recorded before `begin`."""
        self._watch_sessions()
        self._watch_connections()
        self._watch_contexts()
        self.addresses.install()
        self._watch_requests()
        self._watch_warnings()
        logging.getLogger().addHandler(_ExceptionHandler(self))

    def _watch_sessions(self) -> None:
        _after(Session, "__init__", self._session_created)
        _after(Session, "close", self._session_closed)
        for name in ("reset", "invalidate"):  # `reset` exists since SQLAlchemy 2.0.22
            if hasattr(Session, name):
                _after(Session, name, self._session_closed)
        for name in USES:
            if hasattr(Session, name):
                _before(Session, name, self._session_used)
        _around_failure(Session, "flush", self._flush_failed)
        event.listen(Session, "after_begin", self._session_begun)
        event.listen(Session, "after_flush", lambda session, _: self._session("flushed", session))
        event.listen(Session, "after_commit", lambda session: self._session("committed", session))
        event.listen(Session, "after_rollback", lambda one: self._session("rolled-back", one))
        event.listen(Mapper, "load", lambda instance, _: self._instances.add(instance))
        event.listen(Mapper, "init", lambda instance, *_: self._instances.add(instance))

    def _watch_connections(self) -> None:
        event.listen(Pool, "checkout", self._connection_checked_out)
        event.listen(Pool, "checkin", self._connection_checked_in)
        event.listen(Engine, "engine_connect", self._engine_connected)

    def _watch_contexts(self) -> None:
        _before(AppContext, "push", self._context_pushed)
        _after(AppContext, "pop", self._context_popped)

    def _watch_requests(self) -> None:
        original = flask.Flask.__call__

        @functools.wraps(original)
        def serve(app: flask.Flask, environ: Any, start_response: Any) -> Iterable[bytes]:
            status: list[int] = []

            def start(line: str, *rest: Any) -> Any:
                status.append(int(line.split()[0]))
                return start_response(line, *rest)

            label = self.new_label("R")
            _request.set(label)
            self.record("request-started", method=environ["REQUEST_METHOD"], path=_address(environ))
            try:
                response = original(app, environ, start)
            except BaseException as error:
                self.record_exception(error)
                self._request_ended(None)
                raise
            return ClosingIterator(response, [lambda: self._request_ended(status[-1])])

        flask.Flask.__call__ = serve

    def _watch_warnings(self) -> None:
        def show(message: Any, category: type[Warning], *rest: Any) -> None:
            self.record(
                "warning-raised",
                category=category.__name__,
                deprecation=issubclass(category, (DeprecationWarning, PendingDeprecationWarning)),
                text=str(message),
                by=_warning(),
            )

        warnings.simplefilter("always")
        warnings.showwarning = show  # type: ignore[assignment]

    # --- Sessions ---------------------------------------------------------------------------------

    def _session(self, what: str, session: Session, *labels: str, **details: Any) -> None:
        self.record(f"session-{what}", session.info[TAG], *labels, **details)

    def _session_created(self, session: Session) -> None:
        session.info[TAG] = self.new_label("S")
        self._numbers[f"'{session.hash_key}'"] = f"'{session.info[TAG]}'"
        self._sessions.add(session)
        self._session("created", session)

    def _session_used(self, session: Session) -> None:
        """Record a use if the user is new to the session, or if another session was used last."""
        if TAG not in session.info:
            return
        label, user = session.info[TAG], self._caller()
        place = _request.get() or " ".join(self.place())
        last, seen = self._seen_uses.get(place, ("", set()))
        if label != last or (label, user) not in seen:
            self._session("used", session, by=user)
        self._seen_uses[place] = (label, seen | {(label, user)})

    def notice_uses_anew(self) -> None:
        """Record each user's next use again, even if an earlier one was recorded."""
        self._seen_uses.clear()

    def _session_begun(self, session: Session, _: Any, connection: Any) -> None:
        self._session("begun", session, *filter(None, [connection.info.get(TAG)]))

    def _session_closed(self, session: Session) -> None:
        self._session("closed", session)

    def _flush_failed(self, session: Session, error: BaseException) -> None:
        self._session("flush-failed", session, **_described(error))

    def _caller(self) -> str:
        """Return the module that uses a session: the first caller that passes nothing on.

        An async session runs its calls in a greenlet, whose frames continue in its parent's.
        """
        frame: FrameType | None = sys._getframe(2)
        greenlet = sys.modules["greenlet"].getcurrent() if "greenlet" in sys.modules else None
        while frame is not None:
            name = str(frame.f_globals.get("__name__", ""))
            if not name.startswith(self._pass_on):
                return name.removeprefix(self._package).removeprefix("rig.")
            frame = frame.f_back
            if frame is None and greenlet is not None and greenlet.parent is not None:
                greenlet = greenlet.parent
                frame = greenlet.gr_frame
        return "?"

    # --- Connections ------------------------------------------------------------------------------

    def _engine_connected(self, connection: Any, *_: Any) -> None:
        self._pools.add(connection.engine.pool)

    def _connection_checked_out(self, _: Any, entry: Any, connection: Any) -> None:
        if TAG not in entry.info:
            entry.info[TAG] = self.new_label("C")
        if not hasattr(connection._pool, "checkedout"):  # such as NullPool, which pools nothing
            self._uncounted.add(entry)
        self.record("connection-checked-out", entry.info[TAG])

    def _connection_checked_in(self, _: Any, entry: Any) -> None:
        self._uncounted.discard(entry)
        if TAG in entry.info:
            self.record("connection-checked-in", entry.info[TAG])

    # --- Contexts and requests --------------------------------------------------------------------

    def _context_pushed(self, context: AppContext) -> None:
        depth = getattr(context, "casebook_depth", 0)
        context.casebook_depth = depth + 1
        if depth == 0:
            context.casebook_label = self.new_label("A")
            label = context.casebook_label
            reused = self.addresses.are_reused
            where = {"at_the_address_of": self.addresses.at(context, label)} if reused else {}
            self.record("context-pushed", label, **where)

    def _context_popped(self, context: AppContext) -> None:
        context.casebook_depth -= 1
        if context.casebook_depth == 0:
            self.record("context-popped", context.casebook_label)

    def _request_ended(self, status: int | None) -> None:
        self.record("request-ended", status=status)
        _request.set(None)

    # --- Looking ----------------------------------------------------------------------------------

    def settle(self) -> None:
        """Exempt the application's own objects, which live as long as the cell, from collection."""
        if len(self._sessions):
            gc.collect()
        gc.freeze()

    def look(self) -> None:
        """Record how many connections are checked out, then which sessions are still held.

        Pools are examined first, before any collection: automatic collection is off in a cell, so
        that a session dropped without being closed still has its connection. A session that
        survives a collection is held by something, and a later request could meet it again.
        """
        counted = sum(map(_checked_out, self._pools))
        self.record("looked-up", checked_out=counted + len(self._uncounted))
        if len(self._sessions):
            gc.collect()
        for session in sorted(self._sessions, key=lambda session: session.hash_key):
            self._session(
                "held",
                session,
                open=session.in_transaction(),
                objects=len(session.identity_map),
                pending=len(session.new),
            )

    def count_instances(self) -> None:
        """Record how many instances of the models anything holds, in a session or not."""
        gc.collect()
        self.record("instances-counted", number=len(self._instances))


class _ExceptionHandler(logging.Handler):
    """Records every logged exception; Flask and Flask-Admin log theirs."""

    def __init__(self, recorder: Recorder) -> None:
        super().__init__()  # handles every level, so that Flask adds no handler
        self._recorder = recorder

    def emit(self, entry: logging.LogRecord) -> None:
        if entry.exc_info and entry.exc_info[1]:
            self._recorder.record_exception(entry.exc_info[1])


def _replaceable(private: tuple[str, ...]) -> re.Pattern[str]:
    """Return what matches in every text that the patterns above or these names match."""
    return re.compile("|".join([r"[<\d]", *map(re.escape, private)]))


def _warning() -> str:
    """Return the package of the code that warns, as `warnings.showwarning` is called."""
    frame = inspect.currentframe()
    while frame and frame.f_globals.get("__name__", "") in ("warnings", __name__):
        frame = frame.f_back
    return str(frame.f_globals.get("__name__", "")).partition(".")[0] if frame else ""


def _described(error: BaseException) -> dict[str, str]:
    """Return an error's type and text, and the error that was being handled at the time."""
    described = {"type": type(error).__name__, "text": str(error)}
    if error.__context__ is not None:
        described["during"] = f"{type(error.__context__).__name__}: {error.__context__}"
    return described


def _checked_out(pool: Any) -> int:
    return pool.checkedout() if hasattr(pool, "checkedout") else 0


def _address(environ: dict[str, Any]) -> str:
    query = environ.get("QUERY_STRING")
    return Verbatim(environ["PATH_INFO"] + (f"?{query}" if query else ""))


def _before(cls: type, name: str, observe: Callable[[Any], None]) -> None:
    original = getattr(cls, name)

    @functools.wraps(original)
    def method(self: Any, *args: Any, **kwargs: Any) -> Any:
        observe(self)
        return original(self, *args, **kwargs)

    setattr(cls, name, method)


def _after(cls: type, name: str, observe: Callable[[Any], None]) -> None:
    original = getattr(cls, name)

    @functools.wraps(original)
    def method(self: Any, *args: Any, **kwargs: Any) -> Any:
        result = original(self, *args, **kwargs)
        observe(self)
        return result

    setattr(cls, name, method)


def _around_failure(cls: type, name: str, observe: Callable[[Any, BaseException], None]) -> None:
    original = getattr(cls, name)

    @functools.wraps(original)
    def method(self: Any, *args: Any, **kwargs: Any) -> Any:
        try:
            return original(self, *args, **kwargs)
        except Exception as error:
            observe(self, error)
            raise

    setattr(cls, name, method)
