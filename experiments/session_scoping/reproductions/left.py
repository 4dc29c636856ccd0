"""What requests leave behind."""

import gc
from weakref import WeakSet

from sqlalchemy import event
from sqlalchemy.orm import Session
from sqlalchemy.pool import Pool

OUT, ALIVE = set(), WeakSet()


def watch_what_is_left():
    """Note which connections are checked out, and each session as long as something holds it."""
    event.listen(Pool, "checkout", lambda _, entry, __: OUT.add(entry))
    event.listen(Pool, "checkin", lambda _, entry: OUT.discard(entry))
    create = Session.__init__

    def created(session, *args, **kwargs):
        create(session, *args, **kwargs)
        ALIVE.add(session)

    Session.__init__ = created


def left():
    """Return what is left, in words: connections as it is, sessions after garbage is collected."""
    if OUT:
        return f"{len(OUT)} connection(s) checked out"
    gc.collect()
    return f"{len(ALIVE)} session(s) held" if ALIVE else ""
