"""Whose session it is: one for each request, one in a request, one for each thread."""

import sys
import weakref

from flask.ctx import AppContext

from experiments.session_scoping.reproductions.application import ask, start
from experiments.session_scoping.reproductions.sessions import USED, sessions, watch_uses

DEAD = []


def at_the_same_address(cls, *_):
    """Make a context where a dead one was, as the allocator may do at any time."""
    dead = DEAD[0] if DEAD else None
    if dead is None or sys.getrefcount(dead) > 3 or weakref.getweakrefcount(dead):
        DEAD[:] = [object.__new__(cls)]
    else:
        vars(dead).clear()
    return DEAD[0]


def request_scoped(pattern):
    """List the posts, create one, list them again: did one session serve two of the requests?"""
    app = start(pattern)
    watch_uses()
    AppContext.__new__ = staticmethod(at_the_same_address)
    create = {"title": "New", "author": "1"}
    for path, form in (("", {}), ("new/", create), ("", {})):
        ask(app, f"/admin/post/{path}", **form)
    served = [one for name in USED for one in sessions(name)]
    if len(served) > len(set(served)):
        return "refuted"
    return "supported" if len(served) == 3 and not ERRORS else None
