"""Experiments that do one thing, and what tests look at afterwards."""

import time
from pathlib import Path
from typing import Any

OVERLAP = "experiments/tiny/overlap.py"

RECORD_THEN = """
import os, signal, subprocess, sys, time
from casebook.record import Trial

def run(trial: Trial) -> None:
    trial.record("counted", "D1", "V1", number=1)
    {then}
"""


def experiment_that(then: str) -> str:
    """Return an experiment that records one event, and then does this."""
    return RECORD_THEN.format(then=then)


def noted(expression: str) -> str:
    """Return a statement that appends a value to the file `noted` in the project."""
    return f"print({expression}, file=open(os.environ['HOME'] + '/noted', 'a'), flush=True)"


def noted_processes(project: Any) -> list[int]:
    file = project.path("noted")
    return [int(line) for line in file.read_text().split()] if file.exists() else []


SLEEPER = "subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(600)'])"


def one_history(project, pattern="counts-by-name", experiment="overlap"):
    (history,) = project.histories(pattern, experiment)
    return history


def is_alive(process: int) -> bool:
    try:
        state = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0]
    except FileNotFoundError:
        return False
    return state != "Z"


def wait_until(condition, seconds=10.0):
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "it did not happen in time"
        time.sleep(0.01)
