"""A project whose environment can be broken."""

import pytest

from tests.casebook.proof.builders import interpreter


@pytest.fixture
def installed(tiny, monkeypatch):
    """The miniature project, whose environment is installed in it and was observed."""
    monkeypatch.setenv("CASEBOOK_ENVIRONMENTS", str(tiny.path(".nox")))
    interpreter(tiny)
    tiny.replace(
        "experiments/tiny/backends/dictionary.py",
        "def counts_by_name() -> Count:\n    return Counts().next\n",
        "def counts_by_name() -> Count:\n"
        "    try:\n"
        "        from tally import FIRST\n"
        "    except ImportError:\n"
        "        FIRST = 1\n"
        "    counts = Counts()\n"
        "    return lambda conversation: counts.next(conversation) + FIRST - 1\n",
    )
    assert tiny.run("dictionary").returncode == 0
    return tiny
