"""A second engine of one application."""

from flask_admin.contrib.sqla import ModelView
from sqlalchemy import Column, Integer, String, create_engine, text
from sqlalchemy.orm import declarative_base
from sqlalchemy.pool import NullPool

from experiments.session_scoping.reproductions.application import ask, rows, start
from experiments.session_scoping.reproductions.databases.sqlite import new_database
from experiments.session_scoping.reproductions.left import left, watch_what_is_left
from experiments.session_scoping.reproductions.sessions import USED, sessions, watch_uses

__all__ = ["Note", "NoteView", "second_engine", "second_engines_apart"]

NoteBase = declarative_base()
NOTES = "select text from note order by id"


class Note(NoteBase):
    """Something in the second database."""

    __tablename__ = "note"
    id = Column(Integer, primary_key=True)
    text = Column(String(80), nullable=False)


class NoteView(ModelView):
    """Notes, whatever class they are of."""

    column_list = form_columns = ("text",)


def start_with_notes(pattern, note):
    """Return the application and its second database, which holds a note; the first may, too."""
    url, _ = new_database()
    other = create_engine(url, poolclass=NullPool)
    NoteBase.metadata.create_all(other)
    with other.begin() as connection:
        connection.execute(Note.__table__.insert(), [{"text": note}])
    app = start(pattern, OTHER_DATABASE_URL=url)
    NoteBase.metadata.create_all(app.config["OWN_ENGINE"])
    return app, other


def notes(engine):
    """Return the notes in a database."""
    with engine.connect() as connection:
        return list(connection.execute(text(NOTES)).scalars())


def second_engine(pattern):
    """List, create, edit and delete notes: where are they, and what is left after each?"""
    watch_uses()
    watch_what_is_left()
    app, other = start_with_notes(pattern, "First")
    for path, form, asked in (
        ("", {}, ["First"]),
        ("new/", {"text": "New"}, ["First", "New"]),
        ("edit/?id=1", {"text": "Edited"}, ["Edited", "New"]),
        ("delete/", {"id": "1"}, ["New"]),
    ):
        shown = ask(app, f"/admin/note/{path}", **form)[1]
        print(
            f"   notes: {notes(other)}; elsewhere: {rows(app, NOTES)}; left: {left() or 'nothing'}"
        )
        as_asked = notes(other) == asked and not rows(app, NOTES) and (form or "First" in shown)
        if not as_asked or left():
            return "refuted"
    several = any(len(sessions(request)) > 1 for request in list(USED))
    return "refuted" if several else "supported" if len(USED) == 4 else None


def second_engines_apart(pattern):
    """Set up two applications with two engines each: whose notes does each show and store?"""
    started = {name: start_with_notes(pattern, f"Of the {name}") for name in ("first", "second")}
    for name, (app, other) in started.items():
        shown = ask(app, "/admin/note/")[1]
        ask(app, "/admin/note/new/", text=f"New in the {name}")
        print(f"   notes of the {name} application: {notes(other)}")
        if f"Of the {name}" not in shown or notes(other) != [
            f"Of the {name}",
            f"New in the {name}",
        ]:
            return "refuted"
    return "supported"
