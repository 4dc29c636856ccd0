"""Choices of a filter that come from the database, while another program changes them."""

from typing import Any

from flask_admin.contrib.sqla.filters import FilterEqual

from casebook.record import Trial
from experiments.session_scoping.rig.application import User, UserView
from experiments.session_scoping.rig.driver import Driver

WORDS = ("Ann", "Later", "Latest")
"""The names that a user has, one after the other; none of these words contains another."""


class NameFilter(FilterEqual):
    """Offers the names of all users, as Flask-Admin's documentation of `get_options` allows."""

    def get_options(self, view: Any) -> list[tuple[str, str]]:
        """Return each user's name as a value and a label."""
        return [(user.name, user.name) for user in view.get_query()]


def run(trial: Trial) -> None:
    """Ask which names are offered, change one and ask again, the last time while it is held."""
    UserView.column_filters = (NameFilter(User.name, "Name"),)
    driver = Driver(trial)
    driver.wire()
    for number, word in enumerate(WORDS):
        if number:
            driver.change(f"update \"user\" set name = '{word}' where id = 1")
        known = WORDS[: number + 1]
        page = driver.get("/admin/user/?page=1").text  # which does not list the user itself
        driver.recorder.record(
            "offered",
            asked=known[-1],
            names=", ".join(name for name in known if f'"{name}"' in page),
        )
        driver.get("/hold/1")
