"""What plain views write: a row from a form, with its relations and what is edited inside it.

What fails is rolled back, and hooks are called before and after the commit, as in Flask-Admin.
"""

from __future__ import annotations

from collections.abc import Callable
from itertools import count, takewhile
from typing import Any

from flask import current_app, flash
from sqlalchemy import delete as deletion
from wtforms.validators import ValidationError

from experiments.session_scoping.rig.application import Post, Tag, User, mark


def save(session: Any, row: Any, form: Any) -> bool:
    """Store a row, new or not, as a form describes it; return whether that worked."""

    def change() -> None:
        with session.no_autoflush:  # hooks are to find what changes, not what was flushed
            fill(session, row, form)
        session.add(row)
        changed(session)

    return stored(session, change, "after_model_change")


def edit_in_list(session: Any, row: Any, form: Any) -> bool:
    """Change the fields of a row that a list's form sends; return whether that worked."""

    def change() -> None:
        with session.no_autoflush:
            for name in (name for name in form if name != "list_form_pk"):
                fill_field(session, row, name, form)
        changed(session)

    return stored(session, change, "after_model_change")


def delete(session: Any, model: Any, keys: Any) -> int:
    """Delete the rows with these keys, each in a transaction; return how many that worked with."""
    rows = session.query(model).filter(model.id.in_([int(key) for key in keys])).order_by(model.id)
    return sum(delete_one(session, row) for row in rows.all())


def delete_at_once(session: Any, model: Any, keys: Any) -> int:
    """Delete the rows with these keys in one statement; return how many were deleted."""
    number = 0

    def change() -> None:
        nonlocal number
        condition = model.id.in_([int(key) for key in keys])
        number = session.execute(deletion(model.__table__).where(condition)).rowcount

    return number if stored(session, change, "") else 0


def delete_one(session: Any, row: Any) -> bool:
    """Delete a row; return whether that worked."""

    def change() -> None:
        call_hook(session, "on_model_delete")
        session.delete(row)

    return stored(session, change, "after_model_delete")


# --- Transactions and hooks -----------------------------------------------------------------------


def stored(session: Any, change: Callable[[], None], hook: str) -> bool:
    """Make a change, commit and call a hook; roll back, say so and return False if that fails.

    Where the application is set to raise what fails, it is raised, and the request ends with it.
    """
    try:
        change()
        session.commit()
    except Exception as error:
        if current_app.config.get("FLASK_ADMIN_RAISE_ON_VIEW_EXCEPTION"):
            raise
        current_app.logger.exception("Nothing was stored.")
        session.rollback()
        flash(str(error) if isinstance(error, ValidationError) else f"Failed. {error}")
        return False
    call_hook(session, hook)
    return True


def changed(session: Any) -> None:
    """Mark that a row was changed, and call the hook for it."""
    mark("changed")
    call_hook(session, "on_model_change")


def call_hook(session: Any, name: str) -> None:
    """Do in a hook what the experiment chooses, with the session of the views."""
    current_app.config["ON_HOOK"](name, session)


# --- Forms ----------------------------------------------------------------------------------------


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
    post.tags = tags(session, filter(None, form.get(f"{name}-tags", "").split(",")))
    if not key:
        user.posts.append(post)


def tags(session: Any, keys: Any) -> list[Any]:
    """Return the tags with these keys."""
    return [session.get(Tag, int(key)) for key in keys]
