"""The application's own code beside the admin."""

from flask import current_app, request
from sqlalchemy.orm import object_session

from experiments.session_scoping.reproductions.application import User, ask, start
from experiments.session_scoping.reproductions.marked import MarkedView, PostView, UserView
from experiments.session_scoping.reproductions.sessions import USED, label, sessions, watch_uses

__all__ = ["MarkedView", "PostView", "UserView", "shares_session_with_application"]

OWN = {}


def shares_session_with_application(pattern):
    """Inside the admin's views, use the application's own session: is it the one they use?"""
    app = start(pattern)
    watch_uses()
    app.config["MARK"] = use_own_session
    ask(app, "/admin/user/")
    ask(app, "/admin/post/new/", title="New", author="1")
    for name in list(USED):
        if len({*sessions(name), *OWN.get(name, [])}) > 1:
            print(f"In {name}, the application's own was {OWN[name][0]}.")
            return "refuted"
    return "supported" if USED and USED.keys() == OWN.keys() else None


def use_own_session():
    """Use the application's session, as a hook such as `on_model_change` would."""
    user = current_app.config["SESSION"]().get(User, 1)
    OWN[request.headers["Name"]] = [label(object_session(user))]
