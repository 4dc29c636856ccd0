"""Text as it is shown: in one line, in a block that nothing inside it can close."""

from __future__ import annotations

import re


def one_line(text: str, width: int | None = None) -> str:
    """Return `text` in one line that a terminal and a page can show, cut to `width` characters.

    Line breaks become spaces; control characters, and those that hide or reorder text, are shown
    by their number.
    """
    line = " ".join(text.split())
    if not line.isprintable():
        line = "".join(
            character if character.isprintable() else f"\\u{ord(character):04x}"
            for character in line
        )
    return line if width is None or len(line) <= width else f"{line[: width - 1].rstrip()}…"


def fence(text: str, info: str) -> str:
    """Return a text as a fenced block of Markdown that nothing inside it can close."""
    longest = max((len(run) for run in re.findall(r"`+", text)), default=0)
    ticks = "`" * max(3, longest + 1)
    return f"{ticks}{info}\n{text.rstrip()}\n{ticks}\n"
