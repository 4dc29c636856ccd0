"""What the buttons of the pages give: citations, in a file for each pattern, and reproductions.

A page loads a file with a script element, which works from a file, too. A file holds every piece of
its texts once, the commonest first; a text is a string with a character for each of its pieces.

What is of one edition alone stands elsewhere, so that editions of equal findings share these: its
name and digest in the site's `edition.js`, and the seals of the citations in files of their own.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator

import msgspec

from casebook.cite.reply import Citations
from casebook.editions import addresses

VARIABLE = "casebook"
"""The page's script finds the texts of a file under this and the file's kind."""

_LINES = re.compile(r"(?<=[\n#])|(?=[)])|(?<=\| )|(?<=,)(?=\")|(?<=sha256:)")
"""Where citations are cut: at the ends of lines, cells, links and a marker's values."""

_HEX = re.compile(r"[0-9a-f]{64}")

_PARTS = re.compile(r"(?<=\n\n)(?=\S)|(?<=\n)(?=#)")
"""Where scripts are cut: at empty lines and comments, since they share whole functions."""


def button_files(citations: Citations) -> Iterator[tuple[str, str]]:
    """Yield the address and the text of each file."""
    report = citations.report
    found = {pattern.id: _File(_LINES) for pattern in citations.investigation.patterns}
    seals: dict[str, list[str]] = {pattern: [] for pattern in found}
    scripts = _File(_PARTS)
    for finding in report.findings:
        *chunks, closing = citations.finding(finding).chunks
        seal = _HEX.findall(closing)[0]
        seals[finding.pattern].append(seal)
        own = {report.digest: DIGEST, report.edition: EDITION, seal: SEAL}
        shared = (_without(chunk, own) for chunk in (*chunks, closing))
        found[finding.pattern].add(finding.id, shared)
        if script := citations.script(finding):
            scripts.add(finding.id, [script])
    for pattern, file in found.items():
        yield addresses.citations(citations.investigation, pattern), file.text("Citations")
        text = f"window.{VARIABLE}Seals = {msgspec.json.encode(seals[pattern]).decode()};\n"
        yield addresses.seals(citations.investigation, pattern), text
    if scripts.texts:
        yield addresses.scripts(citations.investigation), scripts.text("Scripts")


EDITION, DIGEST, SEAL = "\ue000", "\ue001", "\ue002"
"""What stands in a citation for the edition's name and digest, and for the block's own seal."""

FIRST = 0x100
"""The character of the first piece: the next 1,792 take two bytes, and JSON escapes none."""


def _without(text: str, own: dict[str, str]) -> str:
    for word, sign in own.items():
        text = text.replace(word, sign) if word else text
    return text


def _sign(number: int) -> str:
    """Return the character that stands for a piece, past those that stand for none alone."""
    code = FIRST + number
    return chr(code if code < 0xD800 else code + 0x800)


class _File:
    """Texts by the ids of their findings; `cut` is where they are cut."""

    def __init__(self, cut: re.Pattern[str]) -> None:
        self.cut = cut
        self.pieces: dict[str, int] = {}
        self.texts: dict[str, list[int]] = {}
        self._known: dict[str, list[str]] = {}

    def add(self, id: str, chunks: Iterable[str]) -> None:
        """Add a finding's text, in pieces that others may share."""
        pieces = (piece for chunk in chunks for piece in self._cut(chunk))
        self.texts[id] = [self.pieces.setdefault(one, len(self.pieces)) for one in pieces]

    def _cut(self, chunk: str) -> list[str]:
        """Return a chunk's pieces; many findings have the same ones."""
        if chunk not in self._known:
            self._known[chunk] = [piece for piece in self.cut.split(chunk) if piece]
        return self._known[chunk]

    def text(self, kind: str) -> str:
        """Return the file: a script that sets one variable."""
        times = Counter(number for text in self.texts.values() for number in text)
        order = {was: number for number, (was, _) in enumerate(times.most_common())}
        pieces = sorted(self.pieces, key=lambda piece: order[self.pieces[piece]])
        texts = {id: "".join(_sign(order[was]) for was in text) for id, text in self.texts.items()}
        held = {"pieces": pieces, "texts": texts}
        return f"window.{VARIABLE}{kind} = {msgspec.json.encode(held).decode()};\n"
