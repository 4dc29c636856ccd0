"""What each page says of itself where it is linked: its verdicts, computed from the report."""

from __future__ import annotations

import html
import json
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any

from casebook.claim import VERDICTS
from casebook.judge.grades import GRADES, GradeWord
from casebook.site.book import Book
from casebook.site.pattern import PatternPage
from casebook.site.releases import ReleasesPage
from casebook.site.statements import StatementsPage
from casebook.site.swept import swept_pages
from casebook.templates import template
from casebook.text import one_line

LONGEST = 400
"""The characters of a description; what shows them shows no more."""


def descriptions(books: Sequence[Book]) -> dict[str, str]:
    """Return the description of each page that has verdicts to tell, by its name; one line each."""
    found = {"index": " ".join(_front(book, len(books) > 1) for book in books)}
    for book in books:
        found |= _pages(book)
    return {name: one_line(text, LONGEST) for name, text in found.items()}


def front_matter(text: str, description: str, verdicts: str = "") -> str:
    """Return a page's source that says this description, and the script that tells its verdicts.

    Sphinx and MyST read both from the front matter, which the source may have already.
    """
    lines = []
    if verdicts:
        lines.append(f"verdicts: {_quoted(verdicts)}")
    if description:  # sphinxext-opengraph 0.13 escapes nothing but quotation marks
        lines += [
            f'"og:description": {_quoted(html.escape(description, quote=False))}',
            f"myst: {{html_meta: {{description: {_quoted(description)}}}}}",
        ]
    if not lines:
        return text
    own = text.removeprefix("---\n") if text.startswith("---\n") else f"---\n\n{text}"
    return "\n".join(["---", *lines, own])


def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)


# --- Page by page ---------------------------------------------------------------------------------


def _pages(book: Book) -> Iterator[tuple[str, str]]:
    id = book.investigation.id
    yield f"{id}/index", _front(book, False)
    yield f"{id}/claims", _said("claims", book)
    yield f"{id}/comparison", _said("comparison", book)
    yield f"{id}/statements", _said("statements", book, StatementsPage(book))
    yield f"{id}/method", _said("method", book)
    yield f"{id}/controls", _said("controls", book)
    over = ReleasesPage(book)
    yield f"{id}/releases", _said("releases", over)
    for page in swept_pages(book):
        graded = over.at(page.course, page.stop)
        yield f"{id}/releases/{page.environment.id}", _said("swept", page, graded)
    for pattern in book.investigation.patterns:
        yield f"{id}/patterns/{pattern.id}", _pattern(book, PatternPage(book, pattern))
    for answer in book.answers:
        yield f"{id}/backends/{answer.backend.id}", _said("backend", book, answer)


def _said(name: str, *values: Any) -> str:
    return str(getattr(template("parts/descriptions.txt.j2").module, name)(*values))


def _front(book: Book, several: bool) -> str:
    return _said("front", book, several)


def _pattern(book: Book, page: PatternPage) -> str:
    controls = [one for one in book.report.controls if one.pattern == page.pattern.id]
    words = Counter(finding.verdict for row in page.rows for finding in row.findings)
    counts = {word: words[word] for word in VERDICTS}
    return _said("pattern", page, _grades(page), controls, counts)


def _grades(page: PatternPage) -> list[tuple[str, list[str], list[str]]]:
    """Return each grade of a pattern, the settings that have it, and the claims refuted there.

    Settings of one grade stand together where the same claims are refuted.
    """
    where: dict[tuple[GradeWord, str, tuple[str, ...]], list[str]] = {}
    for settings, choice in page.graded:
        id = settings[0].environment.id
        everywhere = sum(setting.environment.id == id for setting in page.settings) == len(settings)
        names = [id] if everywhere else [f"{id} on {setting.database}" for setting in settings]
        refuted = tuple(finding.claim for finding in choice.refuted)
        where.setdefault((choice.grade, choice.words, refuted), []).extend(names)
    order = list(GRADES)
    return [
        (words, names, list(refuted))
        for (_, words, refuted), names in sorted(
            where.items(), key=lambda one: order.index(one[0][0])
        )
    ]
