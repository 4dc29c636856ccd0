"""Compares quotations with the text that they are from, as far as the project keeps that text.

Both are compared without markup: emphasis, code marks, links' targets, the marks that begin
headings, items and quoted lines, and the lines of boxes. Any white space is one blank. Nothing else
may differ.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from functools import cached_property
from itertools import pairwise
from pathlib import Path

from casebook.plan.mistakes import one_of

NEAR = 200
"""The characters of a text that an error shows."""

_LINKS = (
    (re.compile(r"!?\[([^\[\]]*)\](?:\([^()\s]*(?:\s+\"[^\"]*\")?\)|\[[^\[\]]*\])"), r"\1"),
    (re.compile(r"`([^`<>]+?)\s*<[^`<>]+>`_{1,2}"), r"\1"),  # reStructuredText
    (re.compile(r":[\w:+.-]+:`~?([^`]*)`"), r"\1"),  # a role, in reStructuredText or MyST
)
_BEGINS = re.compile(
    r"^[ \t]*(?:>[ \t]?)*(?:#{1,6}[ \t]+|[-*+•][ \t]+|\d+[.)][ \t]+)?", re.MULTILINE
)
_BOXES = re.compile("[\u2500-\u257f]+")
_MARKS = re.compile(r"[*`]+|(?<!\w)_+(?=\w)|(?<=\w)_+(?!\w)|\\(?=[^\w\s])")


def plain(text: str) -> str:
    """Return a text as it is compared: without markup, each white space a blank."""
    for link, words in _LINKS:
        text = link.sub(words, text)
    return _spaced(_MARKS.sub("", _BEGINS.sub("", _BOXES.sub(" ", text))))


def _spaced(text: str) -> str:
    return " ".join(unicodedata.normalize("NFC", text).split())


def holds(text: str, quote: str) -> bool:
    """Return whether a text holds a quotation, which begins and ends where words do."""
    return any(
        bool(words := form(quote)) and bool(_whole(words).search(form(text)))
        for form in (_spaced, plain)
    )


def _whole(words: str) -> re.Pattern[str]:
    begin = r"(?<!\w)" if words[0].isalnum() else ""
    end = r"(?!\w)" if words[-1].isalnum() else ""
    return re.compile(begin + re.escape(words) + end)


def nearest(text: str, quote: str) -> str:
    """Return the words of a text that resemble a quotation most, "" where none do."""
    wanted, words = plain(quote), plain(text).split()
    size = len(wanted.split())
    windows = (" ".join(words[at : at + size]) for at in range(max(1, len(words) - size + 1)))
    matcher = SequenceMatcher(autojunk=False)
    matcher.set_seq2(wanted)
    best, found = 0.5, ""
    for window in dict.fromkeys(windows):
        matcher.set_seq1(window)
        if matcher.real_quick_ratio() > best and matcher.quick_ratio() > best:
            ratio = matcher.ratio()
            if ratio > best:
                best, found = ratio, window
    return found if len(found) <= NEAR else found[: NEAR - 1] + "…"


# --- The text, its headings and its tables --------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Cell:
    """A cell of a table: how its row begins, what stands above its column, and its text."""

    row: str
    column: str
    text: str


@dataclass(frozen=True, slots=True)
class _Heading:
    line: int
    level: int
    text: str


class Text:
    """A text that is quoted, with its sections."""

    def __init__(self, text: str, kind: str = ".md") -> None:
        self.text = text
        self.kind = kind
        self.lines = text.splitlines()

    @classmethod
    def of(cls, file: Path) -> Text:
        """Return the text of a file. Raises OSError and UnicodeDecodeError."""
        return cls(file.read_text(encoding="utf-8-sig"), file.suffix.lower())

    def under(self, section: str) -> tuple[str, ...]:
        """Return what stands under each heading with these words, and the heading itself.

        A part ends before the next heading that is not below it. A line without a heading's marks
        is one, too, where it holds these words alone. "" is the heading of all.
        """
        if not section:
            return (self.text,)
        wanted = plain(section)
        found = [one for one in self._headings if one.text == wanted] or [
            _Heading(number, _LEVELS, wanted)
            for number, line in enumerate(self.lines)
            if plain(line) == wanted
        ]
        return tuple("\n".join(self.lines[one.line : self._end(one)]) for one in found)

    def sections_of(self, quote: str) -> list[str]:
        """Return the headings under which a quotation stands, the nearest above it alone."""
        ends = [one.line for one in self._headings] + [len(self.lines)]
        return [
            heading.text
            for heading, (start, end) in zip(self._headings, pairwise(ends), strict=True)
            if holds("\n".join(self.lines[start:end]), quote)
        ]

    @property
    def headings(self) -> list[str]:
        """Its headings, in order."""
        return [one.text for one in self._headings]

    def _end(self, heading: _Heading) -> int:
        after = (one for one in self._headings if one.line > heading.line)
        return next((one.line for one in after if one.level <= heading.level), len(self.lines))

    @cached_property
    def _headings(self) -> tuple[_Heading, ...]:
        return tuple(_headings(self.lines, hashes=self.kind not in (".rst", ".txt")))


_LEVELS = 100
"""A level below those of all marked headings."""

_FENCE = re.compile(r"\s*(`{3,}|~{3,})[^`]*$")
_MARKED = re.compile(r"(#{1,6})\s+\S")
_UNDERLINE = re.compile(r"([=\-~^\"'+*#:._])\1{2,}\s*$")


def _headings(lines: Sequence[str], hashes: bool) -> Iterator[_Heading]:
    """Yield the headings: lines that are underlined and, with `hashes`, those that `#` begins.

    What is fenced as code has none. Underlines are of levels in the order in which they first
    appear, as in reStructuredText.
    """
    fence, underlines = "", dict[str, int]()
    for number, line in enumerate(lines):
        if found := _FENCE.match(line):
            mark = found.group(1)
            if not fence:
                fence = mark
            elif mark.startswith(fence) and line.strip() == mark:
                fence = ""
        elif fence:
            continue
        elif hashes and (marked := _MARKED.match(line)):
            yield _Heading(number, len(marked.group(1)), plain(line))
        elif line.strip() and not _UNDERLINE.match(line):
            under = _UNDERLINE.match(lines[number + 1]) if number + 1 < len(lines) else None
            if under:
                level = underlines.setdefault(under.group(1), len(underlines) + 1)
                yield _Heading(number, level, plain(line))


_RULER = re.compile(r"[\s|+:=-]*[=-][\s|+:=-]*$")


def cells(text: str) -> Iterator[Cell]:
    """Yield the cells of the tables of a text, but those of the first column and the first row.

    A table has `|` between its columns, or rulers of `=` above them, as reStructuredText has.
    """
    columns: list[str] = []
    spans: list[tuple[int, int]] = []
    for line in text.splitlines():
        if _RULER.match(line) and ("|" in line or "+" in line):
            continue
        if re.fullmatch(r"\s*=+(?: +=+)+\s*", line):
            spans = [match.span() for match in re.finditer("=+", line)]
            continue
        row = _row(line, spans)
        if len(row) < 2:
            columns, spans = [], []
        elif not columns:
            columns = row
        else:
            yield from (Cell(row[0], *one) for one in zip(columns[1:], row[1:], strict=False))


def _row(line: str, spans: Sequence[tuple[int, int]]) -> list[str]:
    if spans and line.strip():
        ends = [start for start, _ in spans[1:]] + [len(line)]
        return [plain(line[start:end]) for (start, _), end in zip(spans, ends, strict=True)]
    if "|" not in line:
        return []
    return [plain(one.replace(r"\|", "|")) for one in re.split(r"(?<!\\)\|", _edged(line))]


def _edged(line: str) -> str:
    return line.strip().removeprefix("|").removesuffix("|")


# --- Mistakes -------------------------------------------------------------------------------------


def mistake(text: Text, section: str, quote: str, cell: Sequence[str]) -> tuple[str, str, str]:
    """Return which key of a quotation is wrong, what is wrong and its fix; "" where nothing is."""
    parts = text.under(section)
    if not parts:
        there = text.sections_of(quote)
        fix = f"write {there[0]!r}, where it stands" if there else one_of(section, text.headings)
        return "section", f"no heading is {section!r}", fix
    if cell:
        return _mistaken_cell([one for part in parts for one in cells(part)], quote, cell)
    if any(holds(part, quote) for part in parts):
        return "", "", ""
    problem = f"{quote!r} does not stand" + (f" under {section!r}" if section else " there")
    if there := text.sections_of(quote):
        return "section", problem, f"write {there[0]!r}, where it stands"
    near = (found for part in (*parts, text.text) if (found := nearest(part, quote)))
    return "quote", problem, _instead(next(near, ""))


def mistaken_text(text: Text, section: str, words: str) -> tuple[str, str, str]:
    """Return what `mistake` does of a text that states nothing; a cell is `row | column | text`."""
    row = tuple(map(plain, words.split(" | ")))
    tables = (cells(part) for part in text.under(section))
    if any(row == (one.row, one.column, one.text) for found in tables for one in found):
        return "", "", ""
    key, problem, fix = mistake(text, section, words, ())
    return key.replace("quote", "texts"), problem, fix


def _mistaken_cell(found: Sequence[Cell], quote: str, cell: Sequence[str]) -> tuple[str, str, str]:
    if not found:
        return "cell", "no table stands there", "leave `cell` out, or fix `section`"
    row, column = map(plain, cell)
    if row not in (rows := dict.fromkeys(one.row for one in found)):
        return "cell", f"no row has {cell[0]!r} as its first cell", one_of(row, rows)
    columns = dict.fromkeys(one.column for one in found if one.row == row)
    if column not in columns:
        return "cell", f"no column is headed {cell[1]!r}", one_of(column, columns)
    texts = [one.text for one in found if (one.row, one.column) == (row, column)]
    if any(holds(one, quote) for one in texts):
        return "", "", ""
    return "quote", f"{quote!r} does not stand in this cell", _instead(texts[0])


def _instead(near: str) -> str:
    return f"quote what stands there: {near!r}" if near else "quote what stands there, or delete it"
