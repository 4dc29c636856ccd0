"""The application under test: a site that exercises every use Flask-Admin makes of a session.

Users have a unique email (Flask-Admin's `Unique` validator). Posts are edited inline in their
author's form, and their own form looks the author up through AJAX. Tags are many-to-many and looked
up in the inline form.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from types import CodeType
from typing import Any, ClassVar

from flask import Flask, current_app, request
from flask_admin import Admin
from flask_admin.actions import action
from flask_admin.contrib.sqla import ModelView
from jinja2 import BytecodeCache
from sqlalchemy import Column, ForeignKey, Integer, String, Table
from sqlalchemy.orm import declarative_base, relationship
from sqlalchemy.pool import QueuePool

AMPLE_POOL = 50
"""More connections than an experiment has requests: leaks show only where one looks for them."""

PAGE_SIZE = 3
"""The rows of one page of a list."""

Base: Any = declarative_base()

post_tags = Table(
    "post_tags",
    Base.metadata,
    Column("post_id", ForeignKey("post.id"), primary_key=True),
    Column("tag_id", ForeignKey("tag.id"), primary_key=True),
)


class User(Base):
    """A person who writes posts."""

    __tablename__ = "user"
    id = Column(Integer, primary_key=True)
    email = Column(String(80), unique=True, nullable=False)
    name = Column(String(80), nullable=False)
    posts = relationship("Post", back_populates="author", cascade="all, delete-orphan")

    def __str__(self) -> str:
        return str(self.name)


class Post(Base):
    """A post that a user wrote."""

    __tablename__ = "post"
    id = Column(Integer, primary_key=True)
    title = Column(String(80), nullable=False)
    author_id = Column(ForeignKey("user.id"), nullable=False)
    author = relationship(User, back_populates="posts")
    tags = relationship("Tag", secondary=post_tags, back_populates="posts")

    def __str__(self) -> str:
        return str(self.title)


class Tag(Base):
    """A word that several posts share."""

    __tablename__ = "tag"
    id = Column(Integer, primary_key=True)
    name = Column(String(80), nullable=False)
    posts = relationship(Post, secondary=post_tags, back_populates="tags")

    def __str__(self) -> str:
        return str(self.name)


ROWS: dict[Any, list[dict[str, Any]]] = {
    User.__table__: [
        {"id": key, "email": f"{name.lower()}@example.com", "name": name}
        for key, name in enumerate(("Ann", "Ben", "Cleo", "Dora", "Emil"), start=1)
    ],
    Tag.__table__: [{"id": 1, "name": "flask"}, {"id": 2, "name": "sql"}],
    Post.__table__: [
        {"id": 1, "title": "First post", "author_id": 1},
        {"id": 2, "title": "Second post", "author_id": 2},
    ],
}
"""The rows in the database before the first request."""


class MarkedView(ModelView):
    """A view that calls the application's `on_mark` at marked points.

    `_run_view` and `get_list` are Flask-Admin's documented hooks to wrap a view and its query.
    """

    can_view_details = True
    can_export = True
    page_size = PAGE_SIZE

    def _run_view(self, fn: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
        response = super()._run_view(fn, *args, **kwargs)
        mark("viewed")
        return response

    def get_list(self, *args: Any, **kwargs: Any) -> Any:
        result = super().get_list(*args, **kwargs)
        mark("listed")
        return result

    def on_model_change(self, form: Any, model: Any, is_created: bool) -> None:
        mark("changed")
        self.hook("on_model_change")

    def after_model_change(self, form: Any, model: Any, is_created: bool) -> None:
        self.hook("after_model_change")

    def on_model_delete(self, model: Any) -> None:
        self.hook("on_model_delete")

    def after_model_delete(self, model: Any) -> None:
        self.hook("after_model_delete")

    def hook(self, name: str) -> None:
        """Do in a hook what the experiment chooses, with the session that the view resolves."""
        current_app.config["ON_HOOK"](name, self.resolved_session)

    @action("change-without-commit", "Change and add without commit")
    def change_without_commit(self, ids: list[str]) -> None:
        change_without_commit(self.resolved_session(), flush=False)

    @action("flush-without-commit", "Change and add, flush without commit")
    def flush_without_commit(self, ids: list[str]) -> None:
        change_without_commit(self.resolved_session(), flush=True)

    @action("fail-to-flush", "Flush a duplicate")
    def fail_to_flush(self, ids: list[str]) -> None:
        fail_to_flush(self.resolved_session())

    @action("perform", "Perform a task")
    def perform(self, ids: list[str]) -> Any:
        return current_app.config["TASK"](self.resolved_session)

    @action("delete", "Delete", "Are you sure?")
    def action_delete(self, ids: list[str]) -> Any:
        # Flask-Admin 2.2.1 compares keys with strings, which PostgreSQL refuses with the driver
        # psycopg 3 (Flask-Admin issue 2951): bulk delete would fail with any session.
        return super().action_delete([int(key) for key in ids])

    def resolved_session(self) -> Any:
        """Return the session that the view itself resolves, however this release does so."""
        return self.get_query().session


class UserView(MarkedView):
    """Users: searchable, filterable, editable in the list, with their posts inline."""

    column_list = ("email", "name")
    column_searchable_list = ("email", "name")
    column_sortable_list = ("email", "name")
    column_default_sort = "id"
    column_filters = ("name",)
    column_editable_list = ("name",)
    column_export_list = ("email", "name")
    column_details_list = ("id", "email", "name")
    form_columns = ("email", "name")
    inline_models = (
        (
            Post,
            {
                "form_columns": ("id", "title", "tags"),
                "form_ajax_refs": {"tags": {"fields": ("name",)}},
            },
        ),
    )


class PostView(MarkedView):
    """Posts, with the author looked up through AJAX and the tags chosen from a list."""

    column_list = ("title", "author")
    column_export_list = ("title", "tags")  # the list has no tags, so its query joins none
    form_columns = ("title", "author", "tags")
    form_ajax_refs: ClassVar = {"author": {"fields": ("name", "email")}}


VIEWS = {UserView: User, PostView: Post}
"""The views that every pattern adds, and their models."""


def mark(name: str) -> None:
    """Report that a request reached a marked point; the experiment chooses what happens then."""
    current_app.config["ON_MARK"](name)


# --- Session work shared by the custom action and the application's own route --------------------


def change_without_commit(session: Any, flush: bool) -> None:
    """Change one row, add another, and leave both uncommitted."""
    session.get(User, 1).name = "Uncommitted"
    session.add(User(email="uncommitted@example.com", name="Added"))
    if flush:
        session.flush()
    mark("left uncommitted")


def fail_to_flush(session: Any) -> None:
    """Flush a row that the database refuses, and let the exception propagate."""
    session.add(User(email="ann@example.com", name="Duplicate"))
    session.flush()


# --- The application -----------------------------------------------------------------------------


class RememberedTemplates(BytecodeCache):
    """Compiled templates, kept in memory and inherited by forked processes.

    Each is kept as a code object: reading its bytes again took a tenth of a short cell's time.
    """

    compiled: ClassVar[dict[str, CodeType]] = {}

    def load_bytecode(self, bucket: Any) -> None:
        bucket.code = self.compiled.get(bucket.key)

    def dump_bytecode(self, bucket: Any) -> None:
        self.compiled[bucket.key] = bucket.code


def make_application(
    database_url: str,
    on_mark: Callable[[str], None],
    connect_args: dict[str, Any],
    pool_size: int = AMPLE_POOL,
) -> tuple[Flask, Admin]:
    """Return the application and its admin, before any backend or view is added.

    Every backend finds its own settings for the same database, behind a `QueuePool` even for a
    file. `pool_timeout` is 0, so that a request fails instead of waiting for a connection.
    """
    app = Flask("application", root_path=os.path.dirname(os.path.abspath(__file__)))
    engine_options = {
        "poolclass": QueuePool,
        "pool_size": pool_size,
        "max_overflow": 0,
        "pool_timeout": 0,
        "connect_args": connect_args,
    }
    app.config.update(
        SECRET_KEY="casebook",
        DATABASE_URL=database_url,
        ENGINE_OPTIONS=engine_options,
        SQLALCHEMY_DATABASE_URI=database_url,
        SQLALCHEMY_ENGINE_OPTIONS=engine_options,
        SQLALCHEMY_ENGINES={"default": {"url": database_url, **engine_options}},
        ON_MARK=on_mark,
        ON_HOOK=lambda name, session_of: None,
    )
    app.jinja_options = {"bytecode_cache": RememberedTemplates()}
    return app, Admin(app, name="Casebook")


def add_routes(app: Flask, application_session: Callable[[], Any]) -> None:
    """Add the application's own routes, which use the session as the application would.

    The experiment chooses the task that `/perform` and the action of the same name run. The task is
    called with the function that gives the route, or the view, its session.
    """
    app.config["APPLICATION_SESSION"] = application_session
    held: list[Any] = []

    @app.post("/perform")
    def perform() -> Any:
        return app.config["TASK"](application_session) or "performed"

    @app.get("/names")
    def names() -> str:
        rows = application_session().query(User).order_by(User.id).all()
        mark("viewed")
        return "\n".join(f"{user.email} {user.name}" for user in rows)

    @app.get("/hold/<int:key>")
    def hold(key: int) -> str:
        held.append(application_session().get(User, key))
        return str(held[-1])

    @app.post("/users")
    def add_user() -> str:
        session = application_session()
        session.add(User(email=request.form["email"], name=request.form["name"]))
        session.commit()
        mark("viewed")
        return "added"

    @app.post("/change-without-commit")
    def change() -> str:
        change_without_commit(application_session(), flush=False)
        return "changed"

    @app.post("/flush-without-commit")
    def flush() -> str:
        change_without_commit(application_session(), flush=True)
        return "flushed"

    @app.post("/fail-to-flush")
    def fail() -> str:
        fail_to_flush(application_session())
        return "not reached"
