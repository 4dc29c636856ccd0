"""Finds the release at which a verdict turned, by halves, as `git bisect` does.

Nothing here runs anything: what a release shows is asked of a function.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Sequence
from dataclasses import dataclass

from casebook.claim import VerdictWord
from casebook.judge.bisected import Step


@dataclass(frozen=True, slots=True)
class Turning:
    """Where a verdict turned: `before` is the last release that does not have the new one.

    `first` is the first that has, as far as the releases between them, `skipped`, could not be
    observed. Where both ends have the same verdict, `turned` is False and they are the ends.
    """

    before: Step
    first: Step
    skipped: tuple[Step, ...] = ()

    @property
    def turned(self) -> bool:
        """Whether the two verdicts differ."""
        return self.before.verdict != self.first.verdict


class NothingObserved(Exception):
    """None of the releases could be observed."""


Ask = Callable[[str], Step]


def bisect(releases: Sequence[str], ask: Ask) -> Generator[Step, None, Turning]:
    """Yield each step, and return where the verdict of the last release came to be.

    The ends come first. Of an end that cannot be observed, the next release that can be takes the
    place: for the newest one after the other, for the oldest by halves, since it is mostly all old
    ones that cannot. Raises NothingObserved.
    """
    known: dict[int, Step] = {}

    def step(at: int) -> Generator[Step, None, Step]:
        if at not in known:
            known[at] = ask(releases[at])
            yield known[at]
        return known[at]

    high = len(releases) - 1
    while high >= 0 and (yield from step(high)).verdict is None:
        high -= 1
    if high < 0:
        raise NothingObserved
    newest = known[high].verdict
    low = yield from _oldest(high, step, newest)
    if known[low].verdict != newest:
        high = min(at for at, one in known.items() if at > low and one.verdict == newest)
    while known[low].verdict != newest:
        left = [at for at in range(low + 1, high) if at not in known]
        if not left:
            break
        middle = min(left, key=lambda at: (abs(at - (low + high) / 2), at))
        verdict = (yield from step(middle)).verdict
        if verdict == newest:
            high = middle
        elif verdict is not None:
            low = middle
    between = (known[at] for at in range(low + 1, high) if at in known)
    return Turning(known[low], known[high], tuple(one for one in between if one.verdict is None))


def _oldest(
    high: int, step: Callable[[int], Generator[Step, None, Step]], newest: VerdictWord | None
) -> Generator[Step, None, int]:
    """Return the place of the oldest release that can be observed, or of one that turned since."""
    first = yield from step(0)
    if first.verdict is not None:
        return 0
    dark = 0
    while high - dark > 1:
        middle = (dark + high) // 2
        verdict = (yield from step(middle)).verdict
        if verdict is None:
            dark = middle
        elif verdict != newest:
            return middle
        else:
            high = middle
    return high
