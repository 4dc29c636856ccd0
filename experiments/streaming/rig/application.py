"""The application under test: posts with authors, streamed as lines by a view of the pattern's."""

from __future__ import annotations

import sqlite3

from flask import Flask
from sqlalchemy import ForeignKey
from sqlalchemy.orm import (
    DeclarativeBase,
    Mapped,
    configure_mappers,
    mapped_column,
    relationship,
)

ROWS = ("First post,Ann", "Second post,Ben", "Third post,Cleo", "Fourth post,Dora")
"""The lines that a whole body holds, in order: a post's title and its author's name."""


class Base(DeclarativeBase):
    """The base of the models."""


class Author(Base):
    """Somebody who writes posts."""

    __tablename__ = "author"
    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]

    def __str__(self) -> str:
        return self.name


class Post(Base):
    """A post, whose author is loaded when somebody asks for it."""

    __tablename__ = "post"
    id: Mapped[int] = mapped_column(primary_key=True)
    title: Mapped[str]
    author_id: Mapped[int] = mapped_column(ForeignKey("author.id"))
    author: Mapped[Author] = relationship()


def warm() -> None:
    """Configure the mappers."""
    configure_mappers()


def fill(file: str) -> None:
    """Make a database in this file, with four posts of four authors; no session knows of it."""
    with sqlite3.connect(file) as connection:
        connection.execute("create table author (id integer primary key, name text not null)")
        connection.execute(
            "create table post (id integer primary key, title text not null,"
            " author_id integer not null references author (id))"
        )
        for key, row in enumerate(ROWS, start=1):
            title, name = row.split(",")
            connection.execute("insert into author values (?, ?)", (key, name))
            connection.execute("insert into post values (?, ?, ?)", (key, title, key))
    connection.close()


def make_application(url: str) -> Flask:
    """Return an application that every pattern finds its database in."""
    app = Flask("application")
    app.config.update(
        SECRET_KEY="casebook",
        DATABASE_URL=url,
        SQLALCHEMY_DATABASE_URI=url,
        SQLALCHEMY_ENGINES={"default": url},
    )
    return app
