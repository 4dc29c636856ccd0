"""Patterns that give Flask-Admin the session of flask-sqlalchemy-lite."""

from flask import current_app
from flask.globals import app_ctx
from flask_sqlalchemy_lite import SQLAlchemy
from sqlalchemy.orm import scoped_session, sessionmaker
from sqlalchemy.pool import NullPool
from werkzeug.local import LocalProxy

from experiments.session_scoping.rig.application import MarkedView, Post, PostView, User, UserView
from experiments.session_scoping.rig.engines import Note, NoteView


def session_at_import(app, admin):
    db = SQLAlchemy(app)
    admin.add_view(UserView(User, db.session))
    admin.add_view(PostView(Post, db.session))
    return lambda: db.session


def session_in_context(app, admin):
    db = SQLAlchemy(app)
    with app.app_context():
        admin.add_view(UserView(User, db.session))
        admin.add_view(PostView(Post, db.session))
    return lambda: db.session


def db_at_import(app, admin):
    db = SQLAlchemy(app)
    admin.add_view(UserView(User, db))
    admin.add_view(PostView(Post, db))
    return lambda: db.session


def db_in_context(app, admin):
    db = SQLAlchemy(app)
    with app.app_context():
        admin.add_view(UserView(User, db))
        admin.add_view(PostView(Post, db))
    return lambda: db.session


def session_proxy(app, admin):
    db = SQLAlchemy(app)

    class SessionProxy:
        """Stands for `db.session`, which it asks for anew at each use."""

        def __init__(self, db):
            self.db = db
            self.session = self  # what Flask-Admin looks for before it warns

        def __getattr__(self, name):
            if name.startswith("_"):  # what Flask-Admin looks for while it adds a view
                raise AttributeError(name)
            return getattr(self.db.session, name)

    session = SessionProxy(db)
    admin.add_view(UserView(User, session))
    admin.add_view(PostView(Post, session))
    return lambda: db.session


def db_proxying_session(app, admin):
    class Database(SQLAlchemy):
        @property
        def session(self):
            return LocalProxy(self.get_session)

    db = Database(app)
    admin.add_view(UserView(User, db))
    admin.add_view(PostView(Post, db))
    return lambda: db.session


def local_proxy_at_import(app, admin):
    db = SQLAlchemy(app)
    session = LocalProxy(lambda: db.session)
    admin.add_view(UserView(User, session))
    admin.add_view(PostView(Post, session))
    return lambda: db.session


def local_proxy_in_context(app, admin):
    db = SQLAlchemy(app)
    with app.app_context():
        session = LocalProxy(lambda: db.session)
        admin.add_view(UserView(User, session))
        admin.add_view(PostView(Post, session))
    return lambda: db.session


# --- An application factory's global -------------------------------------------------------------

global_db = SQLAlchemy()


def db_global_in_context(app, admin):
    global_db.init_app(app)
    with app.app_context():
        admin.add_view(UserView(User, global_db))
        admin.add_view(PostView(Post, global_db))
    return lambda: global_db.session


# --- Workarounds, as printed except for our views and models -------------------------------------


def workaround_1_scoped_session_at_import(app, admin):
    db = SQLAlchemy(app)
    # Create your own scoped_session
    Session = scoped_session(
        sessionmaker(bind=db.engine), scopefunc=lambda: current_app._get_current_object()
    )

    # Use with Flask-Admin
    admin.add_view(UserView(User, Session))
    admin.add_view(PostView(Post, Session))
    return lambda: db.session


def workaround_1_scoped_session_in_context(app, admin):
    db = SQLAlchemy(app)
    with app.app_context():
        # Create your own scoped_session
        Session = scoped_session(
            sessionmaker(bind=db.engine), scopefunc=lambda: current_app._get_current_object()
        )

        # Use with Flask-Admin
        admin.add_view(UserView(User, Session))
        admin.add_view(PostView(Post, Session))
    return lambda: db.session


def workaround_2_session_provider_at_import(app, admin):
    db = SQLAlchemy(app)

    class RequestScopedSession:
        def __init__(self, db):
            self.db = db

        def __call__(self):
            # Return session for current request context
            return self.db.get_session()

    # Use with Flask-Admin
    session_provider = RequestScopedSession(db)
    admin.add_view(UserView(User, session_provider))
    admin.add_view(PostView(Post, session_provider))
    return lambda: db.session


def workaround_2_session_provider_in_context(app, admin):
    db = SQLAlchemy(app)
    with app.app_context():

        class RequestScopedSession:
            def __init__(self, db):
                self.db = db

            def __call__(self):
                # Return session for current request context
                return self.db.get_session()

        # Use with Flask-Admin
        session_provider = RequestScopedSession(db)
        admin.add_view(UserView(User, session_provider))
        admin.add_view(PostView(Post, session_provider))
    return lambda: db.session


def workaround_3_lite_model_view_at_import(app, admin):
    db = SQLAlchemy(app)

    class LiteModelView(MarkedView):
        def __init__(self, model, db, *args, **kwargs):
            # Create scoped_session from db's engine
            from sqlalchemy.orm import scoped_session, sessionmaker

            session = scoped_session(sessionmaker(bind=db.engine))
            super().__init__(model, session, *args, **kwargs)

    class LiteUserView(LiteModelView, UserView):
        pass

    class LitePostView(LiteModelView, PostView):
        pass

    # Use with Flask-Admin
    admin.add_view(LiteUserView(User, db))
    admin.add_view(LitePostView(Post, db))
    return lambda: db.session


def workaround_3_lite_model_view_in_context(app, admin):
    db = SQLAlchemy(app)
    with app.app_context():

        class LiteModelView(MarkedView):
            def __init__(self, model, db, *args, **kwargs):
                # Create scoped_session from db's engine
                from sqlalchemy.orm import scoped_session, sessionmaker

                session = scoped_session(sessionmaker(bind=db.engine))
                super().__init__(model, session, *args, **kwargs)

        class LiteUserView(LiteModelView, UserView):
            pass

        class LitePostView(LiteModelView, PostView):
            pass

        # Use with Flask-Admin
        admin.add_view(LiteUserView(User, db))
        admin.add_view(LitePostView(Post, db))
    return lambda: db.session


def workaround_lazy_session_wrapper_at_import(app, admin):
    db = SQLAlchemy(app)

    class LazySessionWrapper:
        def __init__(self, db):
            self._db = db

        def __call__(self):
            return self._db.get_session()

        def query(self, *args, **kwargs):
            return self._db.get_session().query(*args, **kwargs)

        # ... proxy other session methods

    # Usage:
    session_wrapper = LazySessionWrapper(db)
    admin.add_view(UserView(User, session_wrapper))
    admin.add_view(PostView(Post, session_wrapper))
    return lambda: db.session


def workaround_lazy_session_wrapper_in_context(app, admin):
    db = SQLAlchemy(app)
    with app.app_context():

        class LazySessionWrapper:
            def __init__(self, db):
                self._db = db

            def __call__(self):
                return self._db.get_session()

            def query(self, *args, **kwargs):
                return self._db.get_session().query(*args, **kwargs)

            # ... proxy other session methods

        # Usage:
        session_wrapper = LazySessionWrapper(db)
        admin.add_view(UserView(User, session_wrapper))
        admin.add_view(PostView(Post, session_wrapper))
    return lambda: db.session


def workaround_app_context_scope_at_import(app, admin):
    db = SQLAlchemy(app)

    def get_scoped_session(db: SQLAlchemy, **options):
        """Scoped session for flask-admin.
        See https://github.com/pallets-eco/flask-admin/issues/2585
        """

        def _app_ctx_id() -> int:
            """Get the id of the current Flask application context for the session scope."""
            return id(app_ctx._get_current_object())  # type: ignore[attr-defined]

        scope = options.pop("scopefunc", _app_ctx_id)
        return scoped_session(db.sessionmaker, scope)

    session = get_scoped_session(db)
    admin.add_view(UserView(User, session))
    admin.add_view(PostView(Post, session))
    return lambda: db.session


def workaround_app_context_scope_in_context(app, admin):
    db = SQLAlchemy(app)
    with app.app_context():

        def get_scoped_session(db: SQLAlchemy, **options):
            """Scoped session for flask-admin.
            See https://github.com/pallets-eco/flask-admin/issues/2585
            """

            def _app_ctx_id() -> int:
                """Get the id of the current Flask application context for the session scope."""
                return id(app_ctx._get_current_object())  # type: ignore[attr-defined]

            scope = options.pop("scopefunc", _app_ctx_id)
            return scoped_session(db.sessionmaker, scope)

        session = get_scoped_session(db)
        admin.add_view(UserView(User, session))
        admin.add_view(PostView(Post, session))
    return lambda: db.session


# --- A second engine ----------------------------------------------------------------------------

engines_db = SQLAlchemy(session_options={"binds": {Note: "other"}})


def engine_in_context(app, admin):
    app.config["SQLALCHEMY_ENGINES"]["other"] = app.config["OTHER_DATABASE_URL"]
    engines_db.init_app(app)
    with app.app_context():
        admin.add_view(UserView(User, engines_db))
        admin.add_view(PostView(Post, engines_db))
        admin.add_view(NoteView(Note, engines_db))
    return lambda: engines_db.session


def engine_and_other_session_in_context(app, admin):
    app.config["SQLALCHEMY_ENGINES"]["other"] = app.config["OTHER_DATABASE_URL"]
    engines_db.init_app(app)
    with app.app_context():
        admin.add_view(UserView(User, engines_db))
        admin.add_view(PostView(Post, engines_db))
        admin.add_view(NoteView(Note, engines_db))
    return lambda: engines_db.get_session("other")


# --- The async session, for an application's own views -------------------------------------------


def async_session(app):
    app.config["SQLALCHEMY_ASYNC_ENGINES"] = {"default": app.config["ASYNC_DATABASE_URL"]}
    db = SQLAlchemy(app)

    async def with_session(work):
        return await work(db.async_session)

    return with_session


def async_session_null_pool(app):
    engine = {"url": app.config["ASYNC_DATABASE_URL"], "poolclass": NullPool}
    app.config["SQLALCHEMY_ASYNC_ENGINES"] = {"default": engine}
    db = SQLAlchemy(app)

    async def with_session(work):
        return await work(db.async_session)

    return with_session


def async_sessionmaker(app):
    app.config["SQLALCHEMY_ASYNC_ENGINES"] = {"default": app.config["ASYNC_DATABASE_URL"]}
    db = SQLAlchemy(app)

    async def with_session(work):
        async with db.async_sessionmaker() as session:
            return await work(session)

    return with_session


def async_sessionmaker_null_pool(app):
    engine = {"url": app.config["ASYNC_DATABASE_URL"], "poolclass": NullPool}
    app.config["SQLALCHEMY_ASYNC_ENGINES"] = {"default": engine}
    db = SQLAlchemy(app)

    async def with_session(work):
        async with db.async_sessionmaker() as session:
            return await work(session)

    return with_session


# --- The backend alone, for inspection ----------------------------------------------------------


def flask_sqlalchemy_lite_itself(app):
    db = SQLAlchemy(app)
    return lambda: db.session
