"""A second engine: notes, which are stored in another database than users and posts."""

from __future__ import annotations

import os
import sqlite3
from typing import Any

from sqlalchemy import Column, Integer, String, insert
from sqlalchemy.orm import declarative_base

from experiments.session_scoping.rig.application import MarkedView, User
from experiments.session_scoping.rig.driver import Driver
from experiments.session_scoping.rig.tasks import Way

NoteBase: Any = declarative_base()

TABLE = "create table note (id integer primary key, text varchar(80) not null)"


class Note(NoteBase):
    """A note, in the second database."""

    __tablename__ = "note"
    id = Column(Integer, primary_key=True)
    text = Column(String(80), nullable=False)


class NoteView(MarkedView):
    """Notes, whatever class they are of."""

    column_list = ("text",)
    form_columns = ("text",)


class OtherDatabase:
    """A second database, in a file of its own, which holds one note."""

    def __init__(self, folder: str, note: str) -> None:
        self._file = os.path.join(folder, "other.sqlite")
        self.url = f"sqlite:///{self._file}"
        self._do(TABLE)
        self._do(f"insert into note (text) values ('{note}')")

    def _do(self, statement: str) -> list[tuple[Any, ...]]:
        connection = sqlite3.connect(self._file, timeout=0)
        try:
            with connection:
                return connection.execute(statement).fetchall()
        finally:
            connection.close()

    def notes(self) -> str:
        """Return the texts of the notes, separated by commas."""
        return ", ".join(text for (text,) in self._do("select text from note order by id"))


def wire(driver: Driver, other: OtherDatabase) -> type[Any]:
    """Set up an application with two engines, whose tables of notes tell where a note went.

    Returns the class of notes, which a backend may have its own way to declare.
    """
    driver.config["OTHER_DATABASE_URL"] = other.url
    driver.wire()
    driver.change(TABLE)
    views = driver.admin._views
    return next(view.model for view in views if isinstance(view, NoteView))


def add_to_both(session_of: Way, note: type[Any], name: str) -> str:
    """Add a row to each database and commit it.

    Not both at once: a session returns the connections of one transaction in the order of a set.
    """
    for row in (User(email=f"{name}@example.com", name=name), note(text=name)):
        session_of().add(row)
        session_of().commit()
    return "added"


def insert_into_both(session_of: Way, note: type[Any], name: str) -> str:
    """Add a row to each database by a statement about its table, and commit it."""
    user = {"email": f"{name}@example.com", "name": name}
    for table, values in ((User.__table__, user), (note.__table__, {"text": name})):
        session_of().execute(insert(table).values(**values))
        session_of().commit()
    return "added"
