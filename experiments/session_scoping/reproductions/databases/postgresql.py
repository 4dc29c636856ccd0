"""PostgreSQL, in a database of the script's own, which is dropped at the end."""

import atexit
import os
import sys
from contextlib import contextmanager
from itertools import count

from sqlalchemy import create_engine, make_url, text
from sqlalchemy.pool import NullPool

DRIVERS = ("postgresql+psycopg", "postgresql+asyncpg")
RULES = [
    "create function refuse() returns trigger language plpgsql as $$ begin raise 'a rule of the"
    " database refuses it' using errcode = 'integrity_constraint_violation'; end $$",
    "create trigger write_rule before insert or update on post for each row"
    " when (new.title = 'Refused') execute function refuse()",
    "create trigger delete_rule before delete on post for each row"
    " when (old.title = 'Kept') execute function refuse()",
]
COMMIT_RULES = [
    "create function refuse_commit() returns trigger language plpgsql as $$ begin"
    " if not pg_try_advisory_xact_lock_shared(11) then raise 'the database refuses to commit'"
    " using errcode = 'serialization_failure'; end if; return null; end $$",
    'create constraint trigger commit_rule after insert on "user" deferrable initially deferred'
    " for each row execute function refuse_commit()",
]


@contextmanager
def refusing_commits(engine):
    """Hold the lock that a rule of the database asks for when users are committed."""
    with engine.connect() as connection:
        for rule in COMMIT_RULES:
            connection.exec_driver_sql(rule)
        connection.commit()
        connection.exec_driver_sql("select pg_advisory_lock(11)")
        yield


DATABASES = (f"repro_{os.getpid()}_{number}" for number in count(1))


def new_database():
    """Return the URL of an empty database on your server, and what its connections are given."""
    if "DATABASE_URL" not in os.environ:
        print("Set DATABASE_URL to a PostgreSQL server (postgresql://me@localhost/postgres) where")
        print("you may create databases: this creates its own and drops it at the end.")
        sys.exit(3)
    server = make_url(os.environ["DATABASE_URL"]).set(drivername="postgresql+psycopg")
    engine = create_engine(server, poolclass=NullPool, isolation_level="AUTOCOMMIT")

    def tell(statement):
        with engine.connect() as connection:
            connection.execute(text(statement))

    name = next(DATABASES)
    tell(f"create database {name}")
    tell(f"alter database {name} set lock_timeout = 100")  # milliseconds
    atexit.register(tell, f"drop database {name} with (force)")
    return server.set(database=name).render_as_string(hide_password=False), {}
