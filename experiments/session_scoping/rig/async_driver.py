"""Drives the application with `async def` views: reads, writes, failing views and an overlap."""

from __future__ import annotations

import warnings

import asgiref.sync  # noqa: F401 - Flask imports it when it calls a view, in every cell
from sqlalchemy.engine import make_url

from casebook.record import Trial
from experiments.session_scoping.rig.admin_operations import NAMES, Operations
from experiments.session_scoping.rig.async_application import (
    add_async_routes,
    make_async_application,
)
from experiments.session_scoping.rig.driver import Answer, Baton, Driver

STORED = 'SELECT name FROM "user" ORDER BY id'
"""The query for the stored names, through the experiment's own connection."""


class ViewFailed(Exception):
    """Raised inside a view, in place of an application's own exception."""


class AsyncDriver(Driver):
    """The application with async views under one pattern, on a URL with an async driver."""

    def __init__(self, trial: Trial, driver: str) -> None:
        super().__init__(trial)
        self._driver = driver

    def wire(self) -> None:
        """Set up the application under the pattern, and record it as a request is recorded."""
        # Finalizers' warnings are not recorded: their order depends on the event loop's thread.
        warnings.simplefilter("ignore", ResourceWarning)
        warnings.filterwarnings("ignore", "coroutine .* was never awaited", RuntimeWarning)
        url = make_url(self._database.fresh(self._folder))
        url = url.set(drivername=f"{url.get_backend_name()}+{self._driver}")
        if self._driver == "aiosqlite":
            url = url.update_query_dict({"timeout": "0"})  # fail instead of waiting for a lock
        app = make_async_application(url.render_as_string(hide_password=False), self._mark)
        self.recorder.record("wiring-started")
        with_session = self._pattern(app)
        self.recorder.record("wiring-ended")
        add_async_routes(app, with_session)
        self.app = app
        self.recorder.settle()


def perform_all(driver: AsyncDriver) -> None:
    """Wire the pattern, then perform each operation and look at what it leaves.

    Failing views come last: they may leave the database locked.
    """
    driver.wire()
    operations = Operations(driver)
    names = ", ".join(NAMES)
    operations.answers("list", "/names", names)
    operations.stores("create", "/users", user("Fay"), STORED, f"{names}, Fay")
    operations.answers("list what was created", "/names", f"{names}, Fay")
    overlap(operations, f"{names}, Fay")
    operations.answers("list what was created meanwhile", "/names", f"{names}, Fay, Gil")
    driver.on_mark = fail
    for name, send in (
        ("list in a view that fails", lambda: driver.get("/names")),
        ("create in a view that fails", lambda: driver.post("/users", **user("Hal"))),
    ):
        operations.perform(name, send, f"{names}, Fay, Gil", lambda _: driver.rows(STORED))


def overlap(operations: Operations, names: str) -> None:
    """Create a user and list the users at once, switching inside the views."""
    driver, baton, answers = operations.driver, Baton(), {}

    def create() -> None:
        answers["create"] = driver.post("/users", **user("Gil"))

    def read() -> None:
        answers["list"] = driver.get("/names")

    def both() -> Answer:
        baton.run(create, read)
        return Answer(max(one.status for one in answers.values()), answers["list"].text)

    driver.on_mark = lambda name: baton.pass_on()
    operations.perform(
        "create and list at once",
        both,
        f"listed {names}; stored {names}, Gil",
        lambda answer: f"listed {answer.text}; stored {driver.rows(STORED)}",
    )
    driver.on_mark = lambda name: None


def user(name: str) -> dict[str, str]:
    """Return the form that creates a user."""
    return {"email": f"{name.lower()}@example.com", "name": name}


def fail(name: str) -> None:
    """Raise at a marked point, after the view has used its session."""
    raise ViewFailed("the view failed")
