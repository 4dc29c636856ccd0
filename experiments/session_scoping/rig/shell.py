"""Types lines into a real `flask shell`, whose application context stays until they end."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable
from threading import Thread
from typing import Any

from flask.cli import FlaskGroup

from experiments.session_scoping.rig.application import User
from experiments.session_scoping.rig.driver import Answer, Driver


def type_in(driver: Driver, lines: Iterable[str], **names: Any) -> None:
    """Start the command `flask shell` with these names, type the lines, and end it.

    What the shell prints and what is raised in it are recorded, as one would see them on a screen.
    """
    names |= {"__name__": "shell", "session_of": driver.application_session, "User": User}
    driver.app.shell_context_processor(lambda: names)
    leave_out_the_users_own()
    record = driver.recorder.record
    sys.displayhook = lambda value: None if value is None else record("printed", text=str(value))
    sys.excepthook = lambda _, error, __: driver.recorder.record_exception(error)
    record("shell-started")
    typed = "".join(f"{line}\n" for line in lines)
    ran = driver.app.test_cli_runner().invoke(FlaskGroup(), ["shell"], input=typed)
    record("shell-ended", code=ran.exit_code)


def leave_out_the_users_own() -> None:
    """Keep what the machine's user has for shells of their own out of this one."""
    os.environ.pop("PYTHONSTARTUP", None)
    os.environ["FLASK_SKIP_DOTENV"] = "1"
    vars(sys).pop("__interactivehook__", None)


def beside(driver: Driver, path: str, **form: Any) -> Answer:
    """Send a request on a thread of its own, as a server would, and return its answer."""
    answers = []

    def send() -> None:
        answers.append(driver.post(path, **form) if form else driver.get(path))

    thread = Thread(target=send)
    thread.start()
    thread.join()
    return answers[0]
