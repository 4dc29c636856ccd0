"""What plain views write: a row from a form, with its relations and what is edited inside it."""

from __future__ import annotations

from contextlib import suppress
from itertools import count, takewhile
from typing import Any

from flask import current_app

from experiments.session_scoping.rig.application import Post, Tag, User, mark


class Refused(Exception):
    """The application's hook refused what a view was to write."""


def ask_hook(session: Any, name: str) -> None:
    """Call the application's hook as Flask-Admin does; roll back and raise Refused if it raises."""
    try:
        current_app.config["ON_HOOK"](name, session)
    except Exception as error:
        session.rollback()
        raise Refused(str(error)) from error


def save(session: Any, row: Any, form: Any) -> None:
    """Store a row, new or not, as a form describes it, and commit; roll back whatever fails."""
    try:
        fill(session, row, form)
        session.add(row)
        mark("changed")
        ask_hook(session, "on_model_change")
        session.commit()
    except Exception:
        session.rollback()
        raise


def fill(session: Any, row: Any, form: Any) -> None:
    """Write a form's fields into a row."""
    for name in ("title", "author", "tags") if isinstance(row, Post) else ("email", "name"):
        fill_field(session, row, name, form)
    for name in takewhile(lambda name: f"{name}-title" in form, (f"posts-{n}" for n in count())):
        fill_inline(session, row, name, form)


def fill_field(session: Any, row: Any, name: str, form: Any) -> None:
    """Write a form's field into a row: a text, an author or all tags."""
    if name == "tags":
        row.tags = tags(session, form.getlist(name))
    else:
        setattr(row, name, session.get(User, int(form[name])) if name == "author" else form[name])


def fill_inline(session: Any, user: Any, name: str, form: Any) -> None:
    """Add, change or remove the post of a user that a form describes under this name."""
    key = form[f"{name}-id"]
    post = next((post for post in user.posts if str(post.id) == key), None) or Post()
    if form.get(f"del-{name}"):
        user.posts.remove(post)
        return
    post.title = form[f"{name}-title"]
    post.tags = tags(session, filter(None, form[f"{name}-tags"].split(",")))
    if not key:
        user.posts.append(post)


def tags(session: Any, keys: Any) -> list[Any]:
    """Return the tags with these keys."""
    return [session.get(Tag, int(key)) for key in keys]


def edit_in_list(session: Any, row: Any, form: Any) -> None:
    """Change the fields of a row that are sent, as in a list that can be edited, and commit."""
    for name in (name for name in form if name != "list_form_pk"):
        fill_field(session, row, name, form)
    mark("changed")
    ask_hook(session, "on_model_change")
    session.commit()


def delete(session: Any, model: Any, keys: Any) -> None:
    """Delete the rows with these keys that are not refused, each with a commit of its own."""
    wanted = model.id.in_([int(key) for key in keys])
    for row in list(session.query(model).filter(wanted).order_by(model.id)):
        with suppress(Refused):
            ask_hook(session, "on_model_delete")
            session.delete(row)
            session.commit()
