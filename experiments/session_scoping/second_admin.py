"""Two admins in one application, each with views of the same models."""

from collections.abc import Callable
from functools import partial
from typing import Any

from flask_admin import Admin

from casebook.record import Trial
from experiments.session_scoping.rig.admin_operations import Operations
from experiments.session_scoping.rig.application import VIEWS, User
from experiments.session_scoping.rig.driver import Answer, Driver, view_session
from experiments.session_scoping.rig.plain_views import add_plain_views


def run(trial: Trial) -> None:
    """Use the admins in turn, then a view of the second inside an action of the first."""
    driver = Driver(trial)
    driver.wire()
    second = add_second(driver)
    operations = Operations(driver)
    for name, path in (("first", "/admin"), ("second", "/second")):
        use(operations, name, path)
    operations.perform(
        "both in one action",
        lambda: both(driver, second),
        "performed",
        lambda answer: answer.text,
    )


def add_second(driver: Driver) -> Admin:
    """Return a second admin of the application, whose views are given what the first's hold.

    Where the first's views are plain, so are the second's.
    """
    second = Admin(driver.app, name="Second", url="/second", endpoint="second")
    if "VIEW_SESSION" in driver.app.config:
        add_plain_views(driver.app, driver.app.config["VIEW_SESSION"], "second")
    with driver.app.app_context():
        for view in driver.admin._views[1:]:
            kind = next(kind for kind in VIEWS if isinstance(view, kind))
            endpoint = f"second_{view.endpoint}"
            second.add_view(kind(view.model, view.session, endpoint=endpoint, url=view.endpoint))
    return second


def use(operations: Operations, name: str, path: str) -> None:
    """List users, create one and edit a post in one of the admins."""
    operations.shows(f"list in the {name}", f"{path}/user/", "name", "Ann, Ben, Cleo")
    operations.stores(
        f"create in the {name}",
        f"{path}/user/new/",
        {"email": f"{name}@example.com", "name": f"Of the {name}"},
        f"select name from \"user\" where email = '{name}@example.com'",
        f"Of the {name}",
    )
    operations.stores(
        f"edit in the {name}",
        f"{path}/post/edit/?id=1",
        {"title": f"Edited in the {name}", "author": "1"},
        "select title from post where id = 1",
        f"Edited in the {name}",
    )


def both(driver: Driver, second: Admin) -> Answer:
    """Query through a view of the second admin inside an action of the first."""
    return driver.perform(partial(query_both, view_session(driver.app, second)), "action")


def query_both(other: Callable[[], Any], session_of: Callable[[], Any]) -> str:
    """Query through another view's session, and load what that finds through the view's own."""
    key = other().query(User).first().id
    return "performed" if session_of().get(User, key) else "not found"
