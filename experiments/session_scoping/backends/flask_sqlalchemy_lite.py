"""Ways to hand over the session of flask-sqlalchemy-lite."""

from flask_sqlalchemy_lite import SQLAlchemy

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


# --- The backend alone, to be looked at ---------------------------------------------------------


def flask_sqlalchemy_lite_itself(app):
    db = SQLAlchemy(app)
    return lambda: db.session
