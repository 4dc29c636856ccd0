"""The miniature project with what only a twin has, and with a database of its own."""

import pytest

from tests.casebook.builders import (
    ADDITION,
    AXIS,
    CLAIM,
    NEEDY,
    OLDER,
    SERVED,
    SERVER,
    TWIN,
    append,
)


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


@pytest.fixture
def swept(tiny):
    """A project with an axis of three releases, all of them with nothing to install."""
    append(tiny, "conf/tiny.toml", AXIS)
    for id in (OLDER, "dictionary-at-tally-1.1", "dictionary-at-tally-2.0"):
        tiny.write(f"conf/requirements/tiny/{id}.txt", "")
    return tiny
