"""Connections that the server reports as idle in a transaction, during requests and after them."""

from casebook.record import Trial
from experiments.session_scoping.database_error import OUT_OF_RANGE
from experiments.session_scoping.rig.databases.postgresql import IDLE_IN_TRANSACTION
from experiments.session_scoping.rig.driver import Driver

DATABASES = ("postgresql",)


class ViewFailed(Exception):
    """Raised inside a view, in place of an application's own exception."""


def run(trial: Trial) -> None:
    """Send requests that succeed, the same requests with views that raise, then failing requests.

    Failing requests flush a duplicate, or ask for an id that the server refuses.
    """
    driver = Driver(trial)
    driver.wire()
    driver.on_mark = lambda name: ask(driver, "inside the view")
    use(driver, "ends-well@example.com")
    driver.on_mark = lambda name: ask_and_fail(driver, name)
    use(driver, "fails@example.com")
    driver.post("/admin/user/action/", action="fail-to-flush", rowid="1")
    ask(driver, "after the response")
    driver.post("/fail-to-flush")
    ask(driver, "after the response")
    for path in ("/admin/user/edit/?id=", "/hold/"):
        driver.get(f"{path}{OUT_OF_RANGE}")
        ask(driver, "after the response")


def use(driver: Driver, email: str) -> None:
    """Read and write through the admin and the application's routes; ask the server after each."""
    for path in ("/admin/user/", "/admin/user/edit/?id=2", "/names"):
        driver.get(path)
        ask(driver, "after the response")
    driver.create_post(email)
    ask(driver, "after the response")
    driver.post("/users", email=email, name="New")
    ask(driver, "after the response")


def ask_and_fail(driver: Driver, name: str) -> None:
    """Ask the server, then raise at the end of a view, after it has used its session."""
    ask(driver, "inside the view")
    if name == "viewed":
        raise ViewFailed("the view failed")


def ask(driver: Driver, place: str) -> None:
    """Record how many of the application's connections the server finds idle in a transaction."""
    idle = int(driver.rows(IDLE_IN_TRANSACTION))
    driver.recorder.record("server-asked", place=place, idle_in_transaction=idle)
