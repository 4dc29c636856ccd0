"""Tasks: work that the application does with a session when an experiment asks for it.

Each task gets a function that returns the session, and calls it anew for each use.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from flask import Flask, Response, current_app, stream_with_context
from sqlalchemy.orm import object_session

from experiments.session_scoping.rig.application import Post, User, mark

Way = Callable[[], Any]
"""Returns a session: the application's own, or the one that the view resolves."""

Note = Callable[..., None]
"""Records an event that touches a session: its kind, the session and details."""


class JobFailed(Exception):
    """Raised in a job, in place of an application's own exception."""


# --- Streamed answers -----------------------------------------------------------------------------


def stream_anew(session_of: Way) -> Response:
    """Answer with a body that asks for the session and queries it while being sent."""
    return Response(stream_with_context(lines_asked_anew(session_of)), mimetype="text/plain")


def stream_without_context(session_of: Way) -> Response:
    """Answer with the same body, without Flask's `stream_with_context`."""
    return Response(lines_asked_anew(session_of), mimetype="text/plain")


def lines_asked_anew(session_of: Way) -> Iterator[str]:
    """Use the session, then return one line per post, from a session asked for anew."""
    session_of().query(Post).count()

    def lines() -> Iterator[str]:
        for post in session_of().query(Post).order_by(Post.id):
            yield f"{post.title} by {post.author.name}\n"

    return lines()


def stream_loaded(session_of: Way) -> Response:
    """Answer with a body that loads a relationship of rows that the view loaded before."""
    posts = session_of().query(Post).order_by(Post.id).all()

    def lines() -> Iterator[str]:
        for post in posts:
            yield f"{post.title} by {post.author.name}\n"

    return Response(stream_with_context(lines()), mimetype="text/plain")


# --- The application's own contexts ---------------------------------------------------------------


def nest(session_of: Way, note: Note) -> None:
    """Work in a session, work in a context pushed meanwhile, then go on outside and commit."""
    user = session_of().get(User, 1)
    session_of().add(User(email="outer@example.com", name="Outer, added"))
    user.name = "Outer, changed"
    outer = real(user)
    transaction = outer.get_transaction()
    note("outer-before", outer, pending=len(outer.new))
    with current_app.app_context():
        other = session_of().get(User, 2)
        note("inner-used", real(other))
        other.name = "Inner, changed"
        session_of().commit()
        session_of().refresh(other)  # leaves a transaction to be closed
    mark("inner context left")
    again = session_of().get(User, 1)
    note(
        "outer-after",
        real(again),
        pending=len(outer.new),
        changed=user in outer.dirty,
        transaction=outer.get_transaction() is transaction,
    )
    session_of().commit()


def work_in_background(app: Flask, session_of: Way, note: Note, key: int, name: str) -> None:
    """Rename a user in a job's own application context, outside any request."""
    with app.app_context():
        user = session_of().get(User, key)
        note("job-worked", real(user))
        user.name = name
        session_of().commit()
        session_of().refresh(user)  # leaves a transaction to be closed


def fail_in_background(app: Flask, session_of: Way, note: Note, key: int, name: str) -> None:
    """Rename a user in a job's own application context, and raise before committing."""
    with app.app_context():
        user = session_of().get(User, key)
        note("job-worked", real(user))
        user.name = name
        session_of().flush()
        raise JobFailed("the job failed")


def read_in_background(app: Flask, session_of: Way) -> None:
    """Read the users in a job's own application context."""
    with app.app_context():
        session_of().query(User).all()


# --- Two ways to a session in one request ---------------------------------------------------------


def use_both(session_of: Way, note: Note) -> None:
    """Use the view's session, then the application's own, on the same row."""
    user = session_of().get(User, 1)
    note("session-taken", real(user), by="view")
    use_application_session(note)


def use_application_session(note: Note) -> None:
    """Use the application's own session, in any request."""
    note("session-taken", real(current_app.config["APPLICATION_SESSION"]().get(User, 1)), by="own")


def add_and_leave(session_of: Way) -> None:
    """Add a row, and neither flush nor commit it."""
    session_of().add(User(email="left@example.com", name="Left"))


def real(instance: Any) -> Any:
    """Return the session that an object belongs to, even if a proxy was used."""
    return object_session(instance)
