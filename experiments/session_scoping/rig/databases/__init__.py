"""The databases that experiments run on: one module per database, all with one interface."""

from __future__ import annotations

import importlib
from contextlib import AbstractContextManager
from typing import Any, Protocol

KNOWN = ("sqlite", "postgresql")


class Database(Protocol):
    """A database that holds `application.ROWS` at the start of every cell.

    The application passes `connect_args` to the driver with every connection, so that a request
    fails instead of waiting for a lock. `private` holds names of this run alone, which no history
    may contain.
    """

    connect_args: dict[str, Any]
    private: tuple[str, ...]

    def fresh(self, folder: str) -> str:
        """Create a cell's database, in its private folder if it is a file; return its URL."""

    def wait_briefly(self) -> None:
        """Let connections made from now on, in this process, wait for locks as briefly as may be.

        Where many requests meet a lock and one runs at a time, waiting would take most of the time.
        """

    def rows(self, query: str) -> list[tuple[Any, ...]]:
        """Return a query's rows, read through the experiment's own connection."""

    def change(self, statement: str) -> str | None:
        """Execute and commit a statement through the experiment's own connection.

        Returns the error's text if another connection's lock blocks the statement, else None.
        """

    def refusing_commits(self) -> AbstractContextManager[None]:
        """Refuse every commit of changed rows meanwhile, but none of the statements before it."""

    def end_others(self) -> int:
        """End all connections but the experiment's own; return their number once they are gone.

        Only a database that has a server can do this.
        """


def prepare(database: str, server: str) -> Database:
    """Prepare and return the database that cells run on, once, before cells are forked.

    Raises ValueError for a database that has no module here.
    """
    if database not in KNOWN:
        raise ValueError(
            f"{database!r} is no database that is known here: use {' or '.join(KNOWN)}"
        )
    prepared: Database = importlib.import_module(f"{__name__}.{database}").prepare(server)
    return prepared
