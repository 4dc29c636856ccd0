"""The addresses of plain views, and what they answer."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable, Iterator
from functools import wraps
from html import escape
from typing import Any

from flask import (
    Blueprint,
    Flask,
    Response,
    abort,
    current_app,
    flash,
    redirect,
    request,
    stream_with_context,
)

from experiments.session_scoping.rig.application import (
    Post,
    PostView,
    User,
    UserView,
    change_without_commit,
    fail_to_flush,
    mark,
)
from experiments.session_scoping.rig.plain_views import reading, writing

MODELS: dict[str, Any] = {"user": User, "post": Post}

OPTIONS: dict[str, Any] = {"user": UserView, "post": PostView}
"""The admin's views: their options are data that plain views follow, too, without their code."""

EXPORTED: dict[str, dict[str, Callable[[Any], str]]] = {
    "user": {"Email": lambda user: user.email, "Name": lambda user: user.name},
    "post": {
        "Title": lambda post: post.title,
        "Tags": lambda post: shown(post.tags),
    },
}
"""The columns of each export."""

DELETED = ("Record was successfully deleted.", "{} records were successfully deleted.")
"""What is said where one row was deleted, and where several were."""

DONE = "Record was successfully stored."
"""What is said where rows were changed, in the words by which Flask-Admin's answers are read."""


def add_plain_views(app: Flask, session: Any, admin: str = "admin") -> None:
    """Add the views to the application, below `/admin`; `session` is a `scoped_session`."""
    prefix = f"/{admin}/<any(user, post):kind>"
    views = Blueprint(f"plain_views_of_{admin}", __name__, url_prefix=prefix)
    app.config["VIEW_SESSION"] = session

    @views.before_request
    def refuse() -> None:
        if current_app.config.get("REFUSES", lambda _: False)(session):
            abort(403)

    @views.get("/")
    @viewed
    def show_list(kind: str) -> str:
        counted = "" if OPTIONS[kind].simple_list_pager else number_of_rows(session, kind)
        rows = reading.listed(session, MODELS[kind], request.args)
        mark("listed")
        return counted + "".join(line(session, kind, row) for row in rows)

    @views.get("/details/")
    @viewed
    def show_details(kind: str) -> Any:
        row = reading.one(session, MODELS[kind], request.args["id"])
        return line(session, kind, row) if row else back("Record does not exist.")

    @views.route("/new/", methods=["GET", "POST"])
    @viewed
    def create(kind: str) -> Any:
        return form_or_saved(session, kind, MODELS[kind]())

    @views.route("/edit/", methods=["GET", "POST"])
    @viewed
    def edit(kind: str) -> Any:
        row = reading.one(session, MODELS[kind], request.args["id"])
        return form_or_saved(session, kind, row) if row else back("Record does not exist.")

    @views.post("/ajax/update/")
    @viewed
    def edit_in_list(kind: str) -> Any:
        row = reading.one(session, MODELS[kind], request.form["list_form_pk"])
        done = row and writing.edit_in_list(session, row, request.form)
        return DONE if done else ("Failed.", 500)

    @views.get("/ajax/lookup/")
    @viewed
    def look_up(kind: str) -> Response:
        if request.args["name"] not in reading.LOOKED_UP:
            abort(404)
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
        return deleted(session, kind, [request.form["id"]])

    @views.post("/action/")
    @viewed
    def act(kind: str) -> Any:
        name = request.form["action"]
        if name == "delete":
            return deleted(session, kind, request.form.getlist("rowid"), OPTIONS[kind])
        if name == "perform":
            return current_app.config["TASK"](session) or redirect("../")
        if name == "fail-to-flush":
            fail_to_flush(session())
        else:
            change_without_commit(session(), flush=name == "flush-without-commit")
        return redirect("../")

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
    if not writing.save(session, row, request.form):
        return f"Failed.{form(session, row)}"
    return back(DONE)


def deleted(session: Any, kind: str, keys: list[str], options: Any = None) -> Any:
    """Delete the rows with these keys, in bulk as the options say, and answer with the list."""
    at_once = options is not None and options.fast_mass_delete
    delete = writing.delete_at_once if at_once else writing.delete
    number = delete(session, MODELS[kind], keys)
    return back(DELETED[number > 1].format(number) if number else "")


def back(said: str) -> Any:
    """Answer with the list, which is to say this if it is not empty."""
    if said:
        flash(said)
    return redirect("../")


def form(session: Any, row: Any) -> str:
    """Return a form with a row's values, alone if it is asked for in a window."""
    fields = user_fields(row) if isinstance(row, User) else post_fields(session, row)
    return fields if request.args.get("modal") else f"<title>{type(row).__name__}</title>{fields}"


def user_fields(user: Any) -> str:
    """Return the fields of a user, and those of the posts in it with their tags."""
    inline = (
        field(f"posts-{number}-title", post.title) + field(f"posts-{number}-tags", shown(post.tags))
        for number, post in enumerate(user.posts)
    )
    return field("email", user.email) + field("name", user.name) + "".join(inline)


def post_fields(session: Any, post: Any) -> str:
    """Return the fields of a post, which offer all tags."""
    tags = "".join(
        f'<option value="{tag.id}">{escape(tag.name)}</option>' for tag in reading.offered(session)
    )
    return field("title", post.title) + field("author", post.author) + tags


def field(name: str, value: Any) -> str:
    """Return a field of a form."""
    return f'<input name="{name}" value="{escape(str(value or ""))}">\n'


def number_of_rows(session: Any, kind: str) -> str:
    """Return the heading of a list, which counts the rows of all its pages."""
    return f"List ({reading.counted(session, MODELS[kind], request.args)})\n"


def line(session: Any, kind: str, row: Any) -> str:
    """Return a line of a table with a row's values: of all columns where the view names none."""
    columns = OPTIONS[kind].column_list or reading.every_column(MODELS[kind])
    cells = (f'<td class="col-{name}">{cell(session, kind, row, name)}</td>' for name in columns)
    return f"<tr>{''.join(cells)}</tr>\n"


def cell(session: Any, kind: str, row: Any, name: str) -> str:
    """Return one value of a row; where it is many that can be edited, with what is offered."""
    value = getattr(row, name)
    if isinstance(value, list) and name in OPTIONS[kind].column_editable_list:
        offered = escape(shown(reading.offered(session)))
        return (
            f'<a class="x-editable-select2-multiple" data-source="{offered}">'
            f"{escape(shown(value))}</a>"
        )
    return escape(shown(value))


def shown(value: Any) -> str:
    """Return a value as text."""
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value)


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
