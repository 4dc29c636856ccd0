"""What requests leave behind."""

import gc
from weakref import WeakSet

from sqlalchemy import event
from sqlalchemy.orm import Mapper, Session
from sqlalchemy.pool import Pool

OUT, ALIVE, INSTANCES = set(), WeakSet(), WeakSet()


def watch_what_is_left():
    """Note which connections are out, and sessions and instances as long as they are held."""
    event.listen(Mapper, "load", lambda instance, _: INSTANCES.add(instance))
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
