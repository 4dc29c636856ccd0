"""Drives the application under one pattern: wires it, sends requests, reads the database."""

from __future__ import annotations

import copy
import threading
import warnings
from collections.abc import Callable
from contextlib import AbstractContextManager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any

from sqlalchemy.orm import scoped_session, sessionmaker
from werkzeug.test import Client
from werkzeug.wrappers import Response

from casebook.record import Trial
from experiments.rigs.recorder import Recorder
from experiments.session_scoping.rig import databases, markup
from experiments.session_scoping.rig.application import (
    AMPLE_POOL,
    VIEWS,
    User,
    add_routes,
    make_application,
)
from experiments.session_scoping.rig.databases.sqlite import CONNECT_ARGS, filled_engine

WAYS: dict[str, tuple[str, dict[str, str]]] = {
    "own route": ("/perform", {}),
    "action": ("/admin/user/action/", {"action": "perform", "rowid": "1"}),
}
"""Where the application performs a task: in its own route or in an action of its admin."""

SEEN = (
    "user/",
    "user/?search=a&sort=1&flt0_0=Ben&page=0",
    "user/details/?id=3",
    "user/new/",
    "user/edit/?id=1",
    "user/export/csv/",
    "user/ajax/lookup/?name=post-tags&query=sq",
    "post/",
    "post/new/",
    "post/edit/?id=2",
    "post/ajax/lookup/?name=author&query=cle",
)
"""The pages that `tour` visits."""

SENT: tuple[tuple[str, dict[str, str]], ...] = (
    ("post/new/", {"title": "new", "author": "1", "tags": "1"}),
    ("user/new/", {"email": "finn@example.com", "name": "Finn"}),
    ("user/new/", {"email": "ann@example.com", "name": "a name, and an email that is taken"}),
    ("user/ajax/update/", {"list_form_pk": "3", "name": "Cleopatra"}),
    (
        "user/edit/?id=1",
        {
            "email": "ann@example.com",
            "name": "Anna",
            "posts-0-id": "1",
            "posts-0-title": "Edited",
            "posts-0-tags": "2",
        },
    ),
    ("user/delete/", {"id": "4"}),
    ("user/action/", {"action": "delete", "rowid": "5"}),
)
"""The forms that `tour` sends."""

_database: databases.Database
_recorder = Recorder("experiments.session_scoping")


def warm() -> None:
    """Do the work that every cell would otherwise repeat, once and unrecorded.

    The work is compiling templates, configuring mappers, and filling other libraries' caches.
    """
    engine = filled_engine()
    session = scoped_session(sessionmaker(engine))
    tour(session)
    session.remove()
    engine.dispose()


def prepare(database: str, server: str) -> None:
    """Prepare the database that every cell starts from, and install the recorder."""
    global _database
    _database = databases.prepare(database, server)
    _recorder.install()


def tour(session: Any) -> None:
    """Visit the pages that experiments use, unrecorded."""
    app, admin = make_application("sqlite://", lambda name: None, CONNECT_ARGS)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for view, model in VIEWS.items():
            admin.add_view(view(model, session))
    client = Client(app, Response)
    for path in SEEN:
        client.get(f"/admin/{path}").close()
    for path, form in SENT:
        client.post(f"/admin/{path}", data=form).close()


@dataclass(frozen=True)
class Answer:
    """A response: its status and its body as text, which is empty for an error page."""

    status: int
    text: str

    def cells(self, column: str) -> str:
        """Return the texts of one column of a list, in the order shown, separated by commas."""
        return ", ".join(markup.cells(self.text, column))


class Driver:
    """The application under one pattern, and the requests that an experiment sends to it."""

    def __init__(self, trial: Trial, pool_size: int = AMPLE_POOL, folder: str = "") -> None:
        self.on_mark: Callable[[str], None] = lambda name: None
        self.config: dict[str, Any] = {}  # what the application is given beside its own
        self._database = copy.copy(_database)
        self._folder = folder or trial.folder
        self._pattern = trial.pattern
        self._pool_size = pool_size
        self.recorder = _recorder
        self.recorder.begin(trial, private=self._database.private)

    def wait_briefly(self) -> None:
        """Let no request wait long for a lock; to be called before `wire`."""
        self._database.wait_briefly()

    def wire(self) -> None:
        """Set up the application under the pattern, and record it as a request is recorded."""
        url = self._database.fresh(self._folder)
        app, admin = make_application(url, self._mark, self._database.connect_args, self._pool_size)
        app.config.update(self.config)
        self.recorder.record("wiring-started")
        application_session = self._pattern(app, admin)
        self.recorder.record("wiring-ended")
        add_routes(app, application_session)
        self.app, self.admin = app, admin
        self.application_session = application_session
        self.view_session = view_session(app, admin)
        self.recorder.settle()

    def _mark(self, name: str) -> None:
        self.recorder.record("marked", name=name)
        self.on_mark(name)

    def get(self, path: str) -> Answer:
        """Send a GET request and return its answer after the response is closed."""
        return self._send(path, method="GET")

    def post(self, path: str, **form: Any) -> Answer:
        """Send a POST request with a form and return its answer after the response is closed."""
        return self._send(path, method="POST", data=form)

    def send(self, method: str, path: str, **how: Any) -> Answer:
        """Send a request of any method and return its answer after the response is closed."""
        return self._send(path, method=method, **how)

    def create_post(self, title: str) -> Answer:
        """Create a post through the admin, as an ordinary request that changes rows."""
        return self.post("/admin/post/new/", title=title, author="1")

    def perform(self, task: Callable[..., Any], way: str) -> Answer:
        """Make the application perform a task in one of the `WAYS`."""
        self.app.config["TASK"] = task
        path, form = WAYS[way]
        return self.post(path, **form)

    def _send(self, path: str, **how: Any) -> Answer:
        client = Client(self.app, Response)
        try:
            response: Response = client.open(path, buffered=True, **how)
        except Exception:  # recorded; a server answers 500 when an application raises
            return Answer(500, "")
        text = response.get_data(as_text=True)
        response.close()
        return Answer(response.status_code, text if response.status_code < 400 else "")

    # --- The database, through the experiment's own connection ------------------------------------

    def rows(self, query: str) -> str:
        """Return a query's rows as text, with spaces between values and commas between rows."""
        return ", ".join(" ".join(map(str, row)) for row in self._database.rows(query))

    def change(self, statement: str) -> None:
        """Change the database as another program would, and record whether it succeeded."""
        error = self._database.change(statement)
        self.recorder.record("external-change", statement=statement, error=error)

    def refusing_commits(self) -> AbstractContextManager[None]:
        """Make the database refuse commits meanwhile, but none of the statements before them."""
        return self._database.refusing_commits()

    def end_connections(self) -> None:
        """Make the server end the application's connections, and record how many there were."""
        self.recorder.record("connections-ended", number=self._database.end_others())


def view_session(app: Any, admin: Any) -> Callable[[], Any]:
    """Return what gives the session that the view of users resolves, be it the admin's or plain."""
    if "VIEW_SESSION" in app.config:
        given: Callable[[], Any] = app.config["VIEW_SESSION"]
        return given
    views = (view for view in admin._views if getattr(view, "model", None) is User)
    resolved: Callable[[], Any] = next(views).resolved_session
    return resolved


class Baton:
    """Lets several threads run one at a time, in a fixed order, switching at marked points.

    Events are then recorded in their true order, which is the same each time. A turn belongs to a
    context: code that a task runs on other threads in its own context hands over for the task.
    """

    def __init__(self) -> None:
        self._turns: list[threading.Semaphore] = []
        self._number: ContextVar[int | None] = ContextVar("number", default=None)
        self._finished: set[int] = set()

    def run(self, *tasks: Callable[[], Any]) -> None:
        """Run each task on its own thread; a task hands over when it calls `pass_on`."""
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
        self._number.set(number)
        self._turns[number].acquire()
        try:
            task()
        finally:
            self._finished.add(number)
            self._hand_over(number)

    def pass_on(self) -> None:
        """Hand over to the next thread and wait for the baton; a thread without a turn goes on."""
        number = self._number.get()
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
