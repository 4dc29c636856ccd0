"""Keeps bisections, each in the place of an earlier one that asked the same."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path

from casebook.files import write_whole
from casebook.judge.bisected import (
    SCHEMA,
    Bisection,
    Bisections,
    bisections_file,
    read_bisections,
)
from casebook.judge.results import Problem


def keep(root: Path, investigation: str, made: Bisection) -> Problem | None:
    """Keep a bisection in the place of an earlier one that asked the same.

    Returns the problem of a file that is there and cannot be read; then nothing is written.
    """
    found = read_bisections(root, investigation)
    if isinstance(found, Problem):
        return found
    rest = [one for one in found.bisections if one.key != made.key]
    kept = tuple(sorted([*rest, made], key=lambda one: one.key))
    text = json.dumps(asdict(Bisections(SCHEMA, investigation, kept)), ensure_ascii=False, indent=1)
    write_whole(root / bisections_file(investigation), text + "\n")
    return None
