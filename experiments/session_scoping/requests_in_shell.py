"""Requests that a test client sends inside `flask shell`."""

from casebook.record import Trial
from experiments.session_scoping.rig.driver import Driver
from experiments.session_scoping.rig.shell import type_in

LINES = (
    "get('/admin/post/').status",
    "create('New').status",
    "get('/admin/post/').status",
    "look()",
    "post('/flush-without-commit').status",
    "names(get('/admin/user/?sort=1&desc=1'))",
)
"""What is typed: the requests of the experiment `outer-context`."""


def run(trial: Trial) -> None:
    """List the posts, create one and list them again, and look; then leave a row uncommitted."""
    driver = Driver(trial)
    driver.wire()
    record = driver.recorder.record
    type_in(
        driver,
        LINES,
        get=driver.get,
        post=driver.post,
        create=driver.create_post,
        look=driver.recorder.look,
        names=lambda answer: record("shown", names=answer.cells("name")),
    )
