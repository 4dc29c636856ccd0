"""Which session is used in which request."""

from collections import defaultdict
from itertools import count

from flask import request
from sqlalchemy import event
from sqlalchemy.orm import Session

LABELS = (f"S{number}" for number in count(1))
USED = defaultdict(list)


def watch_uses():
    """Note the sessions that each request uses: to query, to flush or to commit.

    A session is told by a label in it, never by its address, which another may have later.
    """

    def note(session, *_):
        if request:
            label = session.info.get("label") or session.info.setdefault("label", next(LABELS))
            USED[request.headers["Name"]].append(label)

    event.listen(Session, "do_orm_execute", lambda state: note(state.session))
    event.listen(Session, "before_flush", note)
    event.listen(Session, "before_commit", note)


def sessions(name):
    """Return the labels of the sessions that a request used, in order of first use."""
    return list(dict.fromkeys(USED[name]))
