"""Answers of other kinds than a page, each given while a session is in use."""

from collections.abc import Callable
from functools import partial

from casebook.record import Trial
from experiments.session_scoping.rig.application import UserView
from experiments.session_scoping.rig.driver import WAYS, Answer, Driver
from experiments.session_scoping.rig.endings import (
    BrokenOff,
    abort_404,
    leave_and,
    load_user_before_each_request,
    read_body,
    redirect_elsewhere,
    refusing_all,
)
from experiments.session_scoping.rig.streaming import Body

REQUESTS = (
    ("edit form of a row that is missing", "GET", "/admin/user/edit/?id=99", 302),
    ("details of a row that is missing", "GET", "/admin/user/details/?id=99", 302),
    ("AJAX lookup of a field that is missing", "GET", "/admin/post/ajax/lookup/?name=no", 404),
    ("page that is missing", "GET", "/nowhere", 404),
    ("HEAD of a list", "HEAD", "/admin/user/", 200),
    ("HEAD of an export", "HEAD", "/admin/user/export/csv/", 200),
    ("HEAD of the own route", "HEAD", "/names", 200),
    ("OPTIONS of a list", "OPTIONS", "/admin/user/", 200),
    ("PUT to a list", "PUT", "/admin/user/", 405),
)
"""Requests that leave nothing uncommitted: name, method, path and the expected status."""

LEFT = "select name from \"user\" where name = 'Left'"


def run(trial: Trial) -> None:
    """Send each request, look at what is left after it, and commit something else after some."""
    driver = Driver(trial)
    driver.wire()
    load_user_before_each_request(driver.app, driver.application_session)
    for way in WAYS:
        leave(driver, f"abort in the {way}", 404, partial(perform, driver, way, abort_404))
        leave(
            driver, f"redirect in the {way}", 302, partial(perform, driver, way, redirect_elsewhere)
        )
    leave(driver, "body broken off in the own route", 400, partial(send_half, driver, "/perform"))
    end(
        driver,
        "body broken off in a form",
        400,
        partial(send_half, driver, "/admin/post/edit/?id=1"),
    )
    with refusing_all(driver.app, UserView):
        end(driver, "list that is refused", 403, partial(driver.get, "/admin/user/"))
    for name, method, path, status in REQUESTS:
        end(driver, name, status, partial(driver.send, method, path))
    for name, path in (("list", "/admin/user/"), ("export", "/admin/user/export/csv/")):
        end(driver, f"{name} that nobody reads", 200, partial(read_half, driver, path, 0))
        end(driver, f"{name} that is left", 200, partial(read_half, driver, path, 1))


def end(driver: Driver, name: str, asked: int, send: Callable[[], Answer]) -> None:
    """Send a request, look at what it leaves, and record its status beside the expected one."""
    record = driver.recorder.record
    record("operation-started", name=name)
    answer = send()
    driver.recorder.look()
    record("operation-ended", name=name, status=answer.status, asked=asked)


def leave(driver: Driver, name: str, asked: int, send: Callable[[], Answer]) -> None:
    """Send a request that leaves a row uncommitted; record what is stored when others commit."""
    end(driver, name, asked, send)
    answers = driver.create_post("Next"), driver.post("/users", email=f"{name}@next", name="Next")
    driver.recorder.record(
        "followed",
        name=name,
        statuses=" ".join(str(answer.status) for answer in answers),
        stored=driver.rows(LEFT),
    )


def perform(driver: Driver, way: str, ending: Callable[[], object]) -> Answer:
    """Perform a task that leaves a row and ends the request in this way."""
    return driver.perform(leave_and(ending, f"{ending.__name__}-{way}"), way)


def send_half(driver: Driver, path: str) -> Answer:
    """Send a form whose body breaks off; what the own route does with it is a task."""
    driver.app.config["TASK"] = leave_and(read_body, "broken-off")
    return driver.send(
        "POST",
        path,
        input_stream=BrokenOff(b"title=Broken&author=1"),
        content_type="application/x-www-form-urlencoded",
    )


def read_half(driver: Driver, path: str, pieces: int) -> Answer:
    """Read some pieces of an answer and close it, as a server does whose client goes away."""
    body = Body(driver, path, {})
    if pieces:
        body.read(pieces)
    body.close()
    return Answer(body.status, body.text)
