"""Operations that overlap: how each is sent, how plain code does it, and what it does to rows.

Each time, operations meet on rows of their own, which are told apart by a key: a user and a post of
theirs, and a user whom an operation may create.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol

from flask import request

from experiments.session_scoping.rig.application import User, mark
from experiments.session_scoping.rig.orders import (
    Does,
    create_rows,
    delete_rows,
    edit_rows,
    edit_rows_inline,
    extend_rows,
    read_rows,
)
from experiments.session_scoping.rig.tasks import Way

FIRST_KEY = 1000
"""The first key, beyond those of the rows that the database begins with and creates itself."""

FILL = """
with recursive fresh(id) as (select {first} union all select id + 1 from fresh where id < {last})
insert into {table} select {columns} from fresh"""
"""SQL that adds one row for each key."""

FILLED = {
    '"user" (id, email, name)': "id, 'old' || id || '@example.com', 'Old~' || id",
    "post (id, title, author_id)": "id, 'Post:' || id, id",
}

ROWS = """
select coalesce((select name from "user" where id = {key}), 'no user') || ', '
|| coalesce((select title from post where id = {key}), 'no post') || ', '
|| coalesce((select name from "user" where email = 'new{key}@example.com'), 'none new')"""
"""SQL for what is left of the rows of a key, as text."""


def filling(number: int) -> list[str]:
    """Return the statements that add the rows of this many keys."""
    return [
        FILL.format(first=FIRST_KEY, last=FIRST_KEY + number - 1, table=table, columns=columns)
        for table, columns in FILLED.items()
    ]


# --- Operations in plain code, each time with a session of its own --------------------------------


def read(session: Any, key: int, _: str) -> str:
    users = session.query(User).filter(User.email == f"old{key}@example.com").all()
    return ", ".join(user.name for user in users)


def create(session: Any, key: int, by: str) -> str:
    email = f"new{key}@example.com"
    if session.query(User).filter(User.email == email).first():
        return "refused"
    session.add(User(email=email, name=f"New by {by}~{key}"))
    session.commit()
    return "done"


def edit(session: Any, key: int, by: str) -> str:
    user = session.get(User, key)
    if user is None:
        return "refused"
    user.name = f"Edited by {by}~{key}"
    session.commit()
    return "done"


def edit_inline(session: Any, key: int, by: str) -> str:
    user = session.get(User, key)
    if user is None:
        return "refused"
    user.name = f"Edited by {by}~{key}"
    for post in user.posts:
        post.title = f"Edited by {by}:{key}"
    session.commit()
    return "done"


def delete(session: Any, key: int, _: str) -> str:
    user = session.get(User, key)
    if user is None:
        return "refused"
    session.delete(user)
    session.commit()
    return "done"


def extend(session: Any, key: int, _: str) -> str:
    user = session.get(User, key)
    if user is None:
        return "refused"
    user.name = user.name.replace("~", " again~")
    session.commit()
    return "done"


def own_route(session_of: Way) -> str:
    """Do, in the application's own route, what a request asks for."""
    does = {"read": read, "extend": extend}[request.args["do"]]
    answer = does(session_of(), int(request.args["key"]), "")
    mark("viewed")
    return answer


# --- The operations -------------------------------------------------------------------------------


@dataclass(frozen=True)
class Reply:
    """What a request was answered: the status, the text, and what Flask-Admin flashed."""

    status: int
    text: str
    flashed: tuple[str, ...]

    @property
    def done(self) -> str:
        """Whether an operation that changes rows says that it did so."""
        said = (*self.flashed, self.text) if self.status < 400 else ()
        successes = ("was successfully ", "done")
        return "done" if any(word in text for text in said for word in successes) else "refused"


class Send(Protocol):
    """Sends a request to a path; one with a form is a POST."""

    def __call__(self, path: str, **form: Any) -> Reply: ...


@dataclass(frozen=True)
class Operation:
    """An operation: how a request does it, how plain code does it, and what it does to rows.

    Each takes who does it, since each writes something of its own, and returns what it answered.
    `points` are those at which another may run meanwhile.
    """

    name: str
    send: Callable[[Send, int, str], str]
    plain: Callable[[Any, int, str], str]
    rows: Does
    points: tuple[str, ...]


def reading(name: str, path: str, **form: str) -> Operation:
    """Return an operation that shows the user's name, wherever in its page."""

    def send(ask: Send, key: int, _: str) -> str:
        reply = ask(path.format(key=key), **form)
        return shown(key, reply.text) if reply.status < 400 else "refused"

    def plain(session: Any, key: int, by: str) -> str:
        return shown(key, read(session, key, by))

    return Operation(name, send, plain, read_rows, ("viewed",))


def writing(
    name: str, path: str, form: dict[str, str], plain: Callable[..., str], rows: Does
) -> Operation:
    """Return an operation that changes rows."""

    def send(ask: Send, key: int, by: str) -> str:
        filled = {field: text.format(key=key, by=by) for field, text in form.items()}
        return ask(path.format(key=key), **filled).done

    return Operation(name, send, plain, rows, ("changed", "flushed"))


def shown(key: int, text: str) -> str:
    """Return the names of the key's user in a text."""
    names = dict.fromkeys(re.findall(rf"([A-Z][a-z ]*)~{key}\b", text))
    return f"shows {', '.join(names) or 'nobody'}"


EDITED = {"email": "old{key}@example.com", "name": "Edited by {by}~{key}"}

READERS = (
    reading("list", "/admin/user/?search=old{key}@"),
    reading("details", "/admin/user/details/?id={key}"),
    reading("edit form", "/admin/user/edit/?id={key}"),
    reading("AJAX lookup", "/admin/post/ajax/lookup/?name=author&query=old{key}@"),
    reading("export", "/admin/user/export/csv/?search=old{key}@"),
    reading("own read", "/perform?do=read&key={key}", posted="yes"),
)

WRITERS = (
    writing(
        "create",
        "/admin/user/new/",
        {"email": "new{key}@example.com", "name": "New by {by}~{key}"},
        create,
        create_rows,
    ),
    writing("edit", "/admin/user/edit/?id={key}", EDITED, edit, edit_rows),
    writing(
        "edit in the list",
        "/admin/user/ajax/update/",
        {"list_form_pk": "{key}", "name": "Edited by {by}~{key}"},
        edit,
        edit_rows,
    ),
    writing(
        "edit inline",
        "/admin/user/edit/?id={key}",
        {
            **EDITED,
            "posts-0-id": "{key}",
            "posts-0-title": "Edited by {by}:{key}",
        },
        edit_inline,
        edit_rows_inline,
    ),
    writing("delete", "/admin/user/delete/", {"id": "{key}"}, delete, delete_rows),
    writing(
        "bulk delete",
        "/admin/user/action/",
        {"action": "delete", "rowid": "{key}"},
        delete,
        delete_rows,
    ),
    writing("own write", "/perform?do=extend&key={key}", {"posted": "yes"}, extend, extend_rows),
)


OPERATIONS = {operation.name: operation for operation in (*READERS, *WRITERS)}
