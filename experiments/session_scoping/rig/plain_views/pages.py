"""The addresses of plain views, and what they answer."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable, Iterator
from functools import wraps
from html import escape
from typing import Any

from flask import Blueprint, Flask, Response, current_app, redirect, request, stream_with_context

from experiments.session_scoping.rig.application import (
    Post,
    User,
    change_without_commit,
    fail_to_flush,
    mark,
)
from experiments.session_scoping.rig.plain_views import reading, writing

MODELS: dict[str, Any] = {"user": User, "post": Post}

EXPORTED: dict[str, dict[str, Callable[[Any], str]]] = {
    "user": {"Email": lambda user: user.email, "Name": lambda user: user.name},
    "post": {
        "Title": lambda post: post.title,
        "Tags": lambda post: ", ".join(map(str, post.tags)),
    },
}
"""The columns of each export."""


def add_plain_views(app: Flask, session: Any) -> None:
    """Add the views to the application; `session` is a `scoped_session`."""
    views = Blueprint("plain_views", __name__, url_prefix="/admin/<any(user, post):kind>")
    app.config["VIEW_SESSION"] = session

    @views.get("/")
    @viewed
    def show_list(kind: str) -> str:
        rows = reading.listed(session, MODELS[kind], request.args)
        mark("listed")
        return "".join(line(row, reading.SHOWN[kind]) for row in rows)

    @views.get("/details/")
    @viewed
    def show_details(kind: str) -> str:
        return line(reading.one(session, MODELS[kind], request.args["id"]), reading.SHOWN[kind])

    @views.route("/new/", methods=["GET", "POST"])
    @viewed
    def create(kind: str) -> Any:
        return form_or_saved(session, kind, MODELS[kind]())

    @views.route("/edit/", methods=["GET", "POST"])
    @viewed
    def edit(kind: str) -> Any:
        return form_or_saved(session, kind, reading.one(session, MODELS[kind], request.args["id"]))

    @views.post("/ajax/update/")
    @viewed
    def edit_in_list(kind: str) -> str:
        user = reading.one(session, User, request.form["list_form_pk"])
        writing.rename(session, user, request.form["name"])
        return "saved"

    @views.get("/ajax/lookup/")
    @viewed
    def look_up(kind: str) -> Response:
        found = reading.looked_up(session, request.args["name"], request.args["query"])
        return Response(json.dumps(found), mimetype="application/json")

    @views.get("/export/csv/")
    @viewed
    def export(kind: str) -> Response:
        rows = reading.every(session, MODELS[kind])
        mark("listed")
        return Response(stream_with_context(lines(kind, rows)), mimetype="text/csv")

    @views.post("/delete/")
    @viewed
    def delete(kind: str) -> Any:
        writing.delete(session, MODELS[kind], [request.form["id"]])
        return redirect(f"/admin/{kind}/")

    @views.post("/action/")
    @viewed
    def act(kind: str) -> Any:
        name = request.form["action"]
        if name == "delete":
            writing.delete(session, MODELS[kind], request.form.getlist("rowid"))
        elif name == "perform":
            return current_app.config["TASK"](session) or redirect(f"/admin/{kind}/")
        elif name == "fail-to-flush":
            fail_to_flush(session())
        else:
            change_without_commit(session(), flush=name == "flush-without-commit")
        return redirect(f"/admin/{kind}/")

    app.register_blueprint(views)


def viewed(view: Callable[..., Any]) -> Callable[..., Any]:
    """Wrap a view so that it is marked at its end, as the views of Flask-Admin are."""

    @wraps(view)
    def marked(kind: str) -> Any:
        answer = view(kind)
        mark("viewed")
        return answer

    return marked


def form_or_saved(session: Any, kind: str, row: Any) -> Any:
    """Answer with the form of a row, or store the row if the form was sent and nothing is wrong."""
    if request.method == "GET":
        return form(session, row)
    if kind == "user" and reading.is_taken(session, request.form["email"], row):
        return f"Already exists.{form(session, row)}"
    writing.save(session, row, request.form)
    return redirect(f"/admin/{kind}/")


def form(session: Any, row: Any) -> str:
    """Return a form with a row's values, of a user those of the posts in it, of a post all tags."""
    if isinstance(row, User):
        posts = enumerate(row.posts)
        inline = [field(f"posts-{number}-title", post.title) for number, post in posts]
        return field("email", row.email) + field("name", row.name) + "".join(inline)
    tags = [
        f'<option value="{tag.id}">{escape(tag.name)}</option>' for tag in reading.offered(session)
    ]
    return field("title", row.title) + field("author", row.author) + "".join(tags)


def field(name: str, value: Any) -> str:
    """Return a field of a form."""
    return f'<input name="{name}" value="{escape(str(value or ""))}">\n'


def line(row: Any, columns: tuple[str, ...]) -> str:
    """Return a line of a table with a row's values."""
    cells = (f'<td class="col-{name}">{escape(str(getattr(row, name)))}</td>' for name in columns)
    return f"<tr>{''.join(cells)}</tr>\n"


def lines(kind: str, rows: list[Any]) -> Iterator[str]:
    """Yield the lines of an export."""
    yield csv_line(list(EXPORTED[kind]))
    for row in rows:
        yield csv_line([value(row) for value in EXPORTED[kind].values()])


def csv_line(values: list[str]) -> str:
    """Return values as a line of CSV."""
    text = io.StringIO()
    csv.writer(text).writerow(values)
    return text.getvalue()
