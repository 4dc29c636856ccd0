"""Watching nox: a line that moves or a log, what is let through, and how it ends."""

import io
import os
import signal
import subprocess
import sys
import time
from itertools import pairwise
from pathlib import Path

import pytest

from casebook.cli.progress import ExpectedRun, Overview
from casebook.cli.watch import NOX_LOG, Log, Terminal, Watch, cut
from casebook.observe.progress import Progress
from tests.casebook.observe.builders import is_alive, wait_until
from tests.conftest import Project

pytestmark = pytest.mark.slow

LINE = "1240 of 5164 cells, about 3 min left, running counting-with-a-dictionary (ledger), " * 3


# --- A terminal -----------------------------------------------------------------------------------


@pytest.mark.parametrize("width", [1, 2, 3, 4, 20, 80, 500])
def test_a_line_of_progress_is_never_longer_than_the_terminal(
    width: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", str(width))
    stream = io.StringIO()
    Terminal(stream).show(lambda: LINE)
    assert len(stream.getvalue().removeprefix("\r").removesuffix("\x1b[K")) < width
    assert "\n" not in stream.getvalue()


def test_what_is_cut_says_so() -> None:
    assert cut("five cells", 8) == "five..."
    assert cut("five cells", 10) == "five cells"


def test_the_line_is_written_again_only_if_it_changed() -> None:
    stream = io.StringIO()
    terminal = Terminal(stream)
    for line in ("one", "one", "two"):
        terminal.show(lambda line=line: line)  # type: ignore[misc]
    assert stream.getvalue() == "\rone\x1b[K\rtwo\x1b[K"


def test_what_stays_takes_the_place_of_the_line_that_moves() -> None:
    stream = io.StringIO()
    terminal = Terminal(stream)
    terminal.show(lambda: "one")
    terminal.say("a fault")
    terminal.show(lambda: "one")
    terminal.close()
    assert stream.getvalue() == "\rone\x1b[K\r\x1b[Ka fault\n\rone\x1b[K\r\x1b[K"


# --- A log ----------------------------------------------------------------------------------------


class Clock:
    """The seconds that a test says have passed."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


def test_a_log_has_a_line_each_half_minute_and_no_more() -> None:
    stream, clock = io.StringIO(), Clock()
    log = Log(stream, clock)
    for _ in range(1000):
        log.show(lambda: str(clock.now - 1000))
        clock.now += 0.7
    written = [float(line) for line in stream.getvalue().splitlines()]
    assert len(written) == 23
    assert written[0] >= 30
    assert min(later - earlier for earlier, later in pairwise(written)) >= 30


def test_nobody_is_asked_for_a_line_that_is_not_written() -> None:
    asked: list[str] = []
    log = Log(io.StringIO(), Clock())
    for _ in range(10):
        log.show(lambda: asked.append("") or "")  # type: ignore[func-returns-value]
    assert asked == []


# --- What is let through --------------------------------------------------------------------------


class Heard:
    """A watch, and what it let through."""

    def __init__(self, root: Path) -> None:
        file = root / "now.sqlite.progress"
        self.run = ExpectedRun("now", "sqlite", file, frozenset({("used", "wire")}), {})
        self.overview = Overview(root, (self.run,), {"now": "now.txt"})
        self.stream = io.StringIO()
        self.watch = Watch(self.overview, Log(self.stream))

    def hear(self, text: str) -> list[str]:
        for line in text.splitlines(keepends=True):
            self.watch.hear(line)
        return self.stream.getvalue().splitlines()


@pytest.fixture
def heard(tmp_path: Path) -> Heard:
    return Heard(tmp_path)


IN_ORDER = """\
Starting session experiments(now)...
========== ✓ experiments(now): success, 46 seconds ==========
nox > Running session experiments(now)
nox > Creating virtual environment (uv) using python3.11 in .nox/experiments-now
nox > Reusing existing virtual environment at .nox/experiments-now.
nox > /x/bin/uv pip install --exact --require-hashes -r conf/requirements/now.txt
now  sqlite  1 of 1 cells in 46.4 s
nox > Skipping /x/bin/python run, as --install-only is set.
nox > Session experiments(now) was successful in 46 seconds.

nox > Ran 3 sessions in 48 seconds:
nox > * experiments(now): success, took 46 seconds
"""


def test_where_all_is_in_order_nothing_is_let_through(heard: Heard) -> None:
    with Progress(heard.run.file, 1) as progress:
        progress.end("now  sqlite  1 of 1 cells in 46.4 s", well=True)
    assert heard.hear(IN_ORDER) == []


def test_a_run_that_did_not_go_well_is_let_through(heard: Heard) -> None:
    said = "now  sqlite  0 of 1 cells in 46.4 s"
    with Progress(heard.run.file, 1) as progress:
        progress.end(said, well=False)
    assert heard.hear(IN_ORDER.replace("1 of 1", "0 of 1")) == [said]


FAILED = """\
========== ✗ experiments(now): failed, 46 seconds ==========
Traceback (most recent call last):
now  sqlite  warming failed (killed by SIGKILL): going on without
now: not rerun: no server
nox > Command python -m casebook run now failed with exit code 1
nox > Session experiments(now) failed.
nox > * experiments(now): failed, took 46 seconds
"""


def test_what_went_wrong_is_let_through(heard: Heard) -> None:
    assert heard.hear(FAILED) == FAILED.splitlines()


def test_what_nox_words_otherwise_is_let_through(heard: Heard) -> None:
    assert heard.hear("nox > Something new.\n") == ["nox > Something new."]


def test_sessions_that_run_in_parallel_begin_and_end(heard: Heard) -> None:
    heard.hear("Starting session experiments(now)...\n")
    assert (list(heard.overview.begun), heard.overview.ended) == (["now"], set())
    heard.hear(IN_ORDER)
    assert (list(heard.overview.begun), heard.overview.ended) == (["now"], {"now"})


def test_a_session_that_runs_alone_begins(heard: Heard) -> None:
    heard.hear("nox > Running session postgresql\n")
    assert list(heard.overview.begun) == ["postgresql"]


def test_colours_are_no_words(heard: Heard) -> None:
    assert heard.hear("\x1b[36mnox > \x1b[35mRunning session lint\x1b[0m\n") == []


# --- The command ----------------------------------------------------------------------------------


def test_the_exit_code_is_that_of_nox_and_all_it_said_is_kept(tiny: Project) -> None:
    says = "print('nox > Running session lint'); print('a fault'); raise SystemExit(3)"
    ended = tiny.casebook("watch", "--", sys.executable, "-c", says)
    assert ended.returncode == 3
    assert ended.stdout == "a fault\n"
    assert tiny.path(NOX_LOG).read_text() == "nox > Running session lint\na fault\n"


def test_what_an_earlier_run_noted_is_forgotten(tiny: Project) -> None:
    file = tiny.path("build/runs/tiny/dictionary.sqlite.progress")
    with Progress(file, 10):
        pass
    tiny.casebook("watch", "--", sys.executable, "-c", "")
    assert not file.exists()


STOPPED = """
import os, pathlib, time
print(os.getpid(), file=open("noted", "w"), flush=True)
try:
    time.sleep(600)
except KeyboardInterrupt:
    pathlib.Path("told").touch()
    time.sleep(0.3)
    pathlib.Path("cleaned").touch()
"""


@pytest.mark.parametrize("stop", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_an_interruption_lets_nox_end_its_sessions_and_ends_with_130(
    tiny: Project, stop: signal.Signals
) -> None:
    root = ["--root", str(tiny.root)]
    process = tiny.start("casebook", *root, "watch", "--", sys.executable, "-c", STOPPED)
    noted = tiny.path("noted")
    wait_until(lambda: noted.exists() and noted.read_text().strip())
    time.sleep(0.2)  # until the process sleeps
    process.send_signal(stop)
    _, stderr = process.communicate(timeout=20)
    assert process.returncode == 130
    assert stderr == "casebook: interrupted: nothing is half-written\n"
    assert tiny.path("cleaned").exists()
    assert not is_alive(int(noted.read_text()))


def test_on_a_terminal_one_line_moves_and_nothing_of_it_stays(tiny: Project) -> None:
    """A pseudo-terminal of 40 columns, in which a session is said to run for a second."""
    says = "import time; print('Starting session experiments(dictionary)...', flush=True); " + (
        "time.sleep(1.2)"
    )
    ours, theirs = os.openpty()
    command = [sys.executable, "-m", "casebook", "--root", str(tiny.root), "watch", "--"]
    process = subprocess.Popen(
        [*command, sys.executable, "-c", says],
        stdout=theirs,
        cwd=Path(__file__).parents[3],
        env={**os.environ, "COLUMNS": "40"},
    )
    os.close(theirs)
    shown = b""
    while part := _read(ours):
        shown += part
    assert process.wait() == 0
    lines = shown.decode().split("\r")
    assert any(line.startswith("0 of ") for line in lines)
    assert max(len(line.removesuffix("\x1b[K")) for line in lines) < 40
    assert lines[-1] == "\x1b[K"
    assert "\n" not in shown.decode()


def _read(terminal: int) -> bytes:
    try:
        return os.read(terminal, 4096)
    except OSError:  # Linux says so where the other end is closed
        return b""
