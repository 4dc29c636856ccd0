"""What scripts that show findings do with a pattern: a function for each claim."""

import gc
import logging
import os
import socket
import struct
import tempfile
import threading
import time
from contextlib import suppress
from http.client import HTTPConnection, HTTPException
from select import POLLERR, POLLHUP, POLLRDHUP, poll

from flask import Flask
from sqlalchemy import ForeignKey, create_engine, event
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column, relationship
from sqlalchemy.pool import Pool
from werkzeug.serving import make_server
from werkzeug.test import EnvironBuilder

ROWS = ["First,Ann", "Second,Ben", "Third,Cleo", "Fourth,Dora"]
OUT, CLOSED, USED = set(), [], []
HUNG_UP = POLLHUP | POLLRDHUP | POLLERR


class Base(DeclarativeBase):
    """The base of the models."""


class Author(Base):
    """Somebody who writes posts."""

    __tablename__ = "author"
    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]

    def __str__(self):
        return self.name


class Post(Base):
    """A post, whose author is loaded when somebody asks for it."""

    __tablename__ = "post"
    id: Mapped[int] = mapped_column(primary_key=True)
    title: Mapped[str]
    author_id: Mapped[int] = mapped_column(ForeignKey("author.id"))
    author: Mapped[Author] = relationship()


def can_be_set_up(pattern):
    """Set it up."""
    try:
        start(pattern)
    except Exception as error:
        print(f"it raised {type(error).__name__}: {error}")
        return "refuted"
    print("it was set up")
    return "supported"


def arrives_whole(pattern):
    """Read the body to its end: are all rows there?"""
    status, rows, _ = read(*start(pattern))
    if status != 200:
        return None
    return "supported" if rows == ROWS else "refuted"


def keeps_its_session(pattern):
    """Read the body to its end: when is the session closed that the view used?"""
    app, path = start(pattern)
    body, status = ask(app, path)
    view = USED[-1:]
    early = [one for one in CLOSED if one in view]
    USED.clear()
    broke = False
    try:
        for number, _ in enumerate(body, start=1):
            if number < len(ROWS):
                early += [one for one in CLOSED if one in view]
    except Exception as error:
        print(f"   the body broke off: {type(error).__name__}: {error}".splitlines()[0])
        broke = True
    body.close()
    if not view or status != [200] or not (USED or broke):
        return None
    print(f"the view's session was closed {'before the last row' if early else 'after that'}")
    return "refuted" if early else "supported"


def nothing_left_at_the_end(pattern):
    """Read the body to its end: is a connection still out?"""
    status, _, _ = read(*start(pattern))
    return told_of_what_is_left(status)


def nothing_left_when_a_client_leaves(pattern):
    """Leave the body after its first piece: is a connection still out?"""
    status, _, over = read(*start(pattern), pieces=1)
    left = told_of_what_is_left(status)
    return None if over and left == "supported" else left


def works_behind_werkzeug(pattern):
    """Read from Werkzeug's server to the end, then leave: what arrives, and what stays?"""

    def serve(application):
        logging.getLogger("werkzeug").addHandler(logging.NullHandler())
        server = make_server("127.0.0.1", 0, application, threaded=True)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        return server.server_port

    return behind(pattern, serve)


def works_behind_waitress(pattern):
    """Read from waitress to the end, then leave: what arrives, and what stays?"""

    def serve(application):
        from waitress import create_server

        logging.getLogger("waitress").addHandler(logging.NullHandler())
        server = create_server(
            application, host="127.0.0.1", port=0, threads=1, channel_request_lookahead=1
        )
        threading.Thread(target=server.run, daemon=True).start()
        return server.effective_port

    return behind(pattern, serve)


# --- The application and its client --------------------------------------------------------------


def start(pattern):
    """Return the application under the pattern, with its own database, and where it streams."""
    gc.disable()  # a session that is dropped and not closed keeps its connection until collected
    url = f"sqlite:///{os.path.join(tempfile.mkdtemp(), 'posts.sqlite')}"
    own = create_engine(url)
    Base.metadata.create_all(own)
    with Session(own) as session:
        for row in ROWS:
            title, name = row.split(",")
            session.add(Post(title=title, author=Author(name=name)))
            session.flush()
        session.commit()
    own.dispose()
    watch()
    app = Flask("application")
    app.logger.addHandler(logging.NullHandler())
    app.config.update(
        SECRET_KEY="casebook",
        DATABASE_URL=url,
        SQLALCHEMY_DATABASE_URI=url,
        SQLALCHEMY_ENGINES={"default": url},
    )
    return app, pattern(app)


def watch():
    """Note which connections are out, which sessions begin to work, and which are closed."""
    event.listen(Pool, "checkout", lambda _, entry, __: OUT.add(entry))
    event.listen(Pool, "checkin", lambda _, entry: OUT.discard(entry))
    for name in ("execute", "scalar", "scalars"):
        setattr(Session, name, noted(USED, getattr(Session, name)))
    Session.close = noted(CLOSED, Session.close)


def noted(where, method):
    """Return a session's method that notes of which session it is called."""

    def called(session, *args, **kwargs):
        where.append(session.hash_key)
        return method(session, *args, **kwargs)

    return called


def ask(app, path):
    """Send a request; return its body, of which nothing is read yet, and a list of its status."""
    status = []
    environ = EnvironBuilder(path=path).get_environ()
    return app(environ, lambda line, *_: status.append(int(line.split()[0]))), status


def read(app, path, pieces=None):
    """Read a body, all of it or some pieces, and close it as a server does.

    Return the answer's status, the rows that came, and whether the body was over by then.
    """
    body, status = ask(app, path)
    text, over = b"", True
    try:
        for number, piece in enumerate(body, start=1):
            text += piece
            if number == pieces:
                over = False
                break
    except Exception as error:
        print(f"   the body broke off: {type(error).__name__}: {error}".splitlines()[0])
    body.close()
    rows = [line for line in text.decode().splitlines() if line in ROWS]
    print(f"GET {path}: {status[0]}, {len(rows)} of {len(ROWS)} rows arrived")
    return status[0], rows, over


def told_of_what_is_left(status):
    """Return whether nothing is left, if a session was used and all went well."""
    print(f"connections still checked out: {len(OUT)}")
    if OUT:
        return "refuted"
    return "supported" if USED and status == 200 else None


# --- Servers -------------------------------------------------------------------------------------


def behind(pattern, serve):
    """Serve the pattern; read an answer to its end, then leave another in the middle."""
    app, path = start(pattern)
    left, go_on, closed = [], threading.Event(), threading.Event()

    class Body:
        """A body that waits after its first piece, until the client has read it or has left."""

        def __init__(self, environ, pieces):
            self.environ, self.pieces = environ, pieces

        def __iter__(self):
            for number, piece in enumerate(self.pieces, start=1):
                yield piece
                if number == 1:
                    go_on.wait(10)
                    if left:
                        gone(self.environ)

        def close(self):
            self.pieces.close()
            closed.set()

    port = serve(lambda environ, start: Body(environ, app(environ, start)))
    rows = []
    for leaves in (False, True):
        go_on.clear()
        closed.clear()
        connection = HTTPConnection("127.0.0.1", port)
        connection.request("GET", path)
        client = connection.sock
        try:
            response = connection.getresponse()
            if leaves:
                left.append(True)
                with suppress(OSError):  # closed already, if all was sent
                    reset = struct.pack("ii", 1, 0)
                    client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, reset)
                response.close()
                connection.close()
            go_on.set()
            if not leaves:
                rows = [line for line in response.read().decode().splitlines() if line in ROWS]
        except (HTTPException, OSError) as error:
            print(f"   {type(error).__name__}: {error}")
        go_on.set()
        connection.close()
        closed.wait(10)
        print(f"{'left in the middle' if leaves else f'{len(rows)} rows arrived'}: {len(OUT)} out")
    return "supported" if rows == ROWS and not OUT else "refuted"


def gone(environ):
    """Wait until the server knows that the client has left."""
    if "werkzeug.socket" in environ:
        left = poll()
        left.register(environ["werkzeug.socket"], HUNG_UP)
        left.poll()
    while not environ.get("waitress.client_disconnected", lambda: True)():
        time.sleep(0.001)
