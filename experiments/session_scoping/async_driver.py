"""Drives the application with `async def` views: reads, writes, views that fail, and an overlap."""

from __future__ import annotations

import warnings

from sqlalchemy.engine import make_url

from casebook.record import Trial
from experiments.session_scoping.admin_operations import NAMES, Operations
from experiments.session_scoping.async_application import add_async_routes, make_async_application
from experiments.session_scoping.driver import Answer, Baton, Driver

STORED = 'SELECT name FROM "user" ORDER BY id'
"""The query for what is in the database, through a connection of the experiment's own."""


class ViewFailed(Exception):
    """What an application's own code raises inside a view."""


class AsyncDriver(Driver):
    """The application with async views under one pattern, on a URL with an async driver."""

    def __init__(self, trial: Trial, driver: str) -> None:
        super().__init__(trial)
        self._driver = driver

    def wire(self) -> None:
        """Set the application up under the pattern, recorded like a request."""
        # Finalizers are no events: when one of these is warned of hangs on the event loop's thread.
        warnings.simplefilter("ignore", ResourceWarning)
        warnings.filterwarnings("ignore", "coroutine .* was never awaited", RuntimeWarning)
        url = make_url(self._database.fresh(self._folder))
        url = url.set(drivername=f"{url.get_backend_name()}+{self._driver}")
        if self._driver == "aiosqlite":
            url = url.update_query_dict({"timeout": "0"})  # who must wait for a lock fails instead
        app = make_async_application(url.render_as_string(hide_password=False), self._mark)
        self.recorder.record("wiring-started")
        with_session = self._pattern(app)
        self.recorder.record("wiring-ended")
        add_async_routes(app, with_session)
        self.app = app
        self.recorder.settle()


def perform_all(driver: AsyncDriver) -> None:
    """Wire the pattern, then perform each operation and look at what is left after it.

    The views that fail come last: what one of them leaves may lock the database.
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
    """Create a user and list the users at once, handing over inside the views."""
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
    """Raise at a marked point, where the view has used its session."""
    raise ViewFailed("the view failed")
