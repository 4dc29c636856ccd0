"""Patterns of Flask-SQLAlchemy."""

from io import BytesIO

from flask import Response, abort, send_file, stream_with_context
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import func, select
from sqlalchemy.orm import joinedload

from experiments.streaming.rig.application import Post


def db_session_without_context(app):
    db = SQLAlchemy(app)

    @app.get("/posts")
    def posts():
        if not db.session.scalar(select(func.count(Post.id))):
            abort(404)

        def lines():
            for post in db.session.scalars(select(Post).order_by(Post.id)):
                yield f"{post.title},{post.author.name}\r\n"

        return Response(lines(), mimetype="text/csv")

    return "/posts"


def db_session_asked_in_body(app):
    db = SQLAlchemy(app)

    @app.get("/posts")
    def posts():
        if not db.session.scalar(select(func.count(Post.id))):
            abort(404)

        def lines():
            for post in db.session.scalars(select(Post).order_by(Post.id)):
                yield f"{post.title},{post.author.name}\r\n"

        return Response(stream_with_context(lines()), mimetype="text/csv")

    return "/posts"


def db_session_loaded_in_view(app):
    db = SQLAlchemy(app)

    @app.get("/posts")
    def posts():
        found = db.session.scalars(select(Post).order_by(Post.id)).all()

        def lines():
            for post in found:
                yield f"{post.title},{post.author.name}\r\n"

        return Response(stream_with_context(lines()), mimetype="text/csv")

    return "/posts"


def db_session_loaded_eagerly(app):
    db = SQLAlchemy(app)

    @app.get("/posts")
    def posts():
        query = select(Post).options(joinedload(Post.author)).order_by(Post.id)
        found = db.session.scalars(query).all()

        def lines():
            for post in found:
                yield f"{post.title},{post.author.name}\r\n"

        return Response(stream_with_context(lines()), mimetype="text/csv")

    return "/posts"


def db_session_send_file(app):
    db = SQLAlchemy(app)

    @app.get("/posts")
    def posts():
        file = BytesIO()
        for post in db.session.scalars(select(Post).order_by(Post.id)):
            file.write(f"{post.title},{post.author.name}\r\n".encode())
        file.seek(0)
        return send_file(file, mimetype="text/csv")

    return "/posts"
