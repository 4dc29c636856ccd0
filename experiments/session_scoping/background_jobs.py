"""Jobs in their own application contexts, after a request and while one is in progress."""

from collections.abc import Callable

from casebook.record import Trial
from experiments.session_scoping.rig.driver import Baton, Driver
from experiments.session_scoping.rig.tasks import Way, fail_in_background, work_in_background


def run(trial: Trial) -> None:
    """Run jobs through the application's session and through the view's, then run failing jobs.

    Failing jobs come last: they may leave the database locked.
    """
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
    fail(driver, "that fails, through the application's session", own)
    fail(driver, "that fails, through the view's session", views)


def work(driver: Driver, name: str, session_of: Way, key: int) -> None:
    """Run a job that renames a user, look at what it leaves, and read the row."""
    do(driver, name, work_in_background, session_of, key, f"Renamed {key}")


def fail(driver: Driver, name: str, session_of: Way) -> None:
    """Run a job that fails before it commits, look at what it leaves, and read the row."""
    do(driver, name, fail_in_background, session_of, 5, "Emil")


def do(
    driver: Driver, name: str, job: Callable[..., None], session_of: Way, key: int, asked: str
) -> None:
    """Run a job on a row; record the row's name beside the expected one, `asked`."""
    record = driver.recorder.record
    record("job-started", name=name)
    try:
        job(driver.app, session_of, driver.recorder.note, key, f"Renamed {key}")
    except Exception as error:  # the job's own error, which ends only the job
        driver.recorder.record_exception(error)
    driver.recorder.look()
    observed = driver.rows(f'select name from "user" where id = {key}')
    record("job-ended", name=name, asked=asked, observed=observed)
