"""Patterns that give Flask-Admin the session of Flask-SQLAlchemy."""

from flask_sqlalchemy import SQLAlchemy

from experiments.session_scoping.rig.application import Post, PostView, User, UserView
from experiments.session_scoping.rig.engines import NoteView


def session(app, admin):
    db = SQLAlchemy(app)
    admin.add_view(UserView(User, db.session))
    admin.add_view(PostView(Post, db.session))
    return lambda: db.session


def db(app, admin):
    db = SQLAlchemy(app)
    admin.add_view(UserView(User, db))
    admin.add_view(PostView(Post, db))
    return lambda: db.session


def session_before_init_app(app, admin):
    db = SQLAlchemy()
    admin.add_view(UserView(User, db.session))
    admin.add_view(PostView(Post, db.session))
    db.init_app(app)
    return lambda: db.session


def db_before_init_app(app, admin):
    db = SQLAlchemy()
    admin.add_view(UserView(User, db))
    admin.add_view(PostView(Post, db))
    db.init_app(app)
    return lambda: db.session


# --- An application factory's global ------------------------------------------------------------

global_db = SQLAlchemy()


def db_global(app, admin):
    global_db.init_app(app)
    admin.add_view(UserView(User, global_db))
    admin.add_view(PostView(Post, global_db))
    return lambda: global_db.session


# --- A second engine ----------------------------------------------------------------------------

bound_db = SQLAlchemy()


class BoundNote(bound_db.Model):  # type: ignore[name-defined]
    """A note, in the second database."""

    __tablename__ = "note"
    __bind_key__ = "other"
    id = bound_db.Column(bound_db.Integer, primary_key=True)
    text = bound_db.Column(bound_db.String(80), nullable=False)


def bind(app, admin):
    app.config["SQLALCHEMY_BINDS"] = {"other": app.config["OTHER_DATABASE_URL"]}
    bound_db.init_app(app)
    admin.add_view(UserView(User, bound_db))
    admin.add_view(PostView(Post, bound_db))
    admin.add_view(NoteView(BoundNote, bound_db, endpoint="note"))
    return lambda: bound_db.session


# --- The backend alone, for inspection ----------------------------------------------------------


def flask_sqlalchemy_itself(app):
    db = SQLAlchemy(app)
    return lambda: db.session
