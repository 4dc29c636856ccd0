"""Patterns that give Flask-Admin the session of flask-sqlalchemy-session2024."""

from sqlalchemy import create_engine
from sqlalchemy.orm import sessionmaker

from experiments.session_scoping.rig.application import Post, PostView, User, UserView

try:
    import flask_sqlalchemy_session
    from flask_sqlalchemy_session import current_session
except ModuleNotFoundError:  # release 2.0.0 calls its module otherwise
    import flask_sqlalchemy_session2024 as flask_sqlalchemy_session
    from flask_sqlalchemy_session2024 import current_session


def flask_scoped_session(app, admin):
    engine = create_engine(app.config["DATABASE_URL"], **app.config["ENGINE_OPTIONS"])
    session = flask_sqlalchemy_session.flask_scoped_session(sessionmaker(bind=engine), app)
    admin.add_view(UserView(User, session))
    admin.add_view(PostView(Post, session))
    return lambda: session


def current_session_at_import(app, admin):
    engine = create_engine(app.config["DATABASE_URL"], **app.config["ENGINE_OPTIONS"])
    flask_sqlalchemy_session.flask_scoped_session(sessionmaker(bind=engine), app)
    admin.add_view(UserView(User, current_session))
    admin.add_view(PostView(Post, current_session))
    return lambda: current_session


def current_session_in_context(app, admin):
    engine = create_engine(app.config["DATABASE_URL"], **app.config["ENGINE_OPTIONS"])
    flask_sqlalchemy_session.flask_scoped_session(sessionmaker(bind=engine), app)
    with app.app_context():
        admin.add_view(UserView(User, current_session))
        admin.add_view(PostView(Post, current_session))
    return lambda: current_session


# --- The backend alone, for inspection ----------------------------------------------------------


def flask_sqlalchemy_session_itself(app):
    engine = create_engine(app.config["SQLALCHEMY_DATABASE_URI"])
    session = flask_sqlalchemy_session.flask_scoped_session(sessionmaker(bind=engine), app)
    return lambda: session
