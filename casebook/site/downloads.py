"""What the site offers beside its pages: records, badges, citations and reproductions."""

from __future__ import annotations

from collections.abc import Iterator

from casebook.cite.buttons import button_files
from casebook.cite.reply import Citations
from casebook.editions import addresses
from casebook.site.badges import badge
from casebook.site.book import Book
from casebook.stored import dump


def downloads(book: Book, site_url: str) -> Iterator[tuple[str, str]]:
    """Yield the address and the text of each file; links in citations begin with `site_url`."""
    yield from _records(book)
    for pattern in book.investigation.patterns:
        yield addresses.badge(book.investigation, pattern.id), badge(book, pattern)
    yield from button_files(Citations(book.report, site_url, book.reproductions.script))


def _records(book: Book) -> Iterator[tuple[str, str]]:
    """Yield the records that the pages are drawn from, as they are."""
    for key, record in book.report.records.items():
        yield addresses.record(book.investigation, key), dump(record)
