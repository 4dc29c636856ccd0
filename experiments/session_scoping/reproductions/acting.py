"""Tasks that the application does with a session: in an action of its admin, in its own route."""

from flask import current_app
from flask_admin.actions import action
from flask_admin.contrib.sqla import ModelView

from experiments.session_scoping.reproductions.application import ask, start


class MarkedView(ModelView):
    """A view with an action that does the application's `TASK` with the view's own session."""

    @action("perform", "Perform a task")
    def perform(self, ids):
        return current_app.config["TASK"](lambda: self.get_query().session)


class UserView(MarkedView):
    """Users."""


class PostView(MarkedView):
    """Posts, whose author is chosen from a list."""


PATHS = {"action": "/admin/user/action/", "own route": "/perform"}


def start_acting(pattern):
    """Return the application under the pattern, with a route that does its `TASK`, too."""
    app = start(pattern)

    @app.post("/perform")
    def perform():
        return app.config["TASK"](app.config["SESSION"]) or "done"

    return app


def perform(app, way, task):
    """Let the application do a task, which is given a way to a session."""
    app.config["TASK"] = task
    return ask(app, PATHS[way], action="perform", rowid="1")
