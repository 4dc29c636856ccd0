"""Sequences of requests in which the first spoils something and the others must not notice."""

from collections.abc import Callable

from experiments.session_scoping.driver import Driver


def leave_uncommitted(driver: Driver, leave: Callable[[str], object]) -> None:
    """Let `leave` leave changes uncommitted, without and with a flush, and ask others for them."""
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
    """List and create, let `fail` fail to flush, then list, create and ask the own route."""
    driver.get("/admin/user/")
    driver.create_post("before")
    fail()
    driver.recorder.record("shown", names=driver.get("/admin/user/").cells("name"))
    driver.create_post("after")
    driver.recorder.record("shown", names=driver.get("/names").text)
    driver.recorder.record("stored", posts=driver.rows("select title from post order by id"))
    driver.recorder.look()
