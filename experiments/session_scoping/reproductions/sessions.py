"""Which session is used in which request."""

from collections import defaultdict
from itertools import count

from flask import request
from sqlalchemy import event
from sqlalchemy.orm import Session

LABELS = (f"S{number}" for number in count(1))
USED = defaultdict(list)


def label(session):
    """Return what a session is called: by a label in it, for another may have its address later."""
    return session.info.get("label") or session.info.setdefault("label", next(LABELS))


def watch_uses():
    """Note the session each time a request queries, flushes or commits."""

    def note(session, *_):
        if request:
            USED[request.headers["Name"]].append(label(session))

    event.listen(Session, "do_orm_execute", lambda state: note(state.session))
    event.listen(Session, "before_flush", note)
    event.listen(Session, "before_commit", note)


def sessions(name):
    """Return the sessions that a request used, in order of first use, and say them."""
    used = list(dict.fromkeys(USED[name]))
    print(f"{name} used {' and '.join(used) or 'no session'}, {len(USED[name])} times.")
    return used
