"""Requests that end otherwise than with a page: refused, redirected, without a body, broken off."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from flask import Flask, abort, redirect, request

from experiments.session_scoping.rig.application import User, UserView
from experiments.session_scoping.rig.tasks import Way


class BrokenOff(io.BytesIO):
    """A request's body whose client goes away in its middle: its first byte arrives, no more."""

    def read(self, size: int | None = -1) -> bytes:
        """Return the first byte, whatever is asked for; raise ConnectionResetError for more."""
        if self.tell():
            raise ConnectionResetError("the client went away")
        return super().read(1)

    def readinto(self, buffer: Any) -> int:
        """Read the first byte into a buffer; raise ConnectionResetError for more."""
        buffer[:1] = self.read()
        return 1


def load_user_before_each_request(app: Flask, application_session: Way) -> None:
    """Load a user before each request, as an application does that has a login."""

    @app.before_request
    def load_user() -> None:
        application_session().get(User, 2)


@contextmanager
def refusing_all(app: Flask, view: type[UserView]) -> Iterator[None]:
    """Let a view refuse everybody meanwhile, after it has asked the database; plain views, too."""

    def is_accessible(self: UserView) -> bool:
        return bool(self.get_query().count() < 0)

    view.is_accessible = is_accessible
    app.config["REFUSES"] = lambda session: session.query(User).count() >= 0
    try:
        yield
    finally:
        del view.is_accessible
        del app.config["REFUSES"]


# --- Tasks that leave a row uncommitted -----------------------------------------------------------


def leave_and(end: Callable[[], Any], name: str) -> Callable[[Way], Any]:
    """Return a task that adds and flushes a row, and ends with `end` without a commit."""

    def task(session_of: Way) -> Any:
        session_of().add(User(email=f"{name}@example.com", name="Left"))
        session_of().flush()
        return end()

    return task


def abort_404() -> Any:
    """End with Flask's `abort`."""
    abort(404)


def redirect_elsewhere() -> Any:
    """End with a redirect to another page."""
    return redirect("/elsewhere")


def read_body() -> Any:
    """Read the request's body, which fails where the client goes away."""
    return str(len(request.get_data()))
