"""The statements: quotations from earlier reports, each bound to claims or checks.

`casebook.plan.said` reads them from `conf/`; `casebook.judge.statements` judges them.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

TITLE = "What was said before"
"""The title of the page of statements, where the file says no other."""


@dataclass(frozen=True, slots=True)
class Source:
    """What is quoted, an earlier report say: its file, its title and when it was written.

    `not_kept` says why the project does not keep the file, "" if it does. `as_of` is the day as of
    which its statements are judged where `written` is no day, "" if there is none; `as_of_because`
    says why it is this day.
    """

    id: str
    file: str
    title: str
    written: str
    as_of: str = ""
    as_of_because: str = ""
    not_kept: str = ""

    @property
    def day(self) -> str:
        """The day as of which its statements are judged, "" if none is known."""
        return self.as_of or (self.written if is_day(self.written) else "")


@dataclass(frozen=True, slots=True)
class Quotation:
    """Words of a source, verbatim from a section; from a table, with their row and column."""

    source: str
    section: str
    quote: str
    cell: tuple[str, ...] = ()

    @property
    def text(self) -> str:
        """The quotation as one text; a table cell's begins with its row and column."""
        return ": ".join([" | ".join(self.cell), self.quote]) if self.cell else self.quote


@dataclass(frozen=True, slots=True)
class Binding:
    """The claims, or the one check, that decide a statement or part of it, and in which settings.

    `says` is the verdict that the statement asserts: "supported" of each claim, or "refuted" of at
    least one. If `because` is not empty, the reason must contain it. If `environments` is empty, it
    means every environment that runs the pattern and can be imported; if `databases` is empty, all.
    """

    claims: tuple[str, ...]
    check: str
    of: str
    patterns: tuple[str, ...]
    environments: tuple[str, ...]
    databases: tuple[str, ...]
    says: str
    because: str


@dataclass(frozen=True, slots=True)
class Statement:
    """A sentence, a cell, an example or a command of earlier reports.

    Either it is bound, or `opinion` says why no evidence could decide it. `reading` says how the
    words are understood, if that is not obvious.
    """

    id: str
    quotations: tuple[Quotation, ...]
    bindings: tuple[Binding, ...]
    opinion: str
    reading: str


@dataclass(frozen=True, slots=True)
class Nothing:
    """Texts of a source that state nothing checkable, and why; `section` is "" for headings."""

    source: str
    section: str
    why: str
    texts: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Statements:
    """The sources and statements of earlier reports, in the order of the file.

    `title` is that of their page.
    """

    file: str
    sources: tuple[Source, ...]
    statements: tuple[Statement, ...]
    nothing: tuple[Nothing, ...]
    title: str = TITLE

    @property
    def days(self) -> tuple[str, ...]:
        """The days as of which statements are judged, the earliest first."""
        return tuple(sorted({source.day for source in self.sources if source.day}))

    def source(self, id: str) -> Source:
        """Return the source of this id; reading made sure that it exists."""
        return next(source for source in self.sources if source.id == id)


def is_day(text: str) -> bool:
    """Return whether a text is a day, as `2025-10-18`."""
    try:
        return date.fromisoformat(text).isoformat() == text
    except ValueError:
        return False
