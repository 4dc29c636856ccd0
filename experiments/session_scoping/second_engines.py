"""Two applications of one process, each with two engines of its own."""

import os
from functools import partial

from casebook.record import Trial
from experiments.session_scoping.rig.admin_operations import Operations
from experiments.session_scoping.rig.driver import Driver
from experiments.session_scoping.rig.engines import OtherDatabase, wire

DATABASES = ("sqlite",)  # where a cell can have a second database


def run(trial: Trial) -> None:
    """Set both up, then list notes and create one in each of them."""
    applications = {name: set_up(trial, name) for name in ("first", "second")}
    for name, (driver, other) in applications.items():
        operations = Operations(driver)
        operations.shows(f"list in the {name}", "/admin/note/", "text", f"Note of the {name}")
        operations.perform(
            f"create in the {name}",
            partial(driver.post, "/admin/note/new/", text=f"New in the {name}"),
            f"Note of the {name}, New in the {name}",
            partial(lambda _, other: other.notes(), other=other),
        )


def set_up(trial: Trial, name: str) -> tuple[Driver, OtherDatabase]:
    """Return an application with databases of its own."""
    folder = os.path.join(trial.folder, name)
    os.mkdir(folder)
    other, driver = OtherDatabase(folder, f"Note of the {name}"), Driver(trial, folder=folder)
    wire(driver, other)
    return driver, other
