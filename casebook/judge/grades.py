"""The table of grades. A grade sums up the findings of a pattern in a setting.

What stands after "works, but" is each refuted claim's own word, its `otherwise`. Those of refuted
claims that do not weigh stand beside whichever grade works.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Literal

from casebook.claim import Claim, VerdictWord

GradeWord = Literal["recommended", "works-but", "avoid", "unknown"]


@dataclass(frozen=True, slots=True)
class GradeLabel:
    """The sign and name of a grade. `rank` orders grades from avoid to recommended."""

    sign: str
    name: str
    rank: int


GRADES: dict[GradeWord, GradeLabel] = {
    "recommended": GradeLabel("✓", "recommended", 3),
    "works-but": GradeLabel("!", "works, but", 2),
    "avoid": GradeLabel("✗", "avoid", 0),
    "unknown": GradeLabel("?", "unknown", 1),
}
"""Every grade with its words, in the order in which they are shown."""

WORKING: tuple[GradeWord, ...] = ("recommended", "works-but")
"""The grades of patterns that work, the best first."""


@dataclass(frozen=True, slots=True)
class Sum:
    """What verdicts add up to: the grade, and the claims that decide it, as `Grade` has them."""

    grade: GradeWord
    refuted: tuple[str, ...]
    open: tuple[str, ...]
    caveats: tuple[str, ...]


def summed(claims: Iterable[Claim], words: Mapping[str, VerdictWord]) -> Sum:
    """Return what the verdicts on a pattern add up to; claims that do not weigh are left out."""
    claims = [claim for claim in claims if claim.weighs]
    against = [claim for claim in claims if words[claim.id] == "refuted"]
    refuted = tuple(claim.id for claim in against if claim.required)
    caveats = tuple(claim.id for claim in against if not claim.required)
    still = tuple(claim.id for claim in claims if words[claim.id] in ("inconclusive", "not-tested"))
    required = {words[claim.id] for claim in claims if claim.required}
    optional = {words[claim.id] for claim in claims if not claim.required}
    grade: GradeWord = "unknown"
    if refuted:
        grade = "avoid"
    elif required == {"supported"}:
        if caveats:
            grade = "works-but"
        elif optional <= {"supported"}:
            grade = "recommended"
    return Sum(grade, refuted, still, caveats)
