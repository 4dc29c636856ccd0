"""The stand: cells as they run, until nobody asks for more."""

import subprocess

import pytest

from casebook.plan.cells import planned_cells
from casebook.plan.conf import read_investigation
from casebook.plan.investigation import Setting
from casebook.proof.stand import Unimportable, observed

pytestmark = pytest.mark.slow


def stand(project, environment="dictionary"):
    investigation = read_investigation(project.root, "tiny")
    setting = Setting(environment, "sqlite")
    cells = [one for one in planned_cells(project.root, investigation) if one.ran_in == setting]
    return cells, observed(project.root, investigation, setting, cells)


def test_cells_come_in_the_order_that_was_asked_for(counting):
    cells, running = stand(counting)
    assert [cell for cell, _ in running] == cells


def test_who_stops_asking_need_not_wait_for_what_is_still_said(counting):
    counting.replace(
        "experiments/tiny/driver.py",
        'self.record("wiring-started", "D1")',
        'self.record("wiring-started", "D1", text=200_000 * "x")',
    )
    _, running = stand(counting)
    next(running)
    running.close()


def test_a_library_that_cannot_be_imported_is_named(counting):
    counting.replace(
        "conf/tiny.toml",
        'backend = "dictionary"\ninstall = []\nimports = ["json"]',
        'backend = "dictionary"\ninstall = []\nimports = ["json", "no_such_library"]',
    )
    with pytest.raises(Unimportable, match="No module named 'no_such_library'"):
        list(stand(counting)[1])


def test_a_warm_parent_that_ends_too_early_is_the_harness_s_failure(counting):
    package = counting.path("experiments/tiny/__init__.py")
    package.write_text(
        package.read_text() + "\n\ndef prepare(database, server):\n    raise SystemExit(0)\n"
    )
    with pytest.raises(subprocess.CalledProcessError):
        list(stand(counting)[1])
