"""What an admin's operations leave behind where they fail."""

from flask import current_app
from flask_admin.actions import action
from flask_admin.contrib.sqla import ModelView
from sqlalchemy import event
from sqlalchemy.engine import Engine
from sqlalchemy.exc import OperationalError

from experiments.session_scoping.reproductions.application import User, ask, change, rows, start
from experiments.session_scoping.reproductions.databases.sqlite import RULES, refusing_commits

__all__ = [
    "MarkedView",
    "PostView",
    "UserView",
    "recovers_from_hook_after_commit",
    "recovers_from_raising_hook",
    "recovers_from_refused_commit",
    "recovers_from_refused_commit_in_route",
    "recovers_where_errors_are_raised",
]

FAILED = []


class HookFailed(Exception):
    """What a hook raises."""


class MarkedView(ModelView):
    """A view whose hook of the name `HOOK` adds a user to the session and raises, once."""

    def hook(self, name):
        if current_app.config.get("HOOK") == name:
            current_app.config["HOOK"] = ""
            self.get_query().session.add(User(name="Left by a hook"))
            FAILED.append(name)
            raise HookFailed(name)

    def on_model_change(self, form, model, is_created):
        self.hook("on_model_change")

    def after_model_change(self, form, model, is_created):
        self.hook("after_model_change")

    def on_model_delete(self, model):
        self.hook("on_model_delete")

    def after_model_delete(self, model):
        self.hook("after_model_delete")

    @action("delete", "Delete", "Are you sure?")
    def action_delete(self, ids):  # psycopg compares no keys with texts (Flask-Admin issue 2951)
        return super().action_delete([int(key) for key in ids])


class UserView(MarkedView):
    """Users."""


class PostView(MarkedView):
    """Posts, whose author is chosen from a list."""


def recovers_from_refused_commit(pattern):
    """Write and delete posts that a trigger of the database refuses; list and create after each."""
    path, form = "/admin/post/action/", {"action": "delete", "rowid": ["1", "2"]}
    app = start_refusing(pattern)
    came = attempt_all(app, {**REFUSED, "bulk delete": (path, form, -1)})
    if came != "supported":
        return came
    MarkedView.fast_mass_delete = True
    return attempt_all(app, {"bulk delete in one statement": (path, form, 0)})


def recovers_where_errors_are_raised(pattern):
    """Write and delete posts that a trigger refuses, where Flask-Admin raises what fails."""
    app = start_refusing(pattern)
    app.config["FLASK_ADMIN_RAISE_ON_VIEW_EXCEPTION"] = True
    app.config["ADMIN_RAISE_ON_VIEW_EXCEPTION"] = True  # its name before Flask-Admin 2.0.0
    return attempt_all(app, REFUSED, may_raise=True)


def recovers_from_raising_hook(pattern):
    """Write and delete posts while a hook before the commit raises; list and create after each."""
    attempts = {
        "delete": ("/admin/post/delete/", {"id": "1"}, 0),
        "create": ("/admin/post/new/", {"title": "New", "author": "1"}, 0),
        "edit": ("/admin/post/edit/?id=2", {"title": "Edited", "author": "1"}, 0),
        "bulk delete": ("/admin/post/action/", {"action": "delete", "rowid": ["1", "2"]}, -1),
    }
    return attempt_all(start(pattern), attempts, hook="on")


def recovers_from_hook_after_commit(pattern):
    """Write and delete posts while a hook after the commit raises; list and create after each."""
    attempts = {
        "delete": ("/admin/post/delete/", {"id": "1"}, -1),
        "create": ("/admin/post/new/", {"title": "New", "author": "1"}, 1),
        "edit": ("/admin/post/edit/?id=2", {"title": "Edited", "author": "1"}, 0),
    }
    return attempt_all(start(pattern), attempts, hook="after", may_raise=True)


def recovers_from_refused_commit_in_route(pattern):
    """Add a user in an own route whose commit is refused: does a later create store it, too?"""
    app = start(pattern)
    event.listen(Engine, "handle_error", lambda error: FAILED.append(error.statement))

    @app.post("/users")
    def add():
        session = app.config["SESSION"]()
        session.add(User(name="Gina"))
        session.commit()
        return "added"

    if not works(app, "at first"):
        return None
    with refusing_commits(app.config["OWN_ENGINE"]):
        ask(app, "/users", name="Gina")
    if not FAILED:
        return None
    ask(app, "/admin/post/new/", title="right after", author="2")
    try:
        users = stored(app)[1]
    except OperationalError as error:
        print(f"Nobody else can read: {error.orig}")
        return "refuted"
    print(f"These users are stored: {users}")
    return "refuted" if "Gina" in users or not works(app, "later") else "supported"


REFUSED = {
    "delete": ("/admin/post/delete/", {"id": "1"}, 0),
    "create": ("/admin/post/new/", {"title": "Refused", "author": "1"}, 0),
    "edit": ("/admin/post/edit/?id=2", {"title": "Refused", "author": "1"}, 0),
}
"""Of each operation its address, its form, and how many posts are to be more after it."""


def start_refusing(pattern):
    """Return the application under the pattern, with triggers that refuse posts."""
    app = start(pattern)
    for rule in RULES:
        change(app, rule)
    change(app, "update post set title = 'Kept' where id = 1")
    event.listen(Engine, "handle_error", lambda error: FAILED.append(error.statement))
    return app


def attempt_all(app, attempts, hook="", may_raise=False):
    """Attempt each, and see how many posts are more or less, and whether what follows works."""
    if not works(app, "at first"):
        return None
    for name, (path, form, more) in attempts.items():
        FAILED.clear()
        if hook:
            app.config["HOOK"] = f"{hook}_model_{'delete' if 'delete' in name else 'change'}"
        before = stored(app)
        status, _ = ask(app, path, **form)
        left = stored(app)
        if not FAILED:
            return None
        print(f"   This failed: {name}; there were {before[0]} posts, there are {left[0]}.")
        raised = status == 500 and not may_raise
        if raised or left != (before[0] + more, before[1]) or not works(app, f"after {name}"):
            print("It left more than it was to, or it hindered the next requests.")
            return "refuted"
    return "supported"


def stored(app):
    """Return how many posts are stored, and which users."""
    users = rows(app, 'select name from "user" order by id')
    return rows(app, "select count(*) from post")[0][0], str(users)


def works(app, when):
    """List the users and create a post: does that work, and nothing else?"""
    users = stored(app)[1]
    listed = "Ann" in ask(app, "/admin/user/")[1]
    ask(app, "/admin/post/new/", title=when, author="2")
    created = rows(app, f"select 1 from post where title = '{when}'")
    return bool(listed and created) and stored(app)[1] == users
