"""A flush that fails in a custom action, through the session that the view itself resolves, then other requests."""

from casebook.record import Trial
from experiments.session_scoping.driver import Driver


def run(trial: Trial) -> None:
    """List, let a flush fail and its exception go, then list, create and ask the own route."""
    driver = Driver(trial)
    driver.wire()
    driver.get("/admin/user/")
    driver.post("/admin/user/action/", action="fail-to-flush", rowid="1")
    driver.recorder.record("shown", names=driver.get("/admin/user/").cells("name"))
    driver.post("/admin/tag/new/", name="after")
    driver.recorder.record("shown", names=driver.get("/names").text)
    driver.recorder.record("stored", tags=driver.rows("select name from tag"))
    driver.recorder.look()
