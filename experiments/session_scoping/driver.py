"""Drives the application under one pattern: wires it, sends requests, reads the database."""

from __future__ import annotations

import os
import re
import sqlite3
import threading
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from html import unescape
from typing import Any

from sqlalchemy import create_engine
from sqlalchemy.engine import Engine
from sqlalchemy.orm import scoped_session, sessionmaker
from sqlalchemy.pool import StaticPool
from werkzeug.test import Client
from werkzeug.wrappers import Response

from casebook.record import Trial
from experiments.session_scoping.application import (
    AMPLE_POOL,
    ROWS,
    VIEWS,
    Base,
    add_routes,
    make_application,
)
from experiments.session_scoping.recorder import Recorder

_prepared: bytes = b""
_recorder = Recorder()


def warm() -> None:
    """Do once, unrecorded, what every cell would otherwise do again.

    That is to compile templates, to configure mappers, and whatever else libraries keep.
    """
    engine = filled_engine()
    session = scoped_session(sessionmaker(engine))
    tour(session)
    session.remove()
    engine.dispose()


def prepare() -> None:
    """Make the database's file that every cell starts from, and install the recorder."""
    global _prepared
    engine = filled_engine()
    with engine.connect() as connection:
        _prepared = connection.connection.dbapi_connection.serialize()
    engine.dispose()
    _recorder.install()


def filled_engine() -> Engine:
    """Return the engine of a database in memory that holds the rows of `application.ROWS`."""
    engine = create_engine("sqlite://", poolclass=StaticPool)
    Base.metadata.create_all(engine)
    with engine.begin() as connection:
        for table, rows in ROWS.items():
            connection.execute(table.insert(), rows)
    return engine


def tour(session: Any) -> None:
    """Visit the pages that experiments will visit, unrecorded."""
    app, admin = make_application("sqlite://", lambda name: None)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for view, model in VIEWS.items():
            admin.add_view(view(model, session))
    client = Client(app, Response)
    for path in ("", "details/?id=3", "new/", "edit/?id=1", "export/csv/", "?search=a&sort=1"):
        client.get(f"/admin/user/{path}").close()
    client.get("/admin/post/").close()
    client.post("/admin/post/new/", data={"title": "new", "author": "1", "tags": "1"}).close()


@dataclass(frozen=True)
class Answer:
    """A response: its status and its body as text, which is empty where it is an error's page."""

    status: int
    text: str

    def cells(self, column: str) -> str:
        """Return the texts of a list's column, in the order shown, separated by commas."""
        found = re.findall(rf'<td class="col-{column}">(.*?)</td>', self.text, re.DOTALL)
        return ", ".join(" ".join(unescape(re.sub("<[^>]*>", "", cell)).split()) for cell in found)


class Driver:
    """The application under one pattern, and the requests that an experiment sends to it."""

    def __init__(self, trial: Trial, pool_size: int = AMPLE_POOL) -> None:
        self.on_mark: Callable[[str], None] = lambda name: None
        if trial.database != "sqlite":
            raise ValueError(
                f"{trial.database!r} is no database that this driver knows: use sqlite"
            )
        self._database = os.path.join(trial.folder, "database.sqlite")
        self._pattern = trial.pattern
        self._pool_size = pool_size
        self.recorder = _recorder
        self.recorder.begin(trial)

    def wire(self) -> None:
        """Set the application up under the pattern, recorded like a request."""
        with open(self._database, "wb") as file:
            file.write(_prepared)
        app, admin = make_application(f"sqlite:///{self._database}", self._mark, self._pool_size)
        self.recorder.record("wiring-started")
        application_session = self._pattern(app, admin)
        self.recorder.record("wiring-ended")
        add_routes(app, application_session)
        self.app = app
        self.recorder.settle()

    def _mark(self, name: str) -> None:
        self.recorder.record("marked", name=name)
        self.on_mark(name)

    def get(self, path: str) -> Answer:
        """Send a GET request and return its answer when the response is closed."""
        return self._send(path, method="GET")

    def post(self, path: str, **form: Any) -> Answer:
        """Send a POST request with a form and return its answer when the response is closed."""
        return self._send(path, method="POST", data=form)

    def create_post(self, title: str) -> Answer:
        """Create a post through the admin, the ordinary change that other requests make."""
        return self.post("/admin/post/new/", title=title, author="1")

    def _send(self, path: str, **how: Any) -> Answer:
        try:
            response: Response = Client(self.app, Response).open(path, buffered=True, **how)
        except Exception as error:  # a server answers 500 where an application lets one out
            self.recorder.record_exception(error)
            return Answer(500, "")
        text = response.get_data(as_text=True)
        response.close()
        return Answer(response.status_code, text if response.status_code < 400 else "")

    # --- The database, through a connection of the experiment's own -------------------------------

    def rows(self, query: str) -> str:
        """Return a query's rows as text, values separated by spaces and rows by commas."""
        with sqlite3.connect(f"file:{self._database}?mode=ro", uri=True, timeout=0) as connection:
            rows = connection.execute(query).fetchall()
        connection.close()
        return ", ".join(" ".join(map(str, row)) for row in rows)

    def change(self, statement: str) -> None:
        """Change the database as another program would, and record whether that was possible."""
        connection = sqlite3.connect(self._database, timeout=0)
        try:
            with connection:
                connection.execute(statement)
        except sqlite3.OperationalError as error:
            self.recorder.record("external-change", statement=statement, error=str(error))
        else:
            self.recorder.record("external-change", statement=statement, error=None)
        finally:
            connection.close()


class Baton:
    """Lets several threads run one at a time, handing over at marked points, in a fixed order.

    The order of what happens is then the true order, and the same each time.
    """

    def __init__(self) -> None:
        self._turns: list[threading.Semaphore] = []
        self._names = threading.local()
        self._finished: set[int] = set()

    def run(self, *tasks: Callable[[], Any]) -> None:
        """Run each task on a thread of its own; a task hands over where it calls `pass_on`."""
        self._turns = [threading.Semaphore(0) for _ in tasks]
        threads = [
            threading.Thread(target=self._run_one, args=(number, task))
            for number, task in enumerate(tasks)
        ]
        for thread in threads:
            thread.start()
        self._turns[0].release()
        for thread in threads:
            thread.join()

    def _run_one(self, number: int, task: Callable[[], Any]) -> None:
        self._names.number = number
        self._turns[number].acquire()
        try:
            task()
        finally:
            self._finished.add(number)
            self._hand_over(number)

    def pass_on(self) -> None:
        """Hand over to the next thread and wait for the baton; a thread without one goes on."""
        number = getattr(self._names, "number", None)
        if number is not None and self._hand_over(number):
            self._turns[number].acquire()

    def _hand_over(self, number: int) -> bool:
        count = len(self._turns)
        for step in range(1, count):
            following = (number + step) % count
            if following not in self._finished:
                self._turns[following].release()
                return True
        return False
