"""What each page says of itself where it is linked: its verdicts, computed from the report."""

from __future__ import annotations

import html
import json
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from casebook.answers import Answer, Choice, PlaceAnswer
from casebook.book import VERDICTS, Book
from casebook.pattern_page import PatternPage
from casebook.plan.investigation import Backend
from casebook.report import GradeWord
from casebook.statements_page import StatementsPage
from casebook.templates import template
from casebook.text import one_line

LONGEST = 400
"""The characters of a description; what shows them shows no more."""

GRADES: tuple[GradeWord, ...] = ("write-this", "works-deprecated", "dont", "unknown")


@dataclass(frozen=True, slots=True)
class Advice:
    """What follows for a backend: its choices by grade, in the first place that can be imported."""

    backend: Backend
    usable: bool
    graded: tuple[tuple[GradeWord, tuple[Choice, ...]], ...]

    @property
    def grade(self) -> GradeWord:
        """The grade of the choices to write."""
        return self.graded[0][0] if self.graded else "unknown"

    @property
    def choices(self) -> tuple[Choice, ...]:
        """What to write, else what works and is deprecated; it may be nothing."""
        works = self.grade in ("write-this", "works-deprecated")
        return self.graded[0][1] if works else ()


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
    for pattern in book.investigation.patterns:
        yield f"{id}/patterns/{pattern.id}", _pattern(book, PatternPage(book, pattern))
    for answer in book.answers:
        yield f"{id}/backends/{answer.backend.id}", _said("backend", book, _advice(answer))


def _said(name: str, *values: Any) -> str:
    return str(getattr(template("descriptions.txt.j2").module, name)(*values))


def _front(book: Book, several: bool) -> str:
    return _said("front", book, [_advice(answer) for answer in book.answers], several)


def _advice(answer: Answer) -> Advice:
    usable = (one for one in answer.primary if one.place.usable)
    place: PlaceAnswer | None = next(usable, None)
    found = ((grade, place.graded(grade)) for grade in GRADES) if place else ()
    graded = tuple((grade, choices) for grade, choices in found if choices)
    return Advice(answer.backend, place is not None, graded)


def _pattern(book: Book, page: PatternPage) -> str:
    controls = [one for one in book.report.controls if one.pattern == page.pattern.id]
    words = Counter(finding.verdict for row in page.rows for finding in row.findings)
    counts = {word: words[word] for word in VERDICTS}
    return _said("pattern", page, _grades(page), controls, counts)


def _grades(page: PatternPage) -> list[tuple[GradeWord, list[str], list[str]]]:
    """Return each grade of a pattern, where it has it, and the claims that are refuted there.

    Places with one grade stand together where the same claims are refuted.
    """
    where: dict[tuple[GradeWord, tuple[str, ...]], list[str]] = {}
    for places, choice in page.graded:
        id = places[0].environment.id
        everywhere = sum(place.environment.id == id for place in page.places) == len(places)
        names = [id] if everywhere else [f"{id} on {place.database}" for place in places]
        where.setdefault((choice.grade.grade, tuple(choice.grade.refuted)), []).extend(names)
    return [
        (grade, names, list(refuted))
        for wanted in GRADES
        for (grade, refuted), names in where.items()
        if grade == wanted
    ]
