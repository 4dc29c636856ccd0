"""What plain views read: the rows of a list, one row, what a form offers and what it refuses."""

from __future__ import annotations

from typing import Any

from sqlalchemy import or_

from experiments.session_scoping.rig.application import PAGE_SIZE, Tag, User

SHOWN: dict[str, tuple[str, ...]] = {"user": ("email", "name"), "post": ("title", "author")}
"""The columns of each list, by which it can be sorted, too."""


def listed(session: Any, model: Any, asked: Any) -> list[Any]:
    """Return the rows of one page of a list: searched, filtered and sorted as asked."""
    query = session.query(model)
    if asked.get("search"):
        query = query.filter(matches(asked["search"], User.email, User.name))
    if asked.get("flt0_0"):
        query = query.filter(User.name == asked["flt0_0"])
    order = model.id
    if asked.get("sort"):
        order = getattr(model, SHOWN[model.__tablename__][int(asked["sort"])])
    query = query.order_by(order.desc() if asked.get("desc") else order)
    return list(query.limit(PAGE_SIZE).offset(PAGE_SIZE * int(asked.get("page", 0))))


def every(session: Any, model: Any) -> list[Any]:
    """Return all rows, for an export."""
    return list(session.query(model).order_by(model.id))


def one(session: Any, model: Any, key: Any) -> Any:
    """Return one row, or None."""
    return session.get(model, int(key))


def looked_up(session: Any, name: str, text: str) -> list[tuple[int, str]]:
    """Return the choices of a field that a text matches, each with its key."""
    model, columns = (User, (User.name, User.email)) if name == "author" else (Tag, (Tag.name,))
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
