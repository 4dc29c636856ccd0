"""Operations that overlap: whose session each uses, and the rows that are left."""

from threading import Thread

from sqlalchemy import event
from sqlalchemy.orm import Session

from experiments.session_scoping.reproductions.application import ERRORS, ask, rows, start
from experiments.session_scoping.reproductions.marked import MarkedView, PostView, UserView
from experiments.session_scoping.reproductions.sessions import USED, sessions, watch_uses
from experiments.session_scoping.reproductions.verdicts import together

__all__ = ["MarkedView", "PostView", "UserView", "operations_isolated", "overlaps_serializable"]

LIST = "/admin/post/", {}
CREATE = "/admin/user/new/", {"name": "Cleo"}
OPERATIONS = {
    "list": ("/admin/user/", {}),
    "edit form": ("/admin/user/edit/?id=2", {}),
    "create": CREATE,
    "edit": ("/admin/user/edit/?id=2", {"name": "Benedict"}),
    "delete": ("/admin/post/delete/", {"id": "2"}),
}


def operations_isolated(pattern):
    """Inside a view that lists posts, do one operation after the other on another thread."""
    app = start(pattern)
    watch_uses()
    seen = []
    for name, operation in OPERATIONS.items():
        USED.clear()

        def meanwhile(operation=operation):
            app.config["MARK"] = lambda: None
            on_a_thread(app, operation)

        app.config["MARK"] = meanwhile
        ask(app, LIST[0])
        print(f"The list, and inside it: {name}.")
        first, second = [*map(sessions, list(USED)), [], []][:2]
        if {*first} & {*second}:
            return "refuted"
        seen.append("supported" if first and second and not ERRORS else None)
    return together(seen)


def overlaps_serializable(pattern):
    """When a post has been flushed, and not committed, list the posts, then create a user.

    The post was first, so that nothing keeps it from being stored. A user may be refused, as the
    database may be locked, and is then not stored. There are as many connections as requests.
    """
    app = start(pattern, pool_size=2)
    app.config["MARK"] = lambda: None
    return together([created(app, "Third", LIST), created(app, "Fourth", CREATE)])


def created(app, title, operation):
    """Create a post, do an operation when it was flushed: is what is stored what was answered?"""
    answers = []

    def meanwhile(*_):
        if not answers:
            answers.append(None)
            answers[0] = on_a_thread(app, operation)

    event.listen(Session, "after_flush", meanwhile)
    status, _ = ask(app, "/admin/post/new/", title=title, author="1")
    event.remove(Session, "after_flush", meanwhile)
    if not answers or "TimeoutError" in ERRORS:
        return None
    posts = rows(app, f"select 1 from post where title = '{title}'")
    users = rows(app, "select 1 from \"user\" where name = 'Cleo'")
    print(f"The post: {status}, stored: {bool(posts)}. The user is stored: {bool(users)}.")
    right = status == 302 and posts and (answers[0] == 302) == bool(users)
    return "supported" if right else "refuted"


def on_a_thread(app, operation):
    """Do an operation on another thread; return the answer's status."""
    path, form = operation
    answers = []
    thread = Thread(target=lambda: answers.append(ask(app, path, **form)))
    thread.start()
    thread.join()
    return answers[0][0]
