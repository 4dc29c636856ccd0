"""Formats text for display: on one line, or in a Markdown block that it cannot close."""

from __future__ import annotations

import codecs
import re
from collections.abc import Sequence

_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
"""How a file begins that says its encoding."""


def one_line(text: str, width: int | None = None) -> str:
    """Return `text` on one line that is safe to show, cut to `width` characters.

    Line breaks become spaces; control characters, and characters that hide or reorder text, are
    shown by their numbers.
    """
    line = " ".join(text.split())
    if not line.isprintable():
        line = "".join(
            character if character.isprintable() else f"\\u{ord(character):04x}"
            for character in line
        )
    return line if width is None or len(line) <= width else f"{line[: width - 1].rstrip()}…"


def apart(one: str, other: str) -> tuple[str, str]:
    """Return in what two texts differ: both without the words that they begin and end with alike.

    Two words before the first that differs stay, so that a reader finds the place.
    """
    this, that = one.split(), other.split()
    same = alike(this, that)
    end = alike(this[same:][::-1], that[same:][::-1])
    cut = max(0, same - 2)
    return " ".join(this[cut : len(this) - end]), " ".join(that[cut : len(that) - end])


def alike(one: Sequence[object], other: Sequence[object]) -> int:
    """Return how many items two sequences begin with alike."""
    shorter = min(len(one), len(other))
    return next((at for at in range(shorter) if one[at] != other[at]), shorter)


def decoded(data: bytes) -> str:
    """Return a file's text: in the encoding of its mark, in UTF-8, else in Windows-1252."""
    for mark, encoding in _MARKS:
        if data.startswith(mark):
            return data.decode(encoding, errors="replace")
    try:
        return data.decode()
    except UnicodeDecodeError:
        return data.decode("cp1252", errors="replace")


def fence(text: str, info: str) -> str:
    """Return `text` as a fenced Markdown block; the fence is longer than any inside the text."""
    longest = max((len(run) for run in re.findall(r"`+", text)), default=0)
    ticks = "`" * max(3, longest + 1)
    return f"{ticks}{info}\n{text.rstrip()}\n{ticks}\n"
