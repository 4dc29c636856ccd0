"""Requests inside an application context that is pushed around them, as tests and shells do."""

from casebook.record import Trial
from experiments.session_scoping.rig.driver import Driver


def run(trial: Trial) -> None:
    """List the posts, create one and list them again inside one context, and look before its end.

    Then leave a row uncommitted and list the users, still inside.
    """
    driver = Driver(trial)
    driver.wire()
    with driver.app.app_context():
        driver.get("/admin/post/")
        driver.create_post("New")
        driver.get("/admin/post/")
        driver.recorder.look()
        driver.post("/flush-without-commit")
        driver.recorder.record(
            "shown", names=driver.get("/admin/user/?sort=1&desc=1").cells("name")
        )
