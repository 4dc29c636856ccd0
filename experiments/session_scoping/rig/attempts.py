"""Attempts: operations that must fail, with ordinary requests after each, judged by all rows."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import event
from sqlalchemy.orm import Session

from experiments.session_scoping.rig.admin_operations import Operations
from experiments.session_scoping.rig.driver import Answer, Driver

ROWS = (
    "select 'user ' || name || ' ' || email from \"user\"",
    "select 'post ' || title || ' of ' || author_id from post",
    "select 'tag ' || name from tag",
    "select 'tag ' || tag_id || ' of ' || title from post_tags join post on id = post_id",
)
"""Queries for all rows, each as a text that names it without the key that the database gave it."""


UNREADABLE = "others cannot read"
"""What stands in the place of rows that a lock keeps others from reading."""


class Attempts:
    """Attempts operations, and records how the rows changed and whether later requests work."""

    def __init__(self, driver: Driver) -> None:
        self.driver = driver
        self.operations = Operations(driver)

    def ordinary(self, when: str) -> None:
        """List users, create a post and use the own route; compare each with what is expected."""
        first_page = 'select name from "user" order by id limit 3'
        self.operations.shows(f"list {when}", "/admin/user/", "name", self._read(first_page))
        self._perform(
            f"create {when}",
            lambda: self.driver.create_post(when),
            stored=[f"post {when} of 1"],
        )
        self.operations.contains(f"own route {when}", "/names", "ann@example.com Ann")

    def attempt(
        self,
        name: str,
        send: Callable[[], Answer],
        stored: Iterable[str] = (),
        gone: Iterable[str] = (),
    ) -> None:
        """Attempt an operation by which these rows, and no others, are to be stored or gone.

        Ordinary requests follow.
        """
        self.driver.recorder.record("attempted", name=name)
        self._perform(name, send, stored, gone)
        self.ordinary(f"after {name}")

    def _perform(
        self,
        name: str,
        send: Callable[[], Answer],
        stored: Iterable[str] = (),
        gone: Iterable[str] = (),
    ) -> None:
        before = self._rows()
        self.operations.perform(
            name,
            send,
            _change(set(stored), set(gone)),
            lambda _: _change((now := self._rows()) - before, before - now),
        )

    def _rows(self) -> set[str]:
        return {row for query in ROWS for row in self._read(query).split(", ") if row}

    def _read(self, query: str) -> str:
        """Return a query's rows, or the error where a lock keeps others from reading them."""
        try:
            return self.driver.rows(query)
        except Exception as error:  # the driver's own, another for each database
            return f"{UNREADABLE}: {error}"


def _change(stored: set[str], gone: set[str]) -> str:
    """Return in words which rows were stored and which are gone, or that nobody else could see."""
    for row in stored:
        if row.startswith(UNREADABLE):
            return row
    parts = {"stored": sorted(stored), "gone": sorted(gone)}
    return (
        "; ".join(f"{how}: {', '.join(what)}" for how, what in parts.items() if what) or "nothing"
    )


@contextmanager
def meanwhile(moment: str, do: Callable[[], object]) -> Iterator[None]:
    """Do something once, at the first "before_flush" or "after_flush" of any session."""
    done = False

    def come(*_: Any) -> None:
        nonlocal done
        if not done:
            done = True
            do()

    event.listen(Session, moment, come)
    try:
        yield
    finally:
        event.remove(Session, moment, come)
