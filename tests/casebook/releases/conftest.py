"""A miniature whose patterns use a library, and the index that has the library's releases."""

import pytest

from tests.casebook.releases.builders import index
from tests.conftest import copy_of_tiny


@pytest.fixture(scope="session")
def served(tmp_path_factory):
    """The address of an index that has releases of `tally`."""
    with index(tmp_path_factory.mktemp("index")) as address:
        yield address


@pytest.fixture(scope="session")
def uv_cache(tmp_path_factory):
    return tmp_path_factory.mktemp("uv-cache")


@pytest.fixture
def on_index(served, uv_cache, monkeypatch):
    """Let uv and Casebook ask that index, and no other."""
    monkeypatch.setenv("UV_DEFAULT_INDEX", served)
    monkeypatch.setenv("UV_CACHE_DIR", str(uv_cache))
    monkeypatch.delenv("UV_OFFLINE", raising=False)
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", "/dev/null")
    return served


@pytest.fixture
def tally(tmp_path, on_index):
    """The miniature, one of whose patterns counts from where `tally` says."""
    return with_tally(copy_of_tiny(tmp_path))


def with_tally(project):
    project.replace(
        "conf/tiny.toml",
        'backend = "dictionary"\ninstall = []\nimports = ["json"]',
        'backend = "dictionary"\ninstall = ["tally"]\nimports = ["tally"]',
    )
    project.write("conf/requirements/tiny/dictionary.txt", "tally==1.5\n")
    project.replace(
        "experiments/tiny/backends/dictionary.py",
        "def counts_by_name() -> Count:\n    return Counts().next\n",
        "def counts_by_name() -> Count:\n"
        "    from tally import first\n\n"
        "    counts = Counts()\n"
        "    return lambda conversation: counts.next(conversation) + first() - 1\n",
    )
    return project
