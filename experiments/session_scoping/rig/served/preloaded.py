"""The application behind gunicorn, which loads it once and then forks its workers (`--preload`)."""

from __future__ import annotations

import mmap
import os
import sys
import warnings
from typing import Any

from gunicorn.app.wsgiapp import WSGIApplication

from experiments.rigs.recorder import Recorder
from experiments.session_scoping.rig.application import User
from experiments.session_scoping.rig.driver import Driver
from experiments.session_scoping.rig.served.arguments import for_gunicorn
from experiments.session_scoping.rig.served.process import Told

WORKERS = 2
"""The number of workers, each of which has a socket of its own here."""

GUNICORN = ("--preload", f"--workers={WORKERS}")
"""gunicorn's options, without the sockets."""

LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"


class SharedCounts(dict[str, int]):
    """How many labels each letter has, for all processes that are forked from this one.

    Workers number what they see together, so that a label never stands for two things.
    """

    def __init__(self, counted: dict[str, int]) -> None:
        super().__init__()
        self._numbers = memoryview(mmap.mmap(-1, 4 * len(LETTERS))).cast("i")
        for letter, number in counted.items():
            self[letter] = number

    def get(self, letter: str, default: Any = 0) -> Any:
        return self[letter] or default

    def __getitem__(self, letter: str) -> int:
        return self._numbers[LETTERS.index(letter)]

    def __setitem__(self, letter: str, number: int) -> None:
        self._numbers[LETTERS.index(letter)] = number


class Processes:
    """Labels processes: `P1` loads the application, `P2` and `P3` are its workers, in order.

    Each has one thread, `T1`, `T2` and `T3`.
    """

    def __init__(self, recorder: Recorder) -> None:
        self._loading = os.getpid()
        self._here = {self._loading: 1}
        for _ in range(1 + WORKERS):
            recorder.new_label("T")

    def is_worker(self, number: int) -> None:
        """Say that this process is the worker of a number, the first is 1."""
        self._here = {os.getpid(): 1 + number}

    def labels(self) -> list[str]:
        """Return the labels of the current process and of its thread."""
        number = self._here[os.getpid()]
        return [f"P{number}", f"T{number}"]


def serve(told: Told, listeners: tuple[int, ...], use_first: bool) -> None:
    """Run gunicorn's arbiter, which loads the application and forks a worker for each listener.

    With `use_first` the application reads the database when it is loaded, as a script that makes
    its tables or reads its settings does.
    """
    processes: list[Processes] = []

    def places(recorder: Recorder) -> Processes:
        recorder.share_labels(SharedCounts)
        processes.append(Processes(recorder))
        return processes[0]

    def begin(_: Any, worker: Any) -> None:
        if worker.age > WORKERS:
            told.tell_wiring()  # the cell takes that for what it is: a worker ended
        processes[0].is_worker(worker.age)
        worker.sockets = [worker.sockets[worker.age - 1]]

    class Command(WSGIApplication):
        """The `gunicorn` command, whose `app:app` is the application under test."""

        def load_config(self) -> None:
            super().load_config()
            self.cfg.set("post_fork", begin)

        def load(self) -> Any:
            driver = told.wired(places)
            if use_first:
                use(driver)
            driver.recorder.record("served", by="gunicorn", preloaded=True, workers=WORKERS)
            return driver.app

    # gunicorn leaves sockets to the collector, at no fixed time, and each has another number.
    warnings.filterwarnings("ignore", "unclosed <socket", ResourceWarning)
    sys.argv = for_gunicorn(*GUNICORN, *(f"--bind=fd://{listener}" for listener in listeners))
    Command("%(prog)s [OPTIONS] [APP_MODULE]").run()


def use(driver: Driver) -> None:
    """Read in a context of the application's own, then list the users, before any worker exists."""
    with driver.app.app_context():
        driver.application_session().query(User).count()
    driver.get("/admin/user/")
