"""Patterns of flask-sqlalchemy-session2024."""

from io import BytesIO

from flask import Response, abort, send_file, stream_with_context
from flask_sqlalchemy_session import current_session, flask_scoped_session
from sqlalchemy import create_engine, func, select
from sqlalchemy.orm import joinedload, sessionmaker

from experiments.streaming.rig.application import Post


def current_session_without_context(app):
    engine = create_engine(app.config["DATABASE_URL"])
    flask_scoped_session(sessionmaker(bind=engine), app)

    @app.get("/posts")
    def posts():
        if not current_session.scalar(select(func.count(Post.id))):
            abort(404)

        def lines():
            for post in current_session.scalars(select(Post).order_by(Post.id)):
                yield f"{post.title},{post.author.name}\r\n"

        return Response(lines(), mimetype="text/csv")

    return "/posts"


def current_session_asked_in_body(app):
    engine = create_engine(app.config["DATABASE_URL"])
    flask_scoped_session(sessionmaker(bind=engine), app)

    @app.get("/posts")
    def posts():
        if not current_session.scalar(select(func.count(Post.id))):
            abort(404)

        def lines():
            for post in current_session.scalars(select(Post).order_by(Post.id)):
                yield f"{post.title},{post.author.name}\r\n"

        return Response(stream_with_context(lines()), mimetype="text/csv")

    return "/posts"


def current_session_loaded_in_view(app):
    engine = create_engine(app.config["DATABASE_URL"])
    flask_scoped_session(sessionmaker(bind=engine), app)

    @app.get("/posts")
    def posts():
        found = current_session.scalars(select(Post).order_by(Post.id)).all()

        def lines():
            for post in found:
                yield f"{post.title},{post.author.name}\r\n"

        return Response(stream_with_context(lines()), mimetype="text/csv")

    return "/posts"


def current_session_loaded_eagerly(app):
    engine = create_engine(app.config["DATABASE_URL"])
    flask_scoped_session(sessionmaker(bind=engine), app)

    @app.get("/posts")
    def posts():
        query = select(Post).options(joinedload(Post.author)).order_by(Post.id)
        found = current_session.scalars(query).all()

        def lines():
            for post in found:
                yield f"{post.title},{post.author.name}\r\n"

        return Response(stream_with_context(lines()), mimetype="text/csv")

    return "/posts"


def current_session_send_file(app):
    engine = create_engine(app.config["DATABASE_URL"])
    flask_scoped_session(sessionmaker(bind=engine), app)

    @app.get("/posts")
    def posts():
        file = BytesIO()
        for post in current_session.scalars(select(Post).order_by(Post.id)):
            file.write(f"{post.title},{post.author.name}\r\n".encode())
        file.seek(0)
        return send_file(file, mimetype="text/csv")

    return "/posts"
