"""Jobs in application contexts of their own, after a request and while one is in progress."""

from casebook.record import Trial
from experiments.session_scoping.driver import Baton, Driver
from experiments.session_scoping.tasks import Way, work_in_background


def run(trial: Trial) -> None:
    """Let jobs work through the application's session and through the view's."""
    driver = Driver(trial)
    driver.wire()
    driver.get("/admin/post/")
    own, views = driver.application_session, driver.view_session
    work(driver, "after a request, through the application's session", own, 1)
    work(driver, "after a request, through the view's session", views, 2)
    baton = Baton()
    driver.on_mark = lambda name: baton.pass_on()
    baton.run(
        lambda: driver.get("/admin/post/"),
        lambda: work(driver, "during a request, through the application's session", own, 3),
        lambda: work(driver, "during a request, through the view's session", views, 4),
    )
    driver.recorder.look()


def work(driver: Driver, name: str, session_of: Way, key: int) -> None:
    """Let a job rename a user, look at what it leaves, and read the row."""
    record = driver.recorder.record
    asked = f"Renamed {key}"
    record("job-started", name=name)
    try:
        work_in_background(driver.app, session_of, driver.recorder.note, key, asked)
    except Exception as error:  # a job's own, which ends the job alone
        driver.recorder.record_exception(error)
    driver.recorder.look()
    observed = driver.rows(f'select name from "user" where id = {key}')
    record("job-ended", name=name, asked=asked, observed=observed)
