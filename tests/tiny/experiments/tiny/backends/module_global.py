"""Patterns of the global, which is wrong: it counts for everybody."""

from experiments.tiny.desk import Count

_number = 0


def one_global() -> Count:
    def count(conversation: str) -> int:
        global _number
        _number += 1
        return _number

    return count
