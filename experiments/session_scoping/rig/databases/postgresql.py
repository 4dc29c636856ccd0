"""PostgreSQL: each warm parent has its own database, which is refilled for each of its cells.

The application connects through psycopg 3. `postgresql_server` runs the server.
"""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import psycopg
from sqlalchemy import create_engine
from sqlalchemy.engine import Engine
from sqlalchemy.exc import NoSuchModuleError
from sqlalchemy.pool import NullPool

from casebook.record import NoDatabase
from experiments.session_scoping.rig.application import ROWS, Base
from experiments.session_scoping.rig.databases import rules

USER = "casebook"
"""The server's only role, created by `postgresql_server`."""

LOCK_TIMEOUT = 100
"""Milliseconds to wait for a lock before failing. Requests run one at a time, so no lock is
released meanwhile, and the number changes only how long a failure takes."""

BRIEF_LOCK_TIMEOUT = 10
"""The same where many requests meet a lock. Nothing but them holds one: no request was cut off."""

OPTIONS = f"-c lock_timeout={LOCK_TIMEOUT}"


class Postgresql:
    """A database on a server, emptied and refilled for each cell."""

    connect_args: dict[str, Any] = {"options": OPTIONS}  # noqa: RUF012 - as the protocol declares

    def __init__(self, server: str, name: str) -> None:
        self._server = server
        self._name = name
        self.private: tuple[str, ...] = (name,)
        self._connection: Any = None
        self._refill = ""

    def make(self) -> None:
        """Create the database and its tables, and prepare the statements that fill them."""
        with psycopg.connect(self._conninfo("postgres"), autocommit=True) as connection:
            connection.execute(f"create database {self._name}")
        engine = self._engine()
        Base.metadata.create_all(engine)
        with psycopg.connect(self._conninfo(self._name), autocommit=True) as connection:
            for rule in rules.POSTGRESQL:
                connection.execute(rule)
        self._refill = ";\n".join(_filling(engine.dialect))

    def _engine(self) -> Engine:
        """Return an engine; raise NoDatabase where SQLAlchemy has no dialect for the driver."""
        try:
            return create_engine(self.url, poolclass=NullPool)
        except NoSuchModuleError as error:  # SQLAlchemy before 2.0 knows no psycopg 3
            raise NoDatabase(f"{type(error).__name__}: {error}") from error

    @property
    def url(self) -> str:
        """The database's URL for SQLAlchemy."""
        return f"postgresql+psycopg://{USER}@/{self._name}?host={self._server}"

    def _conninfo(self, name: str) -> str:
        return psycopg.conninfo.make_conninfo(
            host=self._server, user=USER, dbname=name, options=OPTIONS
        )

    def fresh(self, folder: str) -> str:
        """End connections left by an earlier cell, empty and refill the tables; return the URL."""
        self._connection = psycopg.connect(self._conninfo(self._name), autocommit=True)
        self.end_others()
        self._connection.execute(self._refill)
        return self.url

    def wait_briefly(self) -> None:
        """Shorten the lock timeout of the application's connections."""
        self.connect_args = {"options": f"-c lock_timeout={BRIEF_LOCK_TIMEOUT}"}

    def rows(self, query: str) -> list[tuple[Any, ...]]:
        """Return a query's rows."""
        return self._connection.execute(query).fetchall()

    def change(self, statement: str) -> str | None:
        """Execute and commit a statement; return the error's text if a row is locked."""
        try:
            self._connection.execute(statement)
        except psycopg.errors.LockNotAvailable as error:
            return str(error)
        return None

    @contextmanager
    def refusing_commits(self) -> Iterator[None]:
        """Hold the lock for which the database's rule on commits asks."""
        self._connection.execute(f"select pg_advisory_lock({rules.LOCK})")
        try:
            yield
        finally:
            self._connection.execute(f"select pg_advisory_unlock({rules.LOCK})")

    def end_others(self) -> int:
        """End all connections but the experiment's own; return their number once they are gone.

        PostgreSQL can wait for that itself, but looks only every 100 milliseconds.
        """
        ended = self.rows(END_OTHERS)
        for process, _ in ended:
            while _exists(process):
                time.sleep(0.001)
        return len(ended)


OTHERS = "pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()"
"""SQL for the connections to this database other than the experiment's own."""

END_OTHERS = f"select pid, pg_terminate_backend(pid) from {OTHERS}"
"""Query that ends them and returns the ids of their processes on the server."""

IDLE_IN_TRANSACTION = f"select count(*) from {OTHERS} and state like 'idle in transaction%'"
"""Query that counts those that are idle in a transaction."""


def prepare(server: str) -> Postgresql:
    """Return a database for this process, with its tables, on the server at this address."""
    database = Postgresql(server, f"casebook_{os.getpid()}")
    database.make()
    return database


def _exists(process: int) -> bool:
    """Return whether a process of the server, which runs on this machine, has not ended yet."""
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    return True


def _filling(dialect: Any) -> list[str]:
    """Return the statements that reset the database to the rows of `application.ROWS`.

    Tables are truncated rather than deleted from, so that rows have the same physical positions in
    every cell.
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
