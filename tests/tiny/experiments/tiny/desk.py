"""The application under test: a desk that answers each conversation with its count."""

from collections.abc import Callable

Count = Callable[[str], int]


class Desk:
    """Asks a counter, which was handed to it, for the next number of a conversation."""

    def __init__(self, count: Count) -> None:
        self.count = count

    def answer(self, conversation: str) -> int:
        """Return the next number of this conversation."""
        return self.count(conversation)
