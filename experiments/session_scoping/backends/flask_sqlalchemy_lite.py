"""Ways to hand over the session of flask-sqlalchemy-lite."""

from flask_sqlalchemy_lite import SQLAlchemy
from sqlalchemy.pool import NullPool

from experiments.session_scoping.application import Post, PostView, User, UserView


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


# --- Its async session, for an application's own views -------------------------------------------


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
