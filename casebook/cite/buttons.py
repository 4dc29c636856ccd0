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
            scripts.add(finding.id, _PARTS.split(script))
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
    """Texts by the ids of their findings, in chunks; `cut` is where these are cut into pieces."""

    def __init__(self, cut: re.Pattern[str]) -> None:
        self.cut = cut
        self.texts: dict[str, tuple[str, ...]] = {}

    def add(self, id: str, chunks: Iterable[str]) -> None:
        """Add a finding's text."""
        self.texts[id] = tuple(chunks)

    def text(self, kind: str) -> str:
        """Return the file: a script that sets one variable."""
        chunks = Counter(chunk for text in self.texts.values() for chunk in text)
        cut = {chunk: [piece for piece in self.cut.split(chunk) if piece] for chunk in chunks}
        times: Counter[str] = Counter()
        for chunk, count in chunks.items():
            for piece in cut[chunk]:
                times[piece] += count
        pieces = [piece for piece, _ in times.most_common()]
        signs = {piece: _sign(number) for number, piece in enumerate(pieces)}
        signed = {chunk: "".join(map(signs.__getitem__, own)) for chunk, own in cut.items()}
        texts = {id: "".join(map(signed.__getitem__, text)) for id, text in self.texts.items()}
        held = {"pieces": pieces, "texts": texts}
        return f"window.{VARIABLE}{kind} = {msgspec.json.encode(held).decode()};\n"
