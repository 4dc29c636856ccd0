"""PostgreSQL: each warm parent has a database of its own, which each of its cells finds anew.

Connections of the application are made by psycopg 3. The server is `postgresql_server`'s.
"""

from __future__ import annotations

import os
from typing import Any

import psycopg
from sqlalchemy import create_engine
from sqlalchemy.pool import NullPool

from experiments.session_scoping.application import ROWS, Base

USER = "casebook"
"""The server's only role, as `postgresql_server` makes it."""

LOCK_TIMEOUT = 100
"""Milliseconds after which who waits for a lock fails; nobody who holds one lets it go meanwhile,
because requests run one at a time, so that the number changes nothing but how long that takes."""

OPTIONS = f"-c lock_timeout={LOCK_TIMEOUT}"


class Postgresql:
    """A database on a server, which is emptied and filled again for each cell."""

    connect_args: dict[str, Any] = {"options": OPTIONS}  # noqa: RUF012 - as the protocol says

    def __init__(self, server: str, name: str) -> None:
        self._server = server
        self._name = name
        self.private: tuple[str, ...] = (name,)
        self._connection: Any = None
        self._refill = ""

    def make(self) -> None:
        """Make the database with its tables, and what fills it."""
        with psycopg.connect(self._conninfo("postgres"), autocommit=True) as connection:
            connection.execute(f"create database {self._name}")
        engine = create_engine(self.url, poolclass=NullPool)
        Base.metadata.create_all(engine)
        self._refill = ";\n".join((END_OTHERS, *_filling(engine.dialect)))

    @property
    def url(self) -> str:
        """The database's URL for SQLAlchemy."""
        return f"postgresql+psycopg://{USER}@/{self._name}?host={self._server}"

    def _conninfo(self, name: str) -> str:
        return psycopg.conninfo.make_conninfo(
            host=self._server, user=USER, dbname=name, options=OPTIONS
        )

    def fresh(self, folder: str) -> str:
        """End what an earlier cell left, empty the tables and fill them; return the URL."""
        self._connection = psycopg.connect(self._conninfo(self._name), autocommit=True)
        self._connection.execute(self._refill)
        return self.url

    def rows(self, query: str) -> list[tuple[Any, ...]]:
        """Return a query's rows."""
        return self._connection.execute(query).fetchall()

    def change(self, statement: str) -> str | None:
        """Execute and commit a statement; return the error's text where a row is locked."""
        try:
            self._connection.execute(statement)
        except psycopg.errors.LockNotAvailable as error:
            return str(error)
        return None


OTHERS = "pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()"
"""The connections to this database but for the experiment's own, as SQL says it."""

END_OTHERS = f"select count(pg_terminate_backend(pid, 10000)) from {OTHERS}"
"""The query that ends them, waits until they have ended (since PostgreSQL 14) and counts them."""

IDLE_IN_TRANSACTION = f"select count(*) from {OTHERS} and state like 'idle in transaction%'"
"""The query that counts those in whose transaction nothing is being done."""


def prepare(server: str) -> Postgresql:
    """Return a database of this process's own on the server at this address, with its tables."""
    database = Postgresql(server, f"casebook_{os.getpid()}")
    database.make()
    return database


def _filling(dialect: Any) -> list[str]:
    """Return the statements that make the database hold the rows of `application.ROWS`.

    Tables are truncated, not deleted from, so that rows lie where they lay in every other cell.
    """
    name = dialect.identifier_preparer.format_table
    statements = [
        f"truncate {', '.join(map(name, Base.metadata.tables.values()))} restart identity"
    ]
    for table, rows in ROWS.items():
        insert = table.insert().values(rows)
        text = insert.compile(dialect=dialect, compile_kwargs={"literal_binds": True})
        serial = f"pg_get_serial_sequence('{name(table)}', 'id')"
        statements += [str(text), f"select setval({serial}, max(id)) from {name(table)}"]
    return statements
