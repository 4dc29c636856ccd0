"""The line of a citation that says on which releases the same was found, and where not."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from casebook.cite.block import BlockPart
from casebook.judge.findings import Finding
from casebook.judge.holding import Holding


def over(holding: Holding, finding: Finding, words: Any) -> Iterator[BlockPart]:
    """Yield the line as a part of a block, in the template's `words`; nothing without an axis."""
    if found := holding.over(finding):
        yield BlockPart("the other releases", words.over(found))
