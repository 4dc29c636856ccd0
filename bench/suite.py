"""How long the tests take."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Iterator
from pathlib import Path

from bench.clock import Command, run
from bench.figures import Figure

ALL, FAST = 240, 40
"""The seconds that all tests may take, and those that are not marked as slow."""


def measure(root: Path, folder: Path) -> Iterator[Figure]:
    """Yield how long all tests take, and the fast ones, where all they need is installed."""
    nox = [sys.executable, "-m", "nox", "-s", "tests"]
    run(Command([*nox, "--install-only"], root))
    yield _figure(root, "tests", "`make test`", [*nox], ALL)
    fast = [*nox, "--", "-m", "not slow"]
    yield _figure(root, "tests-fast", '`nox -s tests -- -m "not slow"`', fast, FAST)


def _figure(root: Path, id: str, what: str, words: list[str], allowed: int) -> Figure:
    load = os.getloadavg()[0]
    took = run(Command(words, root))
    said = counts(took.printed)
    return Figure(
        id=id,
        group="The tests",
        what=f"{what}; real time",
        goal=f"under {allowed} s" + (", nothing left out" if id == "tests" else ""),
        figure=f"{took.real:.0f} s: {said}; {load:.1f} processes ran before",
        reached=took.real < allowed and "skipped" not in said,
    )


def counts(printed: str) -> str:
    """Return what pytest counted, from its closing line: "812 passed, 3 skipped"."""
    plain = re.sub(r"\x1b\[[0-9;]*m", "", printed)
    found = re.findall(r"^=* ?(\d+ \w+(?:, \d+ \w+)*) in [\d.]+s", plain, re.MULTILINE)
    return str(found[-1]) if found else "pytest did not finish"
