"""The application under test for async sessions: Flask with `async def` views.

Flask runs each view, and each teardown function that is a coroutine, in its own event loop on its
own thread, as `asgiref.sync.async_to_sync` does when no loop is running.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

from flask import Flask, request
from sqlalchemy import select

from experiments.session_scoping.rig.application import User, mark

Work = Callable[[Any], Awaitable[str]]
"""A view's work: takes an async session and returns the answer's text."""


def make_async_application(database_url: str, on_mark: Callable[[str], None]) -> Flask:
    """Return the application, before a pattern sets up its session; the URL names its driver."""
    app = Flask("async-application")
    app.config.update(ASYNC_DATABASE_URL=database_url, ON_MARK=on_mark)
    return app


def add_async_routes(app: Flask, with_session: Callable[[Work], Awaitable[str]]) -> None:
    """Add the routes; `with_session` runs a view's work with the pattern's session."""

    @app.get("/names")
    async def names() -> str:
        async def read(session: Any) -> str:
            users = await session.scalars(select(User).order_by(User.id))
            found = ", ".join(user.name for user in users)
            mark("listed")
            return found

        return await with_session(read)

    @app.post("/users")
    async def add_user() -> str:
        email, name = request.form["email"], request.form["name"]

        async def store(session: Any) -> str:
            session.add(User(email=email, name=name))
            await session.flush()
            mark("flushed")
            await session.commit()
            return "added"

        return await with_session(store)
