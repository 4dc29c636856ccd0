"""Operations on rows of a second engine, and on rows of both engines in one request."""

from functools import partial

from casebook.record import Trial
from experiments.session_scoping.rig.admin_operations import Operations
from experiments.session_scoping.rig.driver import WAYS, Driver
from experiments.session_scoping.rig.engines import (
    OtherDatabase,
    add_to_both,
    insert_into_both,
    wire,
)

DATABASES = ("sqlite",)  # where a cell can have a second database


def run(trial: Trial) -> None:
    """List, create, edit and delete notes; then add a row to each database in one request.

    In an action and in a route; by objects, and by statements about the tables.
    """
    other, driver = OtherDatabase(trial.folder, "First note"), Driver(trial)
    note = wire(driver, other)
    operations = Operations(driver)
    operations.shows("list", "/admin/note/", "text", "First note")
    for name, path, form, asked in (
        ("create", "new/", {"text": "New"}, "First note, New"),
        ("edit", "edit/?id=1", {"text": "Edited"}, "Edited, New"),
        ("delete", "delete/", {"id": "1"}, "New"),
    ):
        operations.perform(
            name,
            partial(driver.post, f"/admin/note/{path}", **form),
            f"{asked}; elsewhere: ",
            lambda _: notes(driver, other),
        )
    for way in WAYS:
        operations.perform(
            f"both in the {way}",
            partial(driver.perform, partial(add_to_both, note=note, name=way), way),
            f"a user and a note {way}",
            partial(lambda _, way: added(driver, other, way), way=way),
        )
        name = f"{way}, by statements"
        operations.perform(
            f"both in the {name}",
            partial(driver.perform, partial(insert_into_both, note=note, name=name), way),
            f"a user and a note {name}",
            partial(lambda _, name: added(driver, other, name), name=name),
        )


def notes(driver: Driver, other: OtherDatabase) -> str:
    """Return the notes in the second database, and those that went to the first."""
    return f"{other.notes()}; elsewhere: {driver.rows('select text from note')}"


def added(driver: Driver, other: OtherDatabase, name: str) -> str:
    """Return what was stored under a name: a user in the first database, a note in the second."""
    users = driver.rows(f"select name from \"user\" where name = '{name}'")
    user = "a user" if users == name else "no user"
    return f"{user} and {f'a note {name}' if name in other.notes() else 'no note'}"
