"""What outlives its cell is ended with the run, whatever group or session it is in."""

import os
import signal
import subprocess
import sys
import time

import pytest

from casebook.observe import run
from casebook.observe.orphans import ending_orphans
from tests.casebook.observe.builders import (
    OVERLAP,
    experiment_that,
    is_alive,
    noted,
    noted_processes,
    wait_until,
)

SLEEPS = "import time; time.sleep(600)"

APART = (
    f"apart = subprocess.Popen([sys.executable, '-c', '{SLEEPS}'], start_new_session=True); "
    f"{noted('apart.pid')}"
)
"""What starts a process that is not of the cell's group, and notes it."""

SERVER = f"""
import contextlib, os, subprocess, sys

@contextlib.contextmanager
def serve(folder):
    process = subprocess.Popen([sys.executable, "-c", "{SLEEPS}"], start_new_session=True)
    yield "here"
    {noted("process.poll()")}
    process.kill()
    process.wait()
"""
"""A server that notes at the end whether it ended before."""


@pytest.mark.parametrize("signals", [[signal.SIGINT], [signal.SIGTERM] * 3])
def test_an_interrupted_run_ends_what_left_its_cell_s_group(tiny, signals):
    tiny.write(OVERLAP, experiment_that(f"{APART}; time.sleep(600)"))
    process = tiny.start("casebook", "--root", str(tiny.root), "run", "dictionary")
    wait_until(lambda: len(noted_processes(tiny)) == run.RUNS)
    for stop in signals:
        process.send_signal(stop)
        time.sleep(0.02)
    process.communicate(timeout=10)
    assert not any(map(is_alive, noted_processes(tiny)))


def test_a_whole_run_ends_what_left_its_cells_groups(tiny):
    tiny.write(OVERLAP, experiment_that(APART))
    assert tiny.run("dictionary").returncode == 0
    assert noted_processes(tiny)
    assert not any(map(is_alive, noted_processes(tiny)))


def test_the_server_of_a_database_outlives_what_is_ended(served):
    served.write("experiments/tiny/server.py", SERVER)
    ended = served.run("dictionary", "--database", "ledger")
    assert ended.returncode == 0, ended.stderr
    assert served.path("noted").read_text() == "None\n"


def test_what_a_killed_run_leaves_ends_with_the_watch_that_started_it(tiny):
    tiny.write(OVERLAP, experiment_that(f"{APART}; {noted('os.getpid()')}; time.sleep(600)"))
    root = ["--root", str(tiny.root)]
    started = f"[sys.executable, '-m', 'casebook', *{root}, 'run', 'dictionary']"
    starts = (
        f"import subprocess, sys; run = subprocess.Popen({started}); "
        f"{noted('run.pid').replace('/noted', '/run')}; run.wait()"
    )
    watch = tiny.start(
        "casebook", *root, "watch", "--", sys.executable, "-c", f"import os; {starts}"
    )
    wait_until(lambda: len(noted_processes(tiny)) == 2 * run.RUNS)
    os.kill(int(tiny.path("run").read_text()), signal.SIGKILL)
    watch.communicate(timeout=30)
    assert not any(map(is_alive, noted_processes(tiny)))


def test_what_ends_by_itself_in_time_is_not_killed(tmp_path):
    cleans = f"import time; time.sleep(0.3); open({str(tmp_path / 'cleaned')!r}, 'w')"
    with ending_orphans(patience=20):
        subprocess.Popen([sys.executable, "-c", cleans])
    assert (tmp_path / "cleaned").exists()
