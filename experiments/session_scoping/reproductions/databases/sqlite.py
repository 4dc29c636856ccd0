"""SQLite, in a file that is removed at the end."""

import tempfile

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


def new_database():
    """Return the URL of an empty database, and what its connections are given: nobody waits."""
    file = tempfile.mkstemp(dir=FOLDER.name)[1]
    return f"sqlite:///{file}", {"check_same_thread": False, "timeout": 0}
