"""The table of grades. A grade sums up the findings of a pattern in a setting.

What stands after "works, but" is each refuted claim's own word, its `otherwise`. Those of refuted
claims that do not weigh stand beside whichever grade works.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

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
