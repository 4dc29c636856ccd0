"""Environments aside: installed once, used again, and never half there."""

import subprocess

import pytest

from casebook.releases.environments import NotInstallable, install
from casebook.releases.resolving import Lock

pytestmark = pytest.mark.slow


def lock(release):
    return Lock((("tally", release),))


def test_an_environment_holds_what_its_lock_says(tmp_path, on_index):
    python = install(tmp_path, lock("1.3"))
    code = "import tally, importlib.metadata as m; print(tally.first(), m.version('tally'))"
    assert subprocess.check_output([python, "-c", code], text=True).split() == ["2", "1.3"]


def test_nothing_but_what_the_lock_says_is_installed(tmp_path, on_index):
    python = install(tmp_path, Lock((("abacus", "1.0"),)))  # which needs `tally`
    code = "import importlib.metadata as m; print(*(one.name for one in m.distributions()))"
    assert subprocess.check_output([python, "-c", code], text=True).split() == ["abacus"]


def test_an_environment_is_installed_once(tmp_path, on_index, monkeypatch):
    first = install(tmp_path, lock("1.3"))
    monkeypatch.setenv("UV_DEFAULT_INDEX", "http://127.0.0.1:9/simple")
    assert install(tmp_path, lock("1.3")) == first
    assert install(tmp_path, Lock(())) != first


def test_an_environment_that_was_left_half_installed_is_installed_again(tmp_path, on_index):
    python = install(tmp_path, lock("1.3"))
    (python.parent.parent / "installed.txt").unlink()
    (python.parent.parent / "left").touch()
    install(tmp_path, lock("1.3"))
    assert not (python.parent.parent / "left").exists()


def test_what_cannot_be_installed_is_said_with_the_installer_s_words(tmp_path, on_index):
    with pytest.raises(NotInstallable, match=r"tally==7") as failed:
        install(tmp_path, lock("7"))
    assert "tally==7" in failed.value.said
    assert not list((tmp_path / "build/releases/environments").glob("*/bin"))
