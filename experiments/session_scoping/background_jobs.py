"""Jobs in application contexts of their own, after a request and while one is in progress."""

from collections.abc import Callable

from casebook.record import Trial
from experiments.session_scoping.driver import Baton, Driver
from experiments.session_scoping.tasks import Way, fail_in_background, work_in_background


def run(trial: Trial) -> None:
    """Let jobs work through the application's session and through the view's, then let some fail.

    The jobs that fail come last: what one of them leaves may lock the database.
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
    """Let a job rename a user, look at what it leaves, and read the row."""
    do(driver, name, work_in_background, session_of, key, f"Renamed {key}")


def fail(driver: Driver, name: str, session_of: Way) -> None:
    """Let a job fail before it commits, look at what it leaves, and read the row."""
    do(driver, name, fail_in_background, session_of, 5, "Emil")


def do(
    driver: Driver, name: str, job: Callable[..., None], session_of: Way, key: int, asked: str
) -> None:
    """Let a job do its work on a row, which is then to hold the name `asked`."""
    record = driver.recorder.record
    record("job-started", name=name)
    try:
        job(driver.app, session_of, driver.recorder.note, key, f"Renamed {key}")
    except Exception as error:  # a job's own, which ends the job alone
        driver.recorder.record_exception(error)
    driver.recorder.look()
    observed = driver.rows(f'select name from "user" where id = {key}')
    record("job-ended", name=name, asked=asked, observed=observed)
