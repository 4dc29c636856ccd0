"""The databases that experiments run on: one module for each, with one interface."""

from __future__ import annotations

import importlib
from typing import Any, Protocol

KNOWN = ("sqlite", "postgresql")


class Database(Protocol):
    """A database that every cell finds anew as `application.ROWS` says.

    `connect_args` is what the application gives the driver with every connection, so that a
    request that must wait for a lock fails instead. `private` holds the names of this run alone,
    which no history may hold.
    """

    connect_args: dict[str, Any]
    private: tuple[str, ...]

    def fresh(self, folder: str) -> str:
        """Make a cell's database, in its private folder if it is a file; return its URL."""

    def rows(self, query: str) -> list[tuple[Any, ...]]:
        """Return a query's rows, through a connection of the experiment's own."""

    def change(self, statement: str) -> str | None:
        """Execute and commit a statement through a connection of the experiment's own.

        Returns the error's text where it must wait for somebody else's lock, else None.
        """


def prepare(database: str, server: str) -> Database:
    """Do once, before cells are forked, what they rest on; return the database they run on.

    Raises ValueError for a database that has no module here.
    """
    if database not in KNOWN:
        raise ValueError(
            f"{database!r} is no database that is known here: use {' or '.join(KNOWN)}"
        )
    prepared: Database = importlib.import_module(f"{__name__}.{database}").prepare(server)
    return prepared
