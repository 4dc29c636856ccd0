"""Work in `flask shell`, and requests that a server answers meanwhile."""

from casebook.record import Trial
from experiments.session_scoping.rig.driver import Driver
from experiments.session_scoping.rig.shell import beside, type_in

LINES = (
    "session = session_of()",
    "user = session.get(User, 1)",
    "user.name",
    "rename('Anna')",
    "user.name",
    "session.rollback()",
    "user.name",
    "session.add(User(email='shell@example.com', name='Typed'))",
    "session.flush()",
    "names()",
    "session.commit()",
    "user.name",
)
"""What is typed: it reads a row that a request then changes, saves one late, and ends reading."""

STORED = "select name from \"user\" where email in ('ann@example.com', 'shell@example.com')"


def run(trial: Trial) -> None:
    """Type the lines; a request renames the user whom the shell has read, another lists users."""
    driver = Driver(trial)
    driver.wire()

    def rename(name: str) -> None:
        beside(driver, "/admin/user/edit/?id=1", email="ann@example.com", name=name)

    def names() -> None:
        answer = beside(driver, "/admin/user/?sort=0&desc=1")
        driver.recorder.record("listed-beside", names=answer.cells("name"))

    type_in(driver, LINES, rename=rename, names=names)
    driver.recorder.look()
    observed = driver.rows(f"{STORED} order by id")
    driver.recorder.record("stored", asked="Anna, Typed", observed=observed)
