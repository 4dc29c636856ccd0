"""Hooks that end the session, as some applications do to give its connection back."""

from collections.abc import Callable
from typing import Any

from casebook.record import Trial
from experiments.session_scoping.rig.admin_operations import Operations
from experiments.session_scoping.rig.driver import Driver

HOOKS = ("on_model_change", "after_model_change")
ENDINGS = ("close", "remove")
"""How a session is ended; one that has no `remove`, since it is no registry, is closed alone."""


def run(trial: Trial) -> None:
    """Create a post and go on to edit it; then the same under each hook that ends the session."""
    driver = Driver(trial)
    driver.wire()
    (admin,) = driver.app.extensions["admin"]
    (posts,) = (view for view in admin._views if view.endpoint == "post")
    create(driver, "nothing ended")
    for hook in HOOKS:
        for ending in ENDINGS:
            setattr(posts, hook, ends(driver, ending))
            create(driver, f"{ending} in {hook}")
            delattr(posts, hook)


def ends(driver: Driver, ending: str) -> Callable[..., None]:
    """Return a hook that ends the application's session; without `remove` it is left alone."""

    def hook(form: Any, model: Any, is_created: bool) -> None:
        driver.recorder.record("hook-called", ending=ending)
        getattr(driver.application_session(), ending, lambda: None)()

    return hook


def create(driver: Driver, name: str) -> None:
    """Create a post and continue editing it; judge by the row and by where the answer leads."""
    query = f"select title from post where title = '{name}'"
    Operations(driver).perform(
        name,
        lambda: driver.post(
            "/admin/post/new/",
            title=name,
            author="1",
            _continue_editing="Save and Continue Editing",
        ),
        f"{name} 302",
        lambda answer: f"{driver.rows(query) or 'no row'} {answer.status}",
    )
