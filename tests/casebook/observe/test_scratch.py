"""Scratch folders: in memory, removed afterwards, also those that a killed run left."""

import os
import time
from pathlib import Path

import pytest

from casebook.observe import scratch


def left_behind(base: Path, name: str) -> Path:
    """Return a scratch folder as a run leaves it that was killed an hour ago."""
    folder = base / f"{scratch.SCRATCH}{name}"
    folder.mkdir()
    (folder / "events").touch()
    an_hour_ago = time.time() - 3600
    os.utime(folder, (an_hour_ago, an_hour_ago))
    return folder


@pytest.fixture
def base(tmp_path, monkeypatch):
    """A folder for scratch folders, in place of shared memory."""
    monkeypatch.setattr(scratch, "MEMORY", str(tmp_path))
    return tmp_path


def test_what_a_killed_run_left_is_removed_by_the_next(base):
    left = left_behind(base, "left")
    with scratch.scratch_folder() as folder:
        assert not left.exists()
        assert Path(folder).parent == base
    assert list(base.iterdir()) == []


def test_what_another_run_uses_stays(base):
    with scratch.scratch_folder() as folder:
        os.utime(folder, (0, 0))
        with scratch.scratch_folder():
            assert Path(folder).exists()


def test_what_is_not_of_a_run_stays(base):
    server = base / "casebook-of-a-server"
    server.mkdir()
    os.utime(server, (0, 0))
    with scratch.scratch_folder():
        assert server.exists()


def test_what_is_young_stays_since_its_run_may_not_have_locked_it_yet(base):
    young = left_behind(base, "young")
    os.utime(young)
    with scratch.scratch_folder():
        assert young.exists()
