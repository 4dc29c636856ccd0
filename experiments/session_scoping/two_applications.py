"""Two applications of one process under one pattern, each with a database of its own."""

import os
from collections.abc import Callable
from contextvars import copy_context
from functools import partial

from casebook.record import Trial
from experiments.session_scoping.rig.driver import Baton, Driver

DATABASES = ("sqlite",)  # where a cell can have a second database


def run(trial: Trial) -> None:
    """Use one alone, then both in turn, at once on two threads, and one inside a view of the other.

    The second is set up when the first was used.
    """
    applications = {"first": Driver(trial), "second": second(trial)}
    for name, driver in applications.items():
        driver.wire()
        driver.change(f"update \"user\" set name = 'User of the {name}' where id = 1")
        driver.on_mark = note(driver, name)
        use(applications, name)
    for name in applications:
        use(applications, name)
    overlap(applications)
    nest(applications)
    for name, driver in applications.items():
        driver.recorder.record(
            "stored", application=name, titles=driver.rows("select title from post where id > 2")
        )


def second(trial: Trial) -> Driver:
    """Return the driver of the second application, whose database is in a folder of its own."""
    folder = os.path.join(trial.folder, "second")
    os.mkdir(folder)
    return Driver(trial, folder=folder)


def note(driver: Driver, name: str) -> Callable[[str], None]:
    """Return what records, at a marked point, which application a request is inside of."""
    return lambda mark: driver.recorder.record("inside", application=name)


def use(applications: dict[str, Driver], name: str) -> None:
    """List users and create a post in one application."""
    show(applications, name)
    create(applications, name)


def show(applications: dict[str, Driver], name: str) -> None:
    """List an application's users, and record what is shown."""
    driver = applications[name]
    shown = driver.get("/admin/user/").cells("name")
    driver.recorder.record("shown", application=name, names=shown)


def create(applications: dict[str, Driver], name: str) -> None:
    """Create a post in an application."""
    applications[name].create_post(f"Post of the {name}")


def overlap(applications: dict[str, Driver]) -> None:
    """Create in one application and list in the other at once, switching at marked points."""
    for one, other in (("first", "second"), ("second", "first")):
        baton = Baton()
        for name, driver in applications.items():
            driver.on_mark = after(note(driver, name), baton)
        baton.run(partial(create, applications, one), partial(show, applications, other))


def after(noted: Callable[[str], None], baton: Baton) -> Callable[[str], None]:
    """Return what hands over at a marked point after it was recorded."""

    def mark(name: str) -> None:
        noted(name)
        baton.pass_on()

    return mark


def nest(applications: dict[str, Driver]) -> None:
    """Use the second application inside a view of the first, on the same thread."""
    first, second = applications["first"], applications["second"]
    second.on_mark = note(second, "second")

    def mark(name: str) -> None:
        note(first, "first")(name)
        if name == "listed":
            copy_context().run(use, applications, "second")

    first.on_mark = mark
    show(applications, "first")
