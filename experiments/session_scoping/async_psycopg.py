"""Requests to `async def` views that use an async session, with the driver psycopg."""

from casebook.record import Trial
from experiments.session_scoping.async_driver import AsyncDriver, perform_all

NEEDS = ("flask[async]", "sqlalchemy[asyncio]", "psycopg[binary]")
DATABASES = ("postgresql",)


def run(trial: Trial) -> None:
    """Read, write, overlap and fail, one operation after the other."""
    perform_all(AsyncDriver(trial, "psycopg"))
