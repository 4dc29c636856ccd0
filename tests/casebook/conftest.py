"""The miniature project with what only a twin has, and with a database of its own."""

import pytest

from tests.casebook.builders import (
    ADDITION,
    CLAIM,
    NEEDY,
    SERVED,
    SERVER,
    TWIN,
    add_axis,
    append,
)
from tests.casebook.releases.builders import index, use_tally
from tests.conftest import copy_of_tiny


@pytest.fixture
def needy(tiny):
    """A project with a claim whose experiment needs an abacus, which a twin has."""
    tiny.write("experiments/tiny/needy.py", NEEDY)
    append(tiny, "experiments/tiny/claims.py", CLAIM.format(experiment="needy"))
    append(tiny, "conf/tiny.toml", ADDITION)
    tiny.write(f"conf/requirements/tiny/{TWIN}.txt", "")
    return tiny


@pytest.fixture
def served(tiny):
    """A project with a second database, which has a server, and a claim that is for it alone."""
    tiny.write("experiments/tiny/served.py", SERVED)
    tiny.write("experiments/tiny/server.py", SERVER)
    append(tiny, "experiments/tiny/claims.py", CLAIM.format(experiment="served"))
    tiny.replace("conf/tiny.toml", 'databases = ["sqlite"]', 'databases = ["sqlite", "ledger"]')
    append(
        tiny,
        "conf/tiny.toml",
        '\n[[database]]\nid = "ledger"\ntitle = "A ledger"\nserver = "experiments.tiny.server"\n',
    )
    return tiny


@pytest.fixture(scope="session")
def package_index(tmp_path_factory):
    """The address of an index that has releases of `tally`."""
    with index(tmp_path_factory.mktemp("index")) as address:
        yield address


@pytest.fixture(scope="session")
def uv_cache(tmp_path_factory):
    """A cache of uv's that holds nothing of this machine's."""
    return tmp_path_factory.mktemp("uv-cache")


@pytest.fixture
def on_index(package_index, uv_cache, monkeypatch):
    """Let uv and Casebook ask that index, and no other."""
    monkeypatch.setenv("UV_DEFAULT_INDEX", package_index)
    monkeypatch.setenv("UV_CACHE_DIR", str(uv_cache))
    monkeypatch.delenv("UV_OFFLINE", raising=False)
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", "/dev/null")
    return package_index


@pytest.fixture
def tally(tmp_path, on_index):
    """The miniature, one of whose patterns counts from where the library `tally` says."""
    project = copy_of_tiny(tmp_path)
    use_tally(project)
    return project


@pytest.fixture
def swept(tiny):
    """A project with an axis of three releases, all of them with nothing to install."""
    add_axis(tiny)
    return tiny
