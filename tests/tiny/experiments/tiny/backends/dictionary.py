"""Patterns of the dictionary, and the controls."""

import warnings
from collections import Counter

from experiments.tiny.desk import Count


class Counts:
    """Keeps a count for each conversation."""

    def __init__(self) -> None:
        self.counts: Counter[str] = Counter()

    def next(self, conversation: str) -> int:
        """Return the next number of this conversation."""
        self.counts[conversation] += 1
        return self.counts[conversation]


def counts_by_name() -> Count:
    return Counts().next


def by_hand() -> Count:
    counts: dict[str, int] = {}

    def count(conversation: str) -> int:
        counts[conversation] = counts.get(conversation, 0) + 1
        return counts[conversation]

    return count


def mixed_up() -> Count:
    counts = Counts()
    return lambda conversation: counts.next("everybody")


def raises_when_wired() -> Count:
    raise RuntimeError("the counter broke")


def warns_when_wired() -> Count:
    warnings.warn("this counter is on its way out", DeprecationWarning, stacklevel=2)
    return by_hand()
