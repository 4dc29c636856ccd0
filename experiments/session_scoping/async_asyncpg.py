"""Requests to `async def` views that use an async session, with the asyncpg driver."""

import asyncpg  # noqa: F401 - SQLAlchemy imports it when it makes an engine, in every cell

from casebook.record import Trial
from experiments.session_scoping.rig.async_driver import AsyncDriver, perform_all

NEEDS = ("flask[async]", "sqlalchemy[asyncio]", "asyncpg")
DATABASES = ("postgresql",)


def run(trial: Trial) -> None:
    """Read, write, overlap and fail, one operation after another."""
    perform_all(AsyncDriver(trial, "asyncpg"))
