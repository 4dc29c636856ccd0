"""The application under test of the async session: a Flask application with `async def` views.

Flask runs each of them, and each teardown function that is a coroutine, in an event loop of its
own on a thread of its own, as `asgiref.sync.async_to_sync` does where no loop runs.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

from flask import Flask, request
from sqlalchemy import select

from experiments.session_scoping.application import User, mark

Work = Callable[[Any], Awaitable[str]]
"""What a view does with an async session, and what it answers."""


def make_async_application(database_url: str, on_mark: Callable[[str], None]) -> Flask:
    """Return the application before a pattern sets its session up; the URL names its driver."""
    app = Flask("async-application")
    app.config.update(ASYNC_DATABASE_URL=database_url, ON_MARK=on_mark)
    return app


def add_async_routes(app: Flask, with_session: Callable[[Work], Awaitable[str]]) -> None:
    """Add the routes; `with_session` does a view's work with the session that the pattern gives."""

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
