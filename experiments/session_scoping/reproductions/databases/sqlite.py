"""SQLite, in a file that is removed at the end."""

import tempfile
from contextlib import contextmanager

DRIVERS = ("sqlite+aiosqlite",)
RULES = [
    f"create trigger {change}_rule before {change} on post when {row}.title = '{title}'"
    " begin select raise(abort, 'a rule of the database refuses it'); end"
    for change, row, title in (
        ("insert", "new", "Refused"),
        ("update", "new", "Refused"),
        ("delete", "old", "Kept"),
    )
]
FOLDER = tempfile.TemporaryDirectory()


@contextmanager
def refusing_commits(engine):
    """Read in a transaction: a commit must wait for its readers, and nobody waits."""
    with engine.connect() as connection:
        connection.exec_driver_sql("begin")
        connection.exec_driver_sql("select * from post").all()
        yield


def new_database():
    """Return the URL of an empty database, and what its connections are given: nobody waits."""
    file = tempfile.mkstemp(dir=FOLDER.name)[1]
    return f"sqlite:///{file}", {"check_same_thread": False, "timeout": 0}
