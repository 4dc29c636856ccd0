"""Requests that overlap."""

from threading import Thread

from sqlalchemy.orm import Session

from experiments.session_scoping.reproductions.application import ERRORS, ask, start
from experiments.session_scoping.reproductions.marked import MarkedView, PostView, UserView
from experiments.session_scoping.reproductions.sessions import USED, label, sessions, watch_uses

__all__ = ["MarkedView", "PostView", "UserView", "thread_isolated"]

CREATE = "/admin/post/new/", {"title": "New", "author": "1"}
LIST = "/admin/post/", {}


def thread_isolated(pattern):
    """Inside a view that creates a post, list them on another thread, then the other way round."""
    app = start(pattern)
    watch_uses()
    closed = watch_closing()
    for outer, (path, form) in ((CREATE, LIST), (LIST, CREATE)):
        USED.clear()
        closed_meanwhile = []

        def meanwhile(path=path, form=form, found=closed_meanwhile):
            app.config["MARK"] = lambda: None
            before = len(closed)
            thread = Thread(target=ask, args=(app, path), kwargs=form)
            thread.start()
            thread.join()
            found += closed[before:]

        app.config["MARK"] = meanwhile
        ask(app, outer[0], **outer[1])
        first, second = [*map(sessions, list(USED)), [], []][:2]
        if {*first} & {*second, *closed_meanwhile}:
            print("Both used one session, or one of them closed the other's.")
            return "refuted"
        if not first or not second or ERRORS:
            return None
    return "supported"


def watch_closing():
    """Return the list to which the label of each session is added that is closed."""
    closed, close = [], Session.close

    def closes(session):
        closed.append(label(session))
        close(session)

    Session.close = closes
    return closed
