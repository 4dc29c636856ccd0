"""Ways to hand over a session of SQLAlchemy's own, and the controls."""

import warnings

from flask.globals import app_ctx
from sqlalchemy import create_engine
from sqlalchemy.orm import scoped_session, sessionmaker

from experiments.session_scoping.application import Post, PostView, User, UserView


def session_instance(app, admin):
    engine = create_engine(app.config["DATABASE_URL"], **app.config["ENGINE_OPTIONS"])
    session = sessionmaker(engine)()
    admin.add_view(UserView(User, session))
    admin.add_view(PostView(Post, session))
    return lambda: session


# --- Controls, built to be right -----------------------------------------------------------------


def scoped_session_removed(app, admin):
    engine = create_engine(app.config["DATABASE_URL"], **app.config["ENGINE_OPTIONS"])
    session = scoped_session(sessionmaker(engine))

    @app.teardown_appcontext
    def remove(error):
        session.remove()

    admin.add_view(UserView(User, session))
    admin.add_view(PostView(Post, session))
    return lambda: session


def scoped_session_as_db(app, admin):
    engine = create_engine(app.config["DATABASE_URL"], **app.config["ENGINE_OPTIONS"])
    session = scoped_session(sessionmaker(engine))
    session.session = session  # what Flask-Admin looks for before it warns

    @app.teardown_appcontext
    def remove(error):
        session.remove()

    admin.add_view(UserView(User, session))
    admin.add_view(PostView(Post, session))
    return lambda: session


def scoped_session_per_context(app, admin):
    engine = create_engine(app.config["DATABASE_URL"], **app.config["ENGINE_OPTIONS"])
    session = scoped_session(sessionmaker(engine), scopefunc=app_ctx._get_current_object)

    @app.teardown_appcontext
    def remove(error):
        session.remove()

    admin.add_view(UserView(User, session))
    admin.add_view(PostView(Post, session))
    return lambda: session


# --- Controls, built to be wrong -----------------------------------------------------------------


def scoped_session_kept(app, admin):
    engine = create_engine(app.config["DATABASE_URL"], **app.config["ENGINE_OPTIONS"])
    session = scoped_session(sessionmaker(engine))
    admin.add_view(UserView(User, session))
    admin.add_view(PostView(Post, session))
    return lambda: session


def removed_on_success_only(app, admin):
    engine = create_engine(app.config["DATABASE_URL"], **app.config["ENGINE_OPTIONS"])
    session = scoped_session(sessionmaker(engine))

    @app.teardown_appcontext
    def remove(error):
        if error is None:
            session.remove()

    admin.add_view(UserView(User, session))
    admin.add_view(PostView(Post, session))
    return lambda: session


def app_lifetime_session(app, admin):
    engine = create_engine(app.config["DATABASE_URL"], **app.config["ENGINE_OPTIONS"])
    session = scoped_session(sessionmaker(engine), scopefunc=lambda: "the application")
    admin.add_view(UserView(User, session))
    admin.add_view(PostView(Post, session))
    return lambda: session


def scope_per_access(app, admin):
    engine = create_engine(app.config["DATABASE_URL"], **app.config["ENGINE_OPTIONS"])
    session = scoped_session(sessionmaker(engine), scopefunc=object)
    admin.add_view(UserView(User, session))
    admin.add_view(PostView(Post, session))
    return lambda: session


def raises_when_wired(app, admin):
    raise RuntimeError("this pattern cannot be wired")


def warns_when_wired(app, admin):
    warnings.warn("this pattern is deprecated", DeprecationWarning, stacklevel=2)
    return scoped_session_as_db(app, admin)
