"""Application contexts beside the request's own."""

import gc

from flask import current_app
from sqlalchemy.orm import object_session

from experiments.session_scoping.reproductions.acting import (
    MarkedView,
    PostView,
    UserView,
    perform,
    start_acting,
)
from experiments.session_scoping.reproductions.application import ERRORS, User, rows
from experiments.session_scoping.reproductions.left import ALIVE, OUT, watch_what_is_left
from experiments.session_scoping.reproductions.sessions import label
from experiments.session_scoping.reproductions.verdicts import together

__all__ = ["MarkedView", "PostView", "UserView", "nested_context_safe"]


def nested_context_safe(pattern):
    """Push a context inside a request that has changes pending, commit in it, and go on."""
    watch_what_is_left()
    seen = []
    for way in ("action", "own route"):
        ERRORS.clear()
        app = start_acting(pattern)
        found = []
        perform(app, way, lambda session_of, found=found: nest(session_of, found))
        stored = {name for (name,) in rows(app, 'select name from "user"')}
        wrong = [told for told, is_so in found if not is_so]
        print(f"In the {way}: {'; '.join(wrong) or 'each kept to its own session'}.")
        if not found:
            seen.append(None)
        elif wrong or len(found) < 8 or stored != {"Changed", "Inner", "Added"}:
            return "refuted"
        else:
            seen.append("supported")
    return together(seen)


def nest(session_of, found):
    """Note what is so, in words for where it is not, as far as it gets."""
    user = session_of().get(User, 1)
    session_of().add(User(name="Added"))
    user.name = "Changed"
    outer, out = object_session(user), len(OUT)
    transaction = outer.get_transaction()
    found.append(("no session could be used in the inner context", False))
    with current_app.app_context():
        other = session_of().get(User, 2)
        inner = label(object_session(other))
        found[:] = [("the inner context used the request's session", inner != label(outer))]
        other.name = "Inner"
        session_of().commit()
        session_of().refresh(other)  # which leaves a transaction to be closed
    found.append(("the inner session was left with its connection", len(OUT) <= out))
    gc.collect()
    held = any(session.info.get("label") == inner for session in ALIVE)
    found.append(("the inner session was left", not held))
    again = object_session(session_of().get(User, 1))
    found.append(("the request had another session afterwards", again is outer))
    found.append(("its pending row was lost", len(outer.new) == 1))
    found.append(("its change was lost", user in outer.dirty))
    found.append(("its transaction was lost", outer.get_transaction() is transaction))
    session_of().commit()
    found.append(("it could not commit", True))
