"""What the buttons of the pages copy: a file for each pattern, with the citations of its findings.

A page loads its file with a script element, which works from a file, too. The file holds every
piece of a block once, and a piece ends at an empty line at the latest; a finding's citation is the
list of the pieces that it is joined from.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

import msgspec

from casebook.cite.reply import Citations
from casebook.editions import addresses

VARIABLE = "casebookCitations"
"""What the page's script finds the citations under; see `casebook/static/cite.js`."""


def button_files(citations: Citations) -> Iterator[tuple[str, str]]:
    """Yield the address and the text of each pattern's file."""
    found: dict[str, _File] = {pattern.id: _File() for pattern in citations.investigation.patterns}
    for finding in citations.report.findings:
        found[finding.pattern].add(finding.id, citations.finding(finding).chunks)
    for pattern, file in found.items():
        yield addresses.citations(citations.investigation, pattern), file.text


class _File:
    """The citations of a pattern."""

    def __init__(self) -> None:
        self.pieces: dict[str, int] = {}
        self.findings: dict[str, list[int]] = {}

    def add(self, id: str, chunks: Iterable[str]) -> None:
        """Add a finding's citation, cut where scripts and lifecycles may be the same in others."""
        cut = (piece for chunk in chunks for piece in re.split(r"(?<=\n\n)", chunk) if piece)
        self.findings[id] = [self.pieces.setdefault(one, len(self.pieces)) for one in cut]

    @property
    def text(self) -> str:
        """The file: a script that sets one variable."""
        held = {"pieces": list(self.pieces), "findings": self.findings}
        return f"window.{VARIABLE} = {msgspec.json.encode(held).decode()};\n"
