"""Markdown for a reply on GitHub: text that nobody checked is shown exactly and does nothing."""

from __future__ import annotations

import functools
import re
from collections.abc import Iterable

from casebook.text import one_line


class Markdown(str):
    """Text that is Markdown already, so that a template does not escape it."""

    __slots__ = ()


_ACTIVE = re.compile(r"[\\`*_\[\]<>|~$&]")
_LINKED = re.compile(
    r"(?<=@)|(?<=#)(?=\d)|(?<=GH-)(?=\d)|(?<=:)(?=//)|(?<=www)(?=\.)|(?<=:)(?=[\w+-]+:)",
    re.IGNORECASE,
)


@functools.lru_cache(maxsize=4096)
def escape(text: str) -> Markdown:
    """Return any text as one line of Markdown that shows exactly it.

    Markup is escaped. GitHub turns `@name`, `#1`, addresses and `:names:` into links and pictures
    without any markup, and would notify people: a space without width stands inside them.
    """
    return Markdown(_LINKED.sub("&#8203;", _ACTIVE.sub(r"\\\g<0>", one_line(text))))


def code(text: str, *, in_table: bool = False) -> Markdown:
    """Return any text as a code span; in a table, which splits at bars even in code, escaped."""
    line = one_line(text)
    ticks = "`" * (_longest_ticks(line) + 1)
    space = " " if line.startswith("`") or line.endswith("`") else ""
    span = f"{ticks}{space}{line}{space}{ticks}"
    return Markdown(span.replace("|", "\\|") if in_table else span)


def listing(lines: Iterable[str]) -> Markdown:
    """Return these lines as a fenced block of text, which no line can close."""
    shown = [one_line(line) for line in lines]
    ticks = "`" * max(3, _longest_ticks("\n".join(shown)) + 1)
    return Markdown("\n".join([f"{ticks}text", *shown, ticks]))


def plain(markdown: str) -> str:
    """Return the text that a line of Markdown shows which `escape` and `code` made."""
    return re.sub(r"\\(.)|&#8203;|[*`]", r"\1", markdown)


def finalized(value: object) -> Markdown:
    """Return what a template shows of a value: Markdown as it is, any other escaped."""
    return value if isinstance(value, Markdown) else escape(str(value))


def _longest_ticks(text: str) -> int:
    return max(map(len, re.findall("`+", text)), default=0)
