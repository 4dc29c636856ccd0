"""The block: a citation between two hidden markers, by which it is found again in a thread.

The markers are HTML comments: GitHub keeps them in what is stored and shows nothing of them. The
first says what was asked and of which edition the answer is, the second seals the text between.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Annotated

import msgspec

from casebook.judge.report import EDITION

FORM = 1
"""The number of the block's form; it changes with the markers and with what stands in them."""


class Uncitable(ValueError):
    """What is asked for cannot be cited; the message says why in one line."""


LIMIT = 65_536
"""The characters of the longest comment that GitHub takes."""

LINES = 60
"""The lines of the longest short block, with its markers."""

NAME = "casebook:"
"""What every marker begins with."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """What a block answers: the finding that is named, or all of a claim without a pattern.

    A `short` block is one for a reply, of at most `LINES` lines.
    """

    form: int = FORM
    investigation: str
    claim: str
    pattern: str = ""
    environment: str = ""
    database: str = ""
    short: bool = False

    @property
    def where(self) -> str:
        """The environment and the database that are asked for, in words, or an empty text."""
        where = f" in environment {self.environment!r}" if self.environment else ""
        return where + (f" on database {self.database!r}" if self.database else "")


@dataclass(frozen=True, slots=True, kw_only=True)
class Marker(Subject):
    """The first marker: what was asked, and the edition of the answer with its whole digest."""

    edition: Annotated[str, msgspec.Meta(pattern=f"^[0-9a-f]{{{EDITION}}}$")]
    digest: Annotated[str, msgspec.Meta(pattern="^[0-9a-f]{64}$")]


@dataclass(frozen=True, slots=True)
class BlockPart:
    """A stretch of a block in whole lines, and what it is called where it is left out or differs.

    What is `required` is never left out.
    """

    name: str
    text: str
    required: bool = False


@dataclass(frozen=True, slots=True)
class Block:
    """A citation in its parts, in order. The markers are not among them."""

    marker: Marker
    parts: tuple[BlockPart, ...]

    @property
    def content(self) -> str:
        """The text between the markers."""
        return "".join(part.text for part in self.parts)

    @property
    def chunks(self) -> tuple[str, ...]:
        """The block in pieces: its markers and the text of each part."""
        return (
            opening_marker(self.marker),
            *(part.text for part in self.parts),
            closing_marker(self.content),
        )

    @property
    def text(self) -> str:
        """The whole block, as it is pasted."""
        return "".join(self.chunks)


def fitting(
    marker: Marker, parts: Sequence[BlockPart], left_out: Callable[[Sequence[str]], str]
) -> Block:
    """Return the block of these parts without the last ones that have no room.

    That is what GitHub takes, or in a short block what a reader of a reply takes. `left_out` is
    given what they are called and returns the line that says so.
    """
    room = LIMIT - size(opening_marker(marker)) - size(closing_marker(""))

    sizes = [size(part.text) for part in parts]
    heights = [part.text.count("\n") for part in parts]
    taken, height = sum(sizes), 2 + sum(heights)
    if not marker.short and 5 * sum(len(part.text) for part in parts) < room:
        return Block(marker, tuple(parts))  # no character counts for more than 5
    optional = [at for at, part in enumerate(parts) if not part.required]
    for count in range(len(optional) + 1):
        out = optional[len(optional) - count :]
        kept = [part for at, part in enumerate(parts) if at not in out]
        note = ""
        if out:
            taken, height = taken - sizes[out[0]], height - heights[out[0]]
            names = dict.fromkeys(parts[at].name for at in out)
            some = {part.name for part in kept}
            said = [f"the rest of {name}" if name in some else name for name in names]
            note = left_out(said)
            kept.append(BlockPart("what was left out", note, required=True))
        if taken + size(note) < room and (height + note.count("\n") <= LINES or not marker.short):
            break
    return Block(marker, tuple(kept))


def size(text: str) -> int:
    """Return for how many characters GitHub may count a text: bytes, and line ends as two."""
    return len(text.encode()) + text.count("\n")


# --- Markers --------------------------------------------------------------------------------------


def opening_marker(marker: Marker) -> str:
    """Return the line before a block. Nothing that it names can end the comment."""
    # Only strings can hold these characters, and JSON may write any of them by its number.
    held = msgspec.json.encode(marker).decode("utf-8").replace("--", "-\\u002d")
    held = held.replace("<", "\\u003c").replace(">", "\\u003e")
    return f"<!-- {NAME}begin {held} -->\n"


def closing_marker(content: str) -> str:
    """Return the line after a block, which seals the text before it."""
    return f"<!-- {NAME}end sha256:{seal(content)} -->\n"


def seal(content: str) -> str:
    """Return the digest of a block's text, whatever became of its line ends on the way."""
    return sha256(_even(content).encode()).hexdigest()


def lines(content: str) -> list[str]:
    """Return the lines of a block's text, whatever became of its line ends on the way."""
    return _even(content).split("\n")


def _even(content: str) -> str:
    return "\n".join(line.rstrip() for line in content.split("\n")).rstrip("\n")


# --- Blocks in a text -----------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Found:
    """A block in a text: its first marker as it stands there, its text, and the seal, if any.

    It stands in the lines from `first` up to `last`, which is no longer of it, counted from 0, each
    after `quoted`, as in a reply that quotes it.
    """

    held: str
    content: str
    seal: str | None
    first: int
    last: int
    quoted: str = ""

    @property
    def marker(self) -> Marker:
        """What the marker says. Raises Uncitable where that is no marker of this form."""
        try:
            form = msgspec.json.decode(self.held, type=_Numbered).form
            if form != FORM:
                raise Uncitable(f"its marker is of form {form}, and this Casebook writes {FORM}")
            marker = msgspec.json.decode(self.held, type=Marker)
        except msgspec.MsgspecError as error:
            raise Uncitable(f"its marker cannot be read: {error}") from None
        if not marker.digest.startswith(marker.edition):
            raise Uncitable("its marker names an edition that is not the beginning of its digest")
        return marker

    @property
    def whole(self) -> bool:
        """Whether the text is still the one that the seal was made of."""
        return self.seal == seal(self.content)


@dataclass(frozen=True, slots=True)
class _Numbered:
    form: int


_BEGIN = re.compile(rf"((?:> ?)*)<!-- {NAME}begin (\{{.*\}}) -->\s*")
_END = re.compile(rf"<!-- {NAME}end sha256:([0-9a-f]{{64}}) -->\s*")


def found(text: str) -> Iterator[Found]:
    """Yield the blocks of a text in order, also where a reply quotes them with `> `.

    A block without an end goes to the next one, or to the end of the text.
    """
    lines = whole_lines(text)
    begins = [(at, one) for at, line in enumerate(lines) if (one := _BEGIN.fullmatch(line))]
    stops = [at for at, _ in begins[1:]] + [len(lines)]
    for (first, begun), stop in zip(begins, stops, strict=False):
        quoted, held = begun[1], begun[2]
        own = [_unquoted(line, quoted) for line in lines[first + 1 : stop]]
        ends = ((at, one) for at, line in enumerate(own) if (one := _END.fullmatch(line)))
        at, ended = next(ends, (len(own), None))
        last = first + 1 + at + (ended is not None)
        yield Found(held, "".join(own[:at]), ended and ended[1], first, last, quoted)


def whole_lines(text: str) -> list[str]:
    """Return the lines of a text with their ends, which are line feeds alone."""
    return re.findall(r"[^\n]*\n|[^\n]+", text)


def _unquoted(line: str, quoted: str) -> str:
    """Return a line without the signs of quotation before it."""
    if line.startswith(quoted):
        return line[len(quoted) :]
    return line[len(quoted.rstrip()) :] if line.startswith(quoted.rstrip()) else line
