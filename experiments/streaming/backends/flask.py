"""Patterns of plain Flask, with a SQLAlchemy session in `g`, and the controls."""

from io import BytesIO

from flask import Response, abort, g, send_file, stream_with_context
from sqlalchemy import create_engine, func, select
from sqlalchemy.orm import Session, joinedload

from experiments.streaming.rig.application import Post


def session_in_g(app):
    """Return what gives the session of the current context, which is closed at teardown."""
    engine = create_engine(app.config["DATABASE_URL"])

    def get_session():
        if "session" not in g:
            g.session = Session(engine)
        return g.session

    @app.teardown_appcontext
    def close_session(error):
        session = g.pop("session", None)
        if session is not None:
            session.close()

    return get_session


def g_without_context(app):
    get_session = session_in_g(app)

    @app.get("/posts")
    def posts():
        if not get_session().scalar(select(func.count(Post.id))):
            abort(404)

        def lines():
            for post in get_session().scalars(select(Post).order_by(Post.id)):
                yield f"{post.title},{post.author.name}\r\n"

        return Response(lines(), mimetype="text/csv")

    return "/posts"


def g_taken_in_view(app):
    get_session = session_in_g(app)

    @app.get("/posts")
    def posts():
        session = get_session()
        if not session.scalar(select(func.count(Post.id))):
            abort(404)

        def lines():
            for post in session.scalars(select(Post).order_by(Post.id)):
                yield f"{post.title},{post.author.name}\r\n"

        return Response(lines(), mimetype="text/csv")

    return "/posts"


def g_asked_in_body(app):
    get_session = session_in_g(app)

    @app.get("/posts")
    def posts():
        if not get_session().scalar(select(func.count(Post.id))):
            abort(404)

        def lines():
            for post in get_session().scalars(select(Post).order_by(Post.id)):
                yield f"{post.title},{post.author.name}\r\n"

        return Response(stream_with_context(lines()), mimetype="text/csv")

    return "/posts"


def g_loaded_in_view(app):
    get_session = session_in_g(app)

    @app.get("/posts")
    def posts():
        found = get_session().scalars(select(Post).order_by(Post.id)).all()

        def lines():
            for post in found:
                yield f"{post.title},{post.author.name}\r\n"

        return Response(stream_with_context(lines()), mimetype="text/csv")

    return "/posts"


def g_loaded_eagerly(app):
    get_session = session_in_g(app)

    @app.get("/posts")
    def posts():
        query = select(Post).options(joinedload(Post.author)).order_by(Post.id)
        found = get_session().scalars(query).all()

        def lines():
            for post in found:
                yield f"{post.title},{post.author.name}\r\n"

        return Response(stream_with_context(lines()), mimetype="text/csv")

    return "/posts"


def g_send_file(app):
    get_session = session_in_g(app)

    @app.get("/posts")
    def posts():
        file = BytesIO()
        for post in get_session().scalars(select(Post).order_by(Post.id)):
            file.write(f"{post.title},{post.author.name}\r\n".encode())
        file.seek(0)
        return send_file(file, mimetype="text/csv")

    return "/posts"


# --- Controls -----------------------------------------------------------------------------------


def closed_with_response(app):
    """Let the response close the session that the view and the body use."""
    engine = create_engine(app.config["DATABASE_URL"])

    @app.get("/posts")
    def posts():
        session = Session(engine)
        found = session.scalars(select(Post).order_by(Post.id)).all()

        def lines():
            for post in found:
                yield f"{post.title},{post.author.name}\r\n"

        response = Response(lines(), mimetype="text/csv")
        response.call_on_close(session.close)
        return response

    return "/posts"


def session_of_the_body(app):
    """Open a session in the body, which closes it however it ends."""
    engine = create_engine(app.config["DATABASE_URL"])

    @app.get("/posts")
    def posts():
        def lines():
            with Session(engine) as session:
                for post in session.scalars(select(Post).order_by(Post.id)):
                    yield f"{post.title},{post.author.name}\r\n"

        return Response(lines(), mimetype="text/csv")

    return "/posts"


def raises_when_wired(app):
    raise RuntimeError("nothing streams here")


def breaks_off(app):
    """Do as `closed_with_response`, and break off after two posts."""
    engine = create_engine(app.config["DATABASE_URL"])

    @app.get("/posts")
    def posts():
        session = Session(engine)
        found = session.scalars(select(Post).order_by(Post.id)).all()

        def lines():
            for post in found[:2]:
                yield f"{post.title},{post.author.name}\r\n"

        response = Response(lines(), mimetype="text/csv")
        response.call_on_close(session.close)
        return response

    return "/posts"


def ended_with_view(app):
    """End the view's session with the view, and open another one in the body."""
    engine = create_engine(app.config["DATABASE_URL"])

    @app.get("/posts")
    def posts():
        with Session(engine) as session:
            if not session.scalar(select(func.count(Post.id))):
                abort(404)

        def lines():
            with Session(engine) as session:
                for post in session.scalars(select(Post).order_by(Post.id)):
                    yield f"{post.title},{post.author.name}\r\n"

        return Response(lines(), mimetype="text/csv")

    return "/posts"


def never_closed(app):
    """Open a session in the view that nothing closes."""
    engine = create_engine(app.config["DATABASE_URL"])
    sessions = []

    @app.get("/posts")
    def posts():
        session = Session(engine)
        sessions.append(session)
        found = session.scalars(select(Post).order_by(Post.id)).all()

        def lines():
            for post in found:
                yield f"{post.title},{post.author.name}\r\n"

        return Response(lines(), mimetype="text/csv")

    return "/posts"


def closed_at_the_last_line(app):
    """Close the view's session in the body, after the last post and not elsewhere."""
    engine = create_engine(app.config["DATABASE_URL"])
    sessions = []

    @app.get("/posts")
    def posts():
        session = Session(engine)
        sessions.append(session)
        found = session.scalars(select(Post).order_by(Post.id)).all()

        def lines():
            for post in found:
                yield f"{post.title},{post.author.name}\r\n"
            session.close()

        return Response(lines(), mimetype="text/csv")

    return "/posts"
