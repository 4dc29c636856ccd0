"""Rows that another program changes between requests, also while the application holds one."""

from casebook.record import Trial
from experiments.session_scoping.rig.driver import Driver


def run(trial: Trial) -> None:
    """Change two rows from outside and record what the next requests show."""
    driver = Driver(trial)
    driver.wire()
    driver.get("/admin/user/")
    change_and_look(driver, 1)
    driver.get("/hold/2")
    change_and_look(driver, 2)


def change_and_look(driver: Driver, key: int) -> None:
    """Rename a user from outside, then request the admin's list and the application's route."""
    name = f"Renamed {key}"
    driver.change(f"update \"user\" set name = '{name}' where id = {key}")
    driver.recorder.record("shown", asked=name, names=driver.get("/admin/user/").cells("name"))
    driver.recorder.record("shown", asked=name, names=driver.get("/names").text)
