"""What is left after answers of other kinds than a page."""

from flask import abort, redirect

from experiments.session_scoping.reproductions.acting import (
    PATHS,
    MarkedView,
    PostView,
    UserView,
    perform,
    start_acting,
)
from experiments.session_scoping.reproductions.application import User, ask, rows
from experiments.session_scoping.reproductions.left import left, watch_what_is_left
from experiments.session_scoping.reproductions.sessions import USED, watch_uses

__all__ = ["MarkedView", "PostView", "UserView", "closed_after_any_answer"]

ENDS = {404: lambda: abort(404), 302: lambda: redirect("/elsewhere")}
LEFT = "select name from \"user\" where name like 'Left%'"


def closed_after_any_answer(pattern):
    """Add a row, then abort or redirect without a commit; look, and commit something else."""
    watch_uses()
    watch_what_is_left()
    app, as_meant = start_acting(pattern), True
    for way in PATHS:
        for status, end in ENDS.items():

            def leave(session_of, name=f"Left by {way}, {status}", end=end):
                session_of().add(User(name=name))
                session_of().flush()
                return end()

            answered = perform(app, way, leave)[0]
            what_is_left = left()
            print(f"   left: {what_is_left or 'nothing'}")
            created = ask(app, "/admin/post/new/", title="Next", author="1")[0]
            stored = rows(app, LEFT)
            if stored:
                print("   what was left uncommitted is stored")
            if what_is_left or left() or stored:
                return "refuted"
            as_meant = as_meant and (answered, created) == (status, 302)
    return "supported" if as_meant and len(USED) == 2 * len(PATHS) * len(ENDS) else None
