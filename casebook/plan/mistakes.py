"""Mistakes in `conf/`: each is an error that says where it is and how to fix it."""

from __future__ import annotations

import difflib
from collections.abc import Iterable


class PlanError(Exception):
    """A mistake in `conf/`, or in a module that it names.

    `file` is a path relative to the project, `key` the place in it (`pattern 'db'.backend`, or
    `pattern[3].id` if the third pattern has no id), `fix` how to fix it.
    """

    def __init__(self, file: str, key: str, problem: str, fix: str) -> None:
        super().__init__(f"{file}: {key}: {problem}; {fix}")
        self.file = file
        self.key = key
        self.problem = problem
        self.fix = fix


def one_of(word: str, known: Iterable[str]) -> str:
    """Return a hint for an unknown word: the known word that it resembles, else all known ones."""
    known = list(known)
    similar = difflib.get_close_matches(word, known, n=1)
    if similar:
        return f"did you mean {similar[0]!r}?"
    return "known: " + ", ".join(map(repr, known)) if known else "there are none yet"
