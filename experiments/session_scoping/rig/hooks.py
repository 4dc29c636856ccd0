"""Hooks of the application's views that raise after they have worked with the session."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from experiments.session_scoping.rig.application import Tag
from experiments.session_scoping.rig.driver import Answer, Driver
from experiments.session_scoping.rig.tasks import Way

LEFT = "Left by a hook"
"""The name of the tag that a hook adds before it raises."""


class HookFailed(Exception):
    """Raised in a hook, in place of an application's own exception."""


@contextmanager
def raising(
    driver: Driver, hook: str, error: Callable[[str], Exception], times: int = 1
) -> Iterator[None]:
    """Make a hook of all views add a tag and raise, the first `times` that it is called."""
    left = times

    def add_and_raise(name: str, session_of: Way) -> None:
        nonlocal left
        if name != hook or not left:
            return
        left -= 1
        session_of().add(Tag(name=LEFT))
        raised = error(f"{hook} failed")
        driver.recorder.record("hook-raised", hook=hook, type=type(raised).__name__)
        raise raised

    driver.app.config["ON_HOOK"] = add_and_raise
    try:
        yield
    finally:
        driver.app.config["ON_HOOK"] = lambda name, session_of: None


def sent_with_hook(driver: Driver, send: Callable[[], Answer]) -> Answer:
    """Send a request in which each hook before the commit adds a tag, and raises nothing."""

    def add(name: str, session_of: Way) -> None:
        if name.startswith("on_"):
            session_of().add(Tag(name=LEFT))

    driver.app.config["ON_HOOK"] = add
    try:
        return send()
    finally:
        driver.app.config["ON_HOOK"] = lambda name, session_of: None
