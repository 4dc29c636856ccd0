"""What a request does beside its session."""

from flask import request
from sqlalchemy import event
from sqlalchemy.orm import Session
from sqlalchemy.pool import Pool

from experiments.session_scoping.reproductions.application import (
    MarkedView,
    PostView,
    UserView,
    ask,
    start,
)

__all__ = ["MarkedView", "PostView", "UserView", "works_in_session"]

GIVEN, OF_SESSIONS, BESIDE = [], [], []


def works_in_session(pattern):
    """List, create, edit and delete: is each connection that the pool gives out for a session?"""
    app = start(pattern)
    event.listen(Pool, "checkout", given)
    event.listen(Session, "after_begin", for_a_session)
    event.listen(Pool, "checkin", taken_back)
    ask(app, "/admin/user/")
    ask(app, "/admin/post/new/", title="New", author="2")
    ask(app, "/admin/post/edit/?id=2", title="Edited", author="1")
    ask(app, "/admin/post/delete/", id="2")
    print(f"A connection was given out for a session {len(OF_SESSIONS)} times,")
    print(f"and for nobody's session {len(BESIDE)} times.")
    return "refuted" if BESIDE else "supported" if OF_SESSIONS else None


def given(connection, *_):
    """Note a connection that is given out while a request is handled."""
    if request:
        GIVEN.append(connection)


def for_a_session(session, transaction, connection):
    """Note that a session got a connection."""
    raw = connection.connection.dbapi_connection
    if raw in GIVEN:
        GIVEN.remove(raw)
        OF_SESSIONS.append(raw)


def taken_back(connection, *_):
    """Note a connection that comes back and that no session had."""
    if connection in GIVEN:
        GIVEN.remove(connection)
        BESIDE.append(connection)
