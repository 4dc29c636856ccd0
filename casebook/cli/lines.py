"""Lines for a terminal: wrapped, cut and coloured."""

from __future__ import annotations

import os
import sys
import textwrap
from collections.abc import Sequence

from casebook.judge.grades import GRADES
from casebook.text import one_line

WIDTH = 80
LONGEST = 280
HEAD = 2 + max(len(label.name) for label in GRADES.values())
NAMES = 4
_STYLES = {
    **dict(zip((label.name for label in GRADES.values()), ("32", "33", "31", "0"), strict=True)),
    "supported": "32",
    "refuted": "31",
    "failed": "31;1",
    "heading": "1",
}


def wrapped(text: str, head: str = "") -> list[str]:
    """Return `text` in lines that fit the terminal, indented, after `head` where there is one."""
    if not text:
        return []
    hanging = " " * (2 if not head else 4 + HEAD)
    shown = one_line(text, LONGEST)
    lines = textwrap.wrap(shown, WIDTH - len(hanging), break_on_hyphens=False) or [""]
    first = f"    {styled(head)}{' ' * (HEAD - len(head))}" if head else hanging
    return [first + lines[0], *(hanging + line for line in lines[1:])]


def some(names: Sequence[str], most: int = NAMES) -> str:
    """Return the first of these names, and how many more there are."""
    rest = len(names) - most
    return ", ".join(names[:most]) + (f" and {rest} more" if rest > 0 else "")


def styled(text: str, style: str | None = None) -> str:
    """Return `text` in the colour of `style`, or of its own words, where colours can be shown."""
    number = _STYLES.get(style or text)
    if number is None or "NO_COLOR" in os.environ or not sys.stdout.isatty():
        return text
    return f"\x1b[{number}m{text}\x1b[0m"
