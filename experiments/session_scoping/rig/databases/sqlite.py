"""SQLite: each cell's database is its own file, written from bytes made once."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any

from sqlalchemy import create_engine
from sqlalchemy.engine import Engine
from sqlalchemy.pool import StaticPool

from experiments.session_scoping.rig.application import ROWS, Base
from experiments.session_scoping.rig.databases import rules

CONNECT_ARGS = {"check_same_thread": False, "timeout": 0}
"""Arguments for the driver: any thread may use a connection, and none waits for a lock."""


class Sqlite:
    """A database file in a cell's folder."""

    connect_args: dict[str, Any] = CONNECT_ARGS
    private: tuple[str, ...] = ()

    def __init__(self, filled: bytes) -> None:
        self._filled = filled
        self._file = ""

    def fresh(self, folder: str) -> str:
        """Write the file and return its URL."""
        self._file = os.path.join(folder, "database.sqlite")
        with open(self._file, "wb") as file:
            file.write(self._filled)
        return f"sqlite:///{self._file}"

    def wait_briefly(self) -> None:
        """Do nothing: no connection waits."""

    def rows(self, query: str) -> list[tuple[Any, ...]]:
        """Return a query's rows."""
        connection = sqlite3.connect(f"file:{self._file}?mode=ro", uri=True, timeout=0)
        try:
            return connection.execute(query).fetchall()
        finally:
            connection.close()

    def change(self, statement: str) -> str | None:
        """Execute and commit a statement; return the error's text if the file is locked."""
        connection = sqlite3.connect(self._file, timeout=0)
        try:
            with connection:
                connection.execute(statement)
        except sqlite3.OperationalError as error:
            return str(error)
        finally:
            connection.close()
        return None

    @contextmanager
    def refusing_commits(self) -> Iterator[None]:
        """Read in a transaction: a commit must wait for its readers, and nobody waits here."""
        connection = sqlite3.connect(self._file, timeout=0, isolation_level=None)
        try:
            with suppress(sqlite3.OperationalError):  # locked already: nobody else commits, either
                connection.execute("begin")
                connection.execute("select * from tag").fetchall()
            yield
        finally:
            connection.close()


def prepare(_: str) -> Sqlite:
    """Return the filled database; SQLite needs no server."""
    engine = filled_engine()
    with engine.connect() as connection:
        filled = connection.connection.dbapi_connection.serialize()
    engine.dispose()
    return Sqlite(filled)


def filled_engine() -> Engine:
    """Return an engine for an in-memory database that holds the rows of `application.ROWS`."""
    engine = create_engine("sqlite://", poolclass=StaticPool)
    Base.metadata.create_all(engine)
    with engine.begin() as connection:
        for table, rows in ROWS.items():
            connection.execute(table.insert(), rows)
        for rule in rules.SQLITE:
            connection.exec_driver_sql(rule)
    return engine
