"""Answers whose body is sent after the view has returned."""

from flask import Response, current_app, stream_with_context
from flask_admin.actions import action
from flask_admin.contrib.sqla import ModelView
from werkzeug.test import EnvironBuilder

from experiments.session_scoping.reproductions.acting import PATHS, start_acting
from experiments.session_scoping.reproductions.application import REQUESTS, Post
from experiments.session_scoping.reproductions.left import left, watch_what_is_left
from experiments.session_scoping.reproductions.sessions import USED, watch_uses

__all__ = [
    "MarkedView",
    "PostView",
    "UserView",
    "closed_after_streaming",
    "session_while_streaming",
    "streaming_works",
]


class MarkedView(ModelView):
    """A view with an export, and with an action that answers with the application's stream."""

    can_export = True

    @action("perform", "Perform a task")
    def perform(self, ids):
        return current_app.config["TASK"](lambda: self.get_query().session)


class UserView(MarkedView):
    """Users."""


class PostView(MarkedView):
    """Posts; their authors are in the export alone, so that no query joins them."""

    column_list = ("title",)
    column_export_list = ("title", "author")


LINES = "First by Ann\nSecond by Ben\n"
EXPORT = "/admin/post/export/csv/"
EXPORTED = "Title,Author\r\nFirst,Ann\r\nSecond,Ben\r\n"


def asked_anew(session_of):
    """Answer with a body that asks for the session, and queries it, while it is sent."""
    session_of().query(Post).count()
    return Response(stream_with_context(lines(lambda: session_of().query(Post).order_by(Post.id))))


def loaded_before(session_of):
    """Answer with a body that loads more of what the view had loaded."""
    posts = session_of().query(Post).order_by(Post.id).all()
    return Response(stream_with_context(lines(lambda: posts)))


def lines(posts):
    """Yield a line for each post."""
    for post in posts():
        yield f"{post.title} by {post.author.name}\n"


def session_while_streaming(pattern):
    """Stream what asks for the session while it is sent, in an own route and in an action."""
    streams = [(path, asked_anew, LINES) for path in PATHS.values()]
    return arrived(pattern, streams)


def streaming_works(pattern):
    """The same, and what loads more of what was loaded, and Flask-Admin's export."""
    streams = [
        (path, task, LINES) for path in PATHS.values() for task in (asked_anew, loaded_before)
    ]
    return arrived(pattern, [*streams, (EXPORT, None, EXPORTED)])


def closed_after_streaming(pattern):
    """The same, read to the end and to the middle: what is left when it is closed?"""
    watch_what_is_left()
    watch_uses()
    app = start_acting(pattern)
    answered = True
    for path, task in (
        (PATHS["own route"], asked_anew),
        (PATHS["action"], asked_anew),
        (EXPORT, 0),
    ):
        for pieces in (None, 1):
            app.config["TASK"] = task
            status, _, used = read(app, path, pieces)
            print(f"   left: {left() or 'nothing'}")
            if left():
                return "refuted"
            answered = answered and status == 200 and used
    return "supported" if answered else None


def arrived(pattern, streams):
    """Return whether each of the streams arrived as it was asked."""
    watch_uses()
    app = start_acting(pattern)
    whole = []
    for path, app.config["TASK"], asked in streams:
        status, text, used = read(app, path)
        if status != 200:
            return None
        whole.append(text == asked and used)
    return "supported" if all(whole) else "refuted"


def read(app, path, pieces=None):
    """Read a body piece by piece, as a server does, all of it or some pieces, and close it.

    Return the answer's status, what was read, and whether a session was used.
    """
    name, form = next(REQUESTS), {} if path == EXPORT else {"action": "perform", "rowid": "1"}
    method, headers, status, text = "POST" if form else "GET", {"Name": name}, [], b""
    environ = EnvironBuilder(path, method=method, data=form, headers=headers).get_environ()
    body = app(environ, lambda line, *_: status.append(int(line.split()[0])))
    try:
        for number, piece in enumerate(body, start=1):
            text += piece
            if number == pieces:
                break
    except Exception as error:
        print(f"   {type(error).__name__}: {error}".splitlines()[0])
    body.close()
    print(f"{name} {method} {path}: {status[0]}, {len(text.splitlines())} lines were read")
    return status[0], text.decode(), bool(USED[name])
