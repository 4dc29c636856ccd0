"""Sequences in which one request spoils something that the others must not notice."""

from collections.abc import Callable
from functools import partial

from experiments.session_scoping.rig.admin_operations import Operations
from experiments.session_scoping.rig.driver import Driver
from experiments.session_scoping.rig.tasks import nest


def leave_uncommitted(driver: Driver, leave: Callable[[str], object]) -> None:
    """Leave changes uncommitted through `leave`, unflushed and flushed; record what others see."""
    for step in ("change", "flush"):
        leave(f"{step}-without-commit")
        shown = driver.get("/admin/user/?sort=1&desc=1").cells("name")
        driver.recorder.record("shown", names=shown)
        driver.create_post(f"committed after {step}")
        driver.recorder.record("shown", names=driver.get("/names").text)
        driver.recorder.record(
            "stored",
            users=driver.rows('select name from "user" order by id'),
            posts=driver.rows("select title from post order by id"),
        )


def fail_to_flush(driver: Driver, fail: Callable[[], object]) -> None:
    """List and create, make a flush fail with `fail`, then list, create and use the own route."""
    driver.get("/admin/user/")
    driver.create_post("before")
    fail()
    driver.recorder.record("shown", names=driver.get("/admin/user/").cells("name"))
    driver.create_post("after")
    driver.recorder.record("shown", names=driver.get("/names").text)
    driver.recorder.record("stored", posts=driver.rows("select title from post order by id"))
    driver.recorder.look()


def push_a_context(driver: Driver, way: str) -> None:
    """Run a task that pushes a context inside a request, look after each, and read the rows."""
    driver.on_mark = lambda name: driver.recorder.look() if name == "inner context left" else None
    answer = driver.perform(partial(nest, note=driver.recorder.note), way)
    driver.recorder.look()
    driver.recorder.record(
        "stored",
        status=answer.status,
        changed=driver.rows('select name from "user" where id in (1, 2) order by id'),
        added=driver.rows("select name from \"user\" where email = 'outer@example.com'"),
    )


def ordinary_requests(driver: Driver, when: str) -> None:
    """List users, create a post and use the own route; compare each with its expected result."""
    operations = Operations(driver)
    operations.shows(f"list {when}", "/admin/user/", "name", "Ann, Ben, Cleo")
    operations.stores(
        f"create {when}",
        "/admin/post/new/",
        {"title": when, "author": "1"},
        f"select title from post where title = '{when}'",
        when,
    )
    operations.contains(f"own route {when}", "/names", "ann@example.com Ann")
