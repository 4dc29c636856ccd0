"""What scripts that show findings do with a counter: a function for each claim."""

import warnings

from experiments.tiny.backends.dictionary import by_hand
from experiments.tiny.desk import Desk


def wires(pattern):
    """Hand the counter to a desk."""
    try:
        Desk(pattern())
    except Exception as error:
        print(f"the desk raised {type(error).__name__}: {error}")
        return "refuted"
    print("the desk took the counter")
    return "supported"


def counts_apart(pattern):
    """Count in two conversations in turn: does either see what the other counted?"""
    desk = Desk(pattern())
    numbers = [desk.answer(conversation) for conversation in ("V1", "V2", "V1")]
    print(f"V1 counted {numbers[0]}, V2 {numbers[1]}, then V1 {numbers[2]}")
    return "supported" if numbers == [1, 1, 2] else "refuted"


def no_warnings(pattern):
    """Hand the counter to a desk, and one that warns of no more than every counter does."""
    others = warned(pattern) - warned(by_hand)
    print(f"warned: {', '.join(others) or 'of nothing'}")
    return "refuted" if others else "supported"


def warned(pattern):
    """Return the texts of the warnings that a counter raises when it is made."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        pattern()
    return {str(one.message) for one in caught}
