"""What plain views read: the rows of a list, one row, what a form offers and what it refuses."""

from __future__ import annotations

from typing import Any

from sqlalchemy import inspect, or_

from experiments.session_scoping.rig.application import PAGE_SIZE, Post, Tag, User

COLUMNS: dict[Any, tuple[Any, ...]] = {User: (User.email, User.name), Post: (Post.title, User.name)}
"""The columns by which each list is sorted and searched; posts by the name of their author."""

FILTERS = ("flt0_0", "flt0_author_user_name_contains")
"""The names of the filter by a user's name, in the lists of users and of posts."""

LOOKED_UP: dict[str, tuple[Any, ...]] = {
    "author": (User, User.name, User.email),
    "post-tags": (Tag, Tag.name),
}
"""The fields whose choices are looked up: the model of each, and the columns that are searched."""


def listed(session: Any, model: Any, asked: Any) -> list[Any]:
    """Return the rows of one page of a list: searched, filtered and sorted as asked."""
    order = COLUMNS[model][int(asked["sort"])] if asked.get("sort") else model.id
    query = asked_for(session, model, asked).order_by(order.desc() if asked.get("desc") else order)
    size = int(asked.get("page_size", PAGE_SIZE))
    return list(query.limit(size).offset(size * int(asked.get("page", 0))))


def counted(session: Any, model: Any, asked: Any) -> int:
    """Return how many rows all pages of a list have."""
    return int(asked_for(session, model, asked).count())


def asked_for(session: Any, model: Any, asked: Any) -> Any:
    """Return the query of a list's rows: searched and filtered as asked."""
    query = session.query(model)
    if model is Post:
        query = query.join(Post.author)
    if asked.get("search"):
        query = query.filter(matches(asked["search"], *COLUMNS[model]))
    for name in filter(asked.get, FILTERS):
        query = query.filter(matches(asked[name], User.name))
    return query


def every_column(model: Any) -> list[str]:
    """Return the names of a model's columns and relations."""
    return list(inspect(model).attrs.keys())


def every(session: Any, model: Any) -> list[Any]:
    """Return all rows, for an export."""
    return list(session.query(model).order_by(model.id))


def one(session: Any, model: Any, key: Any) -> Any:
    """Return one row, or None."""
    return session.get(model, int(key))


def looked_up(session: Any, name: str, text: str) -> list[tuple[int, str]]:
    """Return the choices of a field that a text matches, each with its key."""
    model, *columns = LOOKED_UP[name]
    query = session.query(model).filter(matches(text, *columns)).order_by(model.id)
    return [(row.id, str(row)) for row in query]


def offered(session: Any) -> list[Any]:
    """Return the tags that a post's form offers."""
    return list(session.query(Tag).order_by(Tag.id))


def is_taken(session: Any, email: str, user: Any) -> bool:
    """Return whether another user has this email."""
    other = session.query(User).filter(User.email == email).one_or_none()
    return other is not None and other is not user


def matches(text: str, *columns: Any) -> Any:
    """Return the condition that a column contains a text, whatever its case."""
    return or_(*(column.ilike(f"%{text}%") for column in columns))
