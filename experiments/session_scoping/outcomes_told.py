"""What Flask-Admin says of its operations: of those that it does, and of those that fail."""

from __future__ import annotations

from collections.abc import Callable

from flask import get_flashed_messages
from wtforms.validators import ValidationError

from casebook.record import Trial
from experiments.session_scoping.refused_commits import writes
from experiments.session_scoping.refused_flushes import delete_in_bulk, keep_rows, refused
from experiments.session_scoping.rig.admin_operations import Operations
from experiments.session_scoping.rig.driver import Answer, Driver
from experiments.session_scoping.rig.hooks import HookFailed, raising
from experiments.session_scoping.rig.messages import in_short


def run(trial: Trial) -> None:
    """Attempt each where a row is refused, and where a hook raises; then do each."""
    driver = Driver(trial)
    driver.wire()
    told = Told(driver)
    keep_rows(driver)
    for name, send in reversed(refused(driver).items()):
        told.of(f"refused {name}", send, "failed")
    for name, send in writes(driver).items():
        if name != "bulk delete":
            hook = "on_model_delete" if name == "delete" else "on_model_change"
            with raising(driver, hook, ValidationError):
                told.of(f"invalid {name}", send, f"{hook} failed")
            with raising(driver, hook, HookFailed):
                told.of(f"failing {name}", send, "failed")
    driver.change("update \"user\" set name = 'Dora' where id = 4")
    for name, send in writes(driver).items():
        if name != "bulk delete":
            told.of(name, send, "1 done")
    told.of(
        "bulk delete",
        lambda: driver.post("/admin/user/action/", action="delete", rowid=["3", "5"]),
        "2 done",
    )
    told.of("bulk delete, in part refused", lambda: delete_in_bulk(driver), "failed, 1 done")


class Told:
    """Compares what is said of an operation, on its page or the next, with what was asked."""

    def __init__(self, driver: Driver) -> None:
        self._operations = Operations(driver)
        self._said: list[str] = []
        driver.on_mark = self._note

    def of(self, name: str, send: Callable[[], Answer], asked: str) -> None:
        """Perform an operation, and compare what is said of it."""
        self._said.clear()
        self._operations.perform(name, send, asked, self._observed)

    def _note(self, mark: str) -> None:
        if mark == "viewed":
            self._said += get_flashed_messages()

    def _observed(self, answer: Answer) -> str:
        texts = self._said or answer.text.splitlines()[:1]
        return ", ".join(map(in_short, texts)) or "nothing"
