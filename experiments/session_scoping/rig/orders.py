"""What operations do to rows, and what comes out of several, one after the other, in each order."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass


@dataclass
class Rows:
    """The rows of one key: names and a title, None for a row that is not there."""

    user: str | None = "Old"
    post: str | None = "Post"
    new: str | None = None

    def __str__(self) -> str:
        return f"{self.user or 'no user'}, {self.post or 'no post'}, {self.new or 'none new'}"


Does = Callable[[Rows, str], str]
"""What an operation does to rows, and its answer; the text is what its doer is called."""


def read_rows(rows: Rows, _: str) -> str:
    return f"shows {rows.user}" if rows.user else "shows nobody"


def create_rows(rows: Rows, by: str) -> str:
    if rows.new:
        return "refused"
    rows.new = f"New by {by}"
    return "done"


def edit_rows(rows: Rows, by: str) -> str:
    if not rows.user:
        return "refused"
    rows.user = f"Edited by {by}"
    return "done"


def edit_rows_inline(rows: Rows, by: str) -> str:
    if not rows.user:
        return "refused"
    rows.user, rows.post = f"Edited by {by}", f"Edited by {by}"
    return "done"


def delete_rows(rows: Rows, _: str) -> str:
    if not rows.user:
        return "refused"
    rows.user, rows.post = None, None
    return "done"


def extend_rows(rows: Rows, _: str) -> str:
    if not rows.user:
        return "refused"
    rows.user += " again"
    return "done"


# --- Orders ---------------------------------------------------------------------------------------


def outcome(answers: Iterable[str], rows: object) -> str:
    """Return what came out as text: what each was answered, then the rows that are left."""
    return f"{', '.join(answers)}: {rows}"


def in_some_order(operations: Sequence[Does], preempted: Collection[int]) -> list[str]:
    """Return what comes out of the operations one after the other, in each order that there may be.

    One that was not preempted was over before those after it began, and stands before them.
    """
    return list(dict.fromkeys(_outcome(operations, one) for one in _orders(operations, preempted)))


def apart(operations: Sequence[Does]) -> str:
    """Return what comes out of operations that meet on no rows, whatever their order."""
    rows = [Rows() for _ in operations]
    answers = [does(rows[number], by(number)) for number, does in enumerate(operations)]
    return outcome(answers, "; ".join(map(str, rows)))


def _orders(operations: Sequence[Does], preempted: Collection[int]) -> Iterator[list[int]]:
    def longer(order: list[int]) -> Iterator[list[int]]:
        left = [number for number in range(len(operations)) if number not in order]
        if not left:
            yield order
        for number in left:
            if all(earlier in preempted for earlier in left if earlier < number):
                yield from longer([*order, number])

    return longer([])


def _outcome(operations: Sequence[Does], order: list[int]) -> str:
    rows, answers = Rows(), dict.fromkeys(range(len(operations)), "")
    for number in order:
        answers[number] = operations[number](rows, by(number))
    return outcome(answers.values(), rows)


def by(number: int) -> str:
    """Return what the operation of this number in a schedule is called: "a", "b", ..., "aa"."""
    letters = "abcdefghijklmnopqrstuvwxyz"
    return letters[number % len(letters)] * (number // len(letters) + 1)
