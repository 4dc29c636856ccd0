"""The badge of a pattern: its grade as a small picture, for other people's pages."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from casebook.judge.answers import Choice, standing
from casebook.judge.grades import GRADES
from casebook.judge.settings import ShownSetting
from casebook.plan.investigation import Pattern
from casebook.site.book import Book
from casebook.templates import template
from casebook.text import one_line

LABEL = 60
"""The characters of a badge's label."""

CHARACTER = 6.7
"""The width of a character in pixels, in the monospaced letters of 11 pixels that it is set in."""


@dataclass(frozen=True, slots=True)
class Field:
    """A field of the badge: its text, where it begins and how wide it is, in pixels."""

    text: str
    x: float
    width: float


def badge(book: Book, pattern: Pattern) -> str:
    """Return the badge of a pattern as SVG.

    It shows the grade in the environment that the answer of the pattern's backend holds for, the
    worst of those on its databases, with the first of its main releases.
    """
    answer = book.answer.of(pattern.backend)
    setting = answer.holds_for if answer else None
    choice = _worst(book, pattern, setting) if setting else None
    release = next(iter(setting.headline.items()), ()) if setting else ()
    label = f"{book.investigation.backend(pattern.backend).title}: {pattern.id}"
    words = ", ".join(filter(None, (_words(pattern, choice), " ".join(release))))
    parts = tuple(_parts((one_line(label, LABEL), words)))
    return template("figures/badge.svg.j2").render(
        parts=parts,
        width=round(parts[-1].x + parts[-1].width, 1),
        grade=choice.grade if choice else None,
        says=f"{book.investigation.title}: {one_line(pattern.title)}: {words}",
    )


def _worst(book: Book, pattern: Pattern, setting: ShownSetting) -> Choice | None:
    """Return the choice that stands worst on an environment's databases, None without one."""
    settings = book.report.databases_of(setting.environment.id)
    choices = [choice for one in settings if (choice := book.answer.choice(pattern, one))]
    return min(choices, key=standing, default=None)


def _words(pattern: Pattern, choice: Choice | None) -> str:
    if choice is None:
        return "a control" if pattern.control else "not graded"
    return f"{GRADES[choice.grade].sign} {choice.words}"


def _parts(texts: Iterable[str]) -> Iterable[Field]:
    x = 0.0
    for text in texts:
        width = round(len(text) * CHARACTER + 12, 1)
        yield Field(text, x, width)
        x = round(x + width, 1)
