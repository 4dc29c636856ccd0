"""The badge of a pattern: its grade as a small picture, for other people's pages."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from casebook.answers import Choice
from casebook.book import Book
from casebook.places import Place
from casebook.plan.investigation import Pattern
from casebook.report import GradeWord
from casebook.templates import template
from casebook.text import one_line

LABEL = 60
"""The characters of a badge's label."""

CHARACTER = 6.7
"""The width of a character in pixels, in the monospaced letters of 11 pixels that it is set in."""

GRAVEST: tuple[GradeWord, ...] = ("dont", "unknown", "works-deprecated", "write-this")


@dataclass(frozen=True, slots=True)
class Part:
    """A field of the badge: its text, where it begins and how wide it is, in pixels."""

    text: str
    x: float
    width: float


def badge(book: Book, pattern: Pattern) -> str:
    """Return the badge of a pattern as SVG.

    It shows the grade in the environment that the answer of the pattern's backend holds for, the
    gravest of those on its databases, with the first of its main releases.
    """
    place, grade = _graded(book, pattern)
    release = next(iter(place.headline.items()), ()) if place else ()
    label = f"{book.investigation.backend(pattern.backend).title}: {pattern.id}"
    words = ", ".join(filter(None, (_words(pattern, grade), " ".join(release))))
    parts = tuple(_parts((one_line(label, LABEL), words)))
    return template("badge.svg.j2").render(
        parts=parts,
        width=round(parts[-1].x + parts[-1].width, 1),
        grade=grade,
        says=f"{book.investigation.title}: {one_line(pattern.title)}: {words}",
    )


def _graded(book: Book, pattern: Pattern) -> tuple[Place | None, GradeWord | None]:
    """Return the place that a badge is about, and the gravest grade there; None without one."""
    answer = next((one for one in book.answers if one.backend.id == pattern.backend), None)
    if answer is None:
        return None, None
    environment = answer.holds_for.environment.id
    places = [place for key, place in book.places.items() if key[0] == environment]
    choices = [choice for one in places if (choice := book.choice(one, pattern))]
    return answer.holds_for, min(map(_grade, choices), key=GRAVEST.index, default=None)


def _grade(choice: Choice) -> GradeWord:
    return choice.grade.grade


def _words(pattern: Pattern, grade: GradeWord | None) -> str:
    if grade is None:
        return "a control" if pattern.control else "not graded"
    words = {"write-this": "✓ write this", "works-deprecated": "! works, deprecated"}
    return (words | {"dont": "✗ don’t", "unknown": "? not known"})[grade]  # noqa: RUF001


def _parts(texts: Iterable[str]) -> Iterable[Part]:
    x = 0.0
    for text in texts:
        width = round(len(text) * CHARACTER + 12, 1)
        yield Part(text, x, width)
        x = round(x + width, 1)
