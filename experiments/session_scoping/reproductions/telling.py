"""What Flask-Admin tells of its operations: those who use it, and the hooks of its views."""

from flask import get_flashed_messages
from flask_admin.contrib.sqla import ModelView
from sqlalchemy import event
from sqlalchemy.orm import Session

from experiments.session_scoping.reproductions.application import Post, User, ask, change, start
from experiments.session_scoping.reproductions.databases.sqlite import RULES

__all__ = [
    "MarkedView",
    "Post",
    "PostView",
    "User",
    "UserView",
    "hooks_before_flush",
    "tells_outcomes",
]

SAID = []
FLUSHED = []
EARLY = []


class MarkedView(ModelView):
    """A view that notes what was said in a request, and what was flushed before its hook."""

    def _run_view(self, fn, *args, **kwargs):
        response = super()._run_view(fn, *args, **kwargs)
        SAID.extend(get_flashed_messages())
        return response

    def on_model_change(self, form, model, is_created):
        EARLY.append(list(FLUSHED))


class UserView(MarkedView):
    """Users."""


class PostView(MarkedView):
    """Posts, whose author is chosen from a list."""


def tells_outcomes(pattern):
    """Write and delete posts, some of which a trigger of the database refuses: what is said?"""
    app = start(pattern)
    for rule in RULES:
        change(app, rule)
    seen = set()
    for name, path, form, done in (
        ("create", "new/", {"title": "New", "author": "1"}, True),
        ("edit", "edit/?id=1", {"title": "Edited", "author": "1"}, True),
        ("delete", "delete/", {"id": "1"}, True),
        ("a create that is refused", "new/", {"title": "Refused", "author": "1"}, False),
        ("an edit that is refused", "edit/?id=2", {"title": "Refused", "author": "1"}, False),
    ):
        SAID.clear()
        ask(app, f"/admin/post/{path}", **form)
        print(f"   What is said of {name}: {', '.join(SAID)[:60] or 'nothing'}")
        seen.add([done] == ["successfully" in text for text in SAID])
    return "supported" if seen == {True} else "refuted"


def hooks_before_flush(pattern):
    """Create and edit: is anything flushed before the hook `on_model_change` is called?"""
    app = start(pattern)
    event.listen(Session, "after_flush", lambda *_: FLUSHED.append("a flush"))
    for path, form in (
        ("user/new/", {"name": "Cleo"}),
        ("user/edit/?id=1", {"name": "Anna"}),
        ("post/new/", {"title": "New", "author": "1"}),
        ("post/edit/?id=2", {"title": "Edited", "author": "1"}),
    ):
        FLUSHED.clear()
        ask(app, f"/admin/{path}", **form)
        if not FLUSHED:
            return None
    early = sum(map(bool, EARLY))
    print(f"Of {len(EARLY)} hooks, {early} came after a flush.")
    return "refuted" if early else "supported" if EARLY else None
