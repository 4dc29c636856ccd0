"""Patterns of the closure."""

from itertools import count

from experiments.tiny.desk import Count


def counter_per_name() -> Count:
    counters: dict[str, count[int]] = {}
    return lambda conversation: next(counters.setdefault(conversation, count(1)))
