"""A project whose environment can be broken."""

import pytest

from tests.casebook.proof.builders import install_library, interpreter, run_installed


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


@pytest.fixture
def counting(tiny, monkeypatch):
    """The miniature project with an installed library that its patterns use, and observed."""
    monkeypatch.setenv("CASEBOOK_ENVIRONMENTS", str(tiny.path(".nox")))
    install_library(tiny)
    patterns = "experiments/tiny/backends/dictionary.py"
    tiny.replace(
        patterns,
        "    return Counts().next\n",
        "    from tally.count import Tally\n\n    return Tally().next\n",
    )
    tiny.replace(
        patterns,
        "counts[conversation] = counts.get(conversation, 0) + 1",
        "counts[conversation] = counts.get(conversation, 0) + step()",
    )
    tiny.replace(patterns, "import warnings\n", "import warnings\n\nfrom tally.count import step\n")
    run_installed(tiny)
    return tiny
