"""One cell shown: its history, and what the claims say of it."""

import sys
from dataclasses import replace

import pytest

from casebook.cli import show
from casebook.cli.main import main
from casebook.cli.show import NotRun, shown
from casebook.plan.conf import read_investigation
from tests.conftest import CASEBOOK

WHERE = ("dictionary", "sqlite")


@pytest.fixture
def installed(tiny, monkeypatch):
    """The miniature, with an environment whose interpreter sees the engine."""
    python = tiny.root / ".nox" / "experiments-dictionary" / "bin" / "python"
    python.parent.mkdir(parents=True)
    python.write_text(f'#!/bin/sh\nexport PYTHONPATH="{CASEBOOK}"\nexec "{sys.executable}" "$@"\n')
    python.chmod(0o755)
    monkeypatch.setenv("CASEBOOK_ENVIRONMENTS", "")
    return tiny


def lines(project, *cell):
    return list(shown(project.root, read_investigation(project.root, "tiny"), WHERE, *cell))


def test_a_cell_is_told_by_its_events_and_its_verdicts(installed):
    told = lines(installed, "kept-apart", "overlap")
    assert told[0].startswith("   1  wiring-started")
    assert told[-3:] == [
        "completed",
        "",
        "counts-apart  supported: each conversation counted from 1",
    ]


def test_a_claim_with_a_baseline_gets_that_history_too(installed):
    told = lines(installed, "warns-when-wired", "wire")
    assert told[-1] == "no-warnings  refuted: warned: this counter is on its way out"


@pytest.mark.parametrize(
    ("pattern", "experiment", "verdict"),
    [
        ("kept-apart", "overlap", "counts-apart  inconclusive"),
        ("warns-when-wired", "wire", "no-warnings  inconclusive"),
    ],
)
def test_a_cell_that_ended_early_supports_nothing(
    installed, monkeypatch, pattern, experiment, verdict
):
    run = show.observed
    monkeypatch.setattr(
        show, "observed", lambda *asked: replace(run(*asked), outcome="crashed", reason="signal 11")
    )
    told = lines(installed, pattern, experiment)
    assert "crashed: signal 11" in told
    assert told[-1] == f"{verdict}: the experiment did not run to its end: crashed"


def test_a_cell_that_is_not_planned_ends_as_the_run_did(installed, capfd):
    with pytest.raises(NotRun) as ended:
        lines(installed, "kept-apart", "no-such")
    assert ended.value.code == 2
    assert main(["--root", str(installed.root), "show", *WHERE[:1], "kept-apart", "no-such"]) == 2
    assert "no cell of pattern 'kept-apart'" in capfd.readouterr().err
