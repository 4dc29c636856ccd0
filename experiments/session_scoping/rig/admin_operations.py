"""Flask-Admin's operations and the application's own routes: how each is performed and judged.

The expected result (`asked`) and the observed one are recorded side by side. Rows are read through
the experiment's own connection, content from the page in the answer.
"""

import json
from collections.abc import Callable

from experiments.session_scoping.rig.driver import Answer, Driver

NAMES = ("Ann", "Ben", "Cleo", "Dora", "Emil")


class Operations:
    """Performs operations through the driver and compares each result with the expected one."""

    def __init__(self, driver: Driver) -> None:
        self.driver = driver

    def perform(
        self, name: str, send: Callable[[], Answer], asked: str, observe: Callable[[Answer], str]
    ) -> None:
        """Perform one operation and record the expected result (`asked`) and the observed one."""
        record = self.driver.recorder.record
        record("operation-started", name=name)
        answer = send()
        self.driver.recorder.look()
        observed = observe(answer)
        record("operation-ended", name=name, status=answer.status, asked=asked, observed=observed)

    def shows(self, name: str, path: str, column: str, asked: str) -> None:
        """Perform an operation that shows a list; judge it by one column."""
        self.perform(name, lambda: self.driver.get(path), asked, lambda one: one.cells(column))

    def contains(self, name: str, path: str, asked: str) -> None:
        """Perform an operation whose page must contain a text."""
        self.perform(
            name,
            lambda: self.driver.get(path),
            asked,
            lambda one: asked if asked in one.text else "not shown",
        )

    def answers(self, name: str, path: str, asked: str) -> None:
        """Perform an operation whose whole answer is known."""
        self.perform(name, lambda: self.driver.get(path), asked, lambda one: one.text)

    def stores(self, name: str, path: str, form: dict[str, str], query: str, asked: str) -> None:
        """Perform an operation that changes the database; judge it by the rows of a query."""
        self.perform(
            name,
            lambda: self.driver.post(path, **form),
            asked,
            lambda _: self.driver.rows(query),
        )


def perform_all(driver: Driver) -> None:
    """Perform every operation once, in an order in which each finds the rows it needs."""
    operations = Operations(driver)
    read(operations)
    write(operations)
    write_posts(operations)
    use_own_routes(operations)


def read(operations: Operations) -> None:
    """Perform the operations that only read."""
    shows = operations.shows
    shows("list", "/admin/user/", "name", "Ann, Ben, Cleo")
    shows("search", "/admin/user/?search=dora", "name", "Dora")
    shows("filter", "/admin/user/?flt0_0=Ben", "name", "Ben")
    shows("sort", "/admin/user/?sort=1&desc=1", "name", "Emil, Dora, Cleo")
    shows("page", "/admin/user/?page=1", "name", "Dora, Emil")
    operations.contains("details", "/admin/user/details/?id=3", "cleo@example.com")
    operations.contains("open the create form", "/admin/post/new/", 'name="title"')
    operations.contains("open the edit form", "/admin/post/edit/?id=2", "Second post")
    operations.contains("open an inline form", "/admin/user/edit/?id=2", "Second post")
    operations.answers(
        "export",
        "/admin/user/export/csv/",
        "Email,Name\r\n" + "".join(f"{name.lower()}@example.com,{name}\r\n" for name in NAMES),
    )
    operations.answers(
        "AJAX lookup",
        "/admin/post/ajax/lookup/?name=author&query=cle",
        json.dumps([[3, "Cleo"]]),
    )
    operations.answers(
        "inline AJAX lookup",
        "/admin/user/ajax/lookup/?name=post-tags&query=sq",
        json.dumps([[2, "sql"]]),
    )


def write(operations: Operations) -> None:
    """Perform the operations that change rows."""
    stores = operations.stores
    stores(
        "create",
        "/admin/user/new/",
        {"email": "finn@example.com", "name": "Finn"},
        "select name from \"user\" where email = 'finn@example.com'",
        "Finn",
    )
    operations.perform(
        "refuse a duplicate",
        lambda: operations.driver.post(
            "/admin/user/new/", email="ann@example.com", name="Impostor"
        ),
        "Already exists: Ann",
        lambda answer: (
            f"{'Already exists' if 'Already exists' in answer.text else 'No message'}: "
            + operations.driver.rows("select name from \"user\" where email = 'ann@example.com'")
        ),
    )
    stores(
        "edit",
        "/admin/user/edit/?id=2",
        {"email": "ben@example.com", "name": "Benedict"},
        'select name from "user" where id = 2',
        "Benedict",
    )
    stores(
        "edit in the list",
        "/admin/user/ajax/update/",
        {"list_form_pk": "3", "name": "Cleopatra"},
        'select name from "user" where id = 3',
        "Cleopatra",
    )
    stores(
        "create with relations",
        "/admin/post/new/",
        {"title": "Third post", "author": "3", "tags": "2"},
        "select author_id, tag_id from post join post_tags on post_id = id"
        " where title = 'Third post'",
        "3 2",
    )
    stores(
        "delete",
        "/admin/user/delete/",
        {"id": "4"},
        'select count(*) from "user" where id = 4',
        "0",
    )


def write_posts(operations: Operations) -> None:
    """Perform the operations on posts, inside their author's form and in bulk."""
    operations.stores(
        "create inline",
        "/admin/user/edit/?id=5",
        {
            "email": "emil@example.com",
            "name": "Emil",
            "posts-0-id": "",
            "posts-0-title": "Inline",
            "posts-0-tags": "1,2",
        },
        "select title, tag_id from post join post_tags on post_id = id where author_id = 5"
        " order by tag_id",
        "Inline 1, Inline 2",
    )
    operations.stores(
        "edit inline",
        "/admin/user/edit/?id=1",
        {
            "email": "ann@example.com",
            "name": "Ann",
            "posts-0-id": "1",
            "posts-0-title": "Edited",
            "posts-0-tags": "2",
        },
        "select id, title, tag_id from post join post_tags on post_id = id where author_id = 1",
        "1 Edited 2",
    )
    operations.stores(
        "delete inline",
        "/admin/user/edit/?id=2",
        {
            "email": "ben@example.com",
            "name": "Benedict",
            "posts-0-id": "2",
            "posts-0-title": "Second post",
            "del-posts-0": "on",
        },
        "select count(*) from post where author_id = 2",
        "0",
    )
    operations.perform(
        "bulk delete",
        lambda: operations.driver.post("/admin/post/action/", action="delete", rowid=["1", "3"]),
        "0",
        lambda _: operations.driver.rows(
            "select (select count(*) from post where id in (1, 3))"
            " + (select count(*) from post_tags where post_id in (1, 3))"
        ),
    )
    operations.stores(
        "delete another",
        "/admin/user/delete/",
        {"id": "3"},
        'select count(*) from "user" where id = 3',
        "0",
    )


def use_own_routes(operations: Operations) -> None:
    """Use the application's own routes, through the application's own session."""
    operations.perform(
        "own route, reading",
        lambda: operations.driver.get("/names"),
        "Ann",
        lambda answer: "Ann" if "ann@example.com Ann\n" in answer.text else answer.text,
    )
    operations.stores(
        "own route, writing",
        "/users",
        {"email": "gina@example.com", "name": "Gina"},
        "select name from \"user\" where email = 'gina@example.com'",
        "Gina",
    )
