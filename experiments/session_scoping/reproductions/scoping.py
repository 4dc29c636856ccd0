"""Whose session it is: one for each request, one in a request, one for each thread."""

import sys
import weakref

from flask.ctx import AppContext

from experiments.session_scoping.reproductions.application import ERRORS, ask, start
from experiments.session_scoping.reproductions.sessions import USED, sessions, watch_uses

CREATE = "/admin/post/new/", {"title": "New", "author": "1"}
LIST = "/admin/post/", {}


def request_scoped(pattern):
    """List the posts, create one, list them again: did one session serve two of the requests?"""
    app = start(pattern)
    watch_uses()
    AppContext.__new__ = staticmethod(at_the_same_address)
    for path, form in (LIST, CREATE, LIST):
        ask(app, path, **form)
    served = [one for name in list(USED) for one in sessions(name)]
    if len(served) > len(set(served)):
        return "refuted"
    return "supported" if len(USED) == 3 and not ERRORS else None


DEAD = []


def at_the_same_address(cls, *_):
    """Make a context where a dead one was, as the allocator may do at any time."""
    dead = DEAD[0] if DEAD else None
    if dead is None or sys.getrefcount(dead) > 3 or weakref.getweakrefcount(dead):
        DEAD[:] = [object.__new__(cls)]
    else:
        vars(dead).clear()
    return DEAD[0]


def one_session_per_request(pattern):
    """List, open a form and fill it in: do the fields, the validators and the view use one session?

    A list counts the rows and loads them; a post's form loads the users to choose from; a user's
    form looks whether the name is taken.
    """
    app = start(pattern)
    watch_uses()
    ask(app, "/admin/post/")
    ask(app, "/admin/post/new/")
    ask(app, "/admin/post/new/", title="New", author="1")
    ask(app, "/admin/user/new/", name="Cleo")
    if any(len(sessions(name)) > 1 for name in list(USED)):
        return "refuted"
    return "supported" if any(len(uses) > 1 for uses in USED.values()) else None
