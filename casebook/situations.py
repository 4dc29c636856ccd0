"""Recommendations by situation: what to write in each environment that a situation is about."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from casebook.answers import Choice
from casebook.book import Book
from casebook.places import Place
from casebook.plan.investigation import Environment, Pattern, Situation
from casebook.report import Finding, GradeWord

_WORST: tuple[GradeWord, ...] = ("dont", "unknown", "works-deprecated", "write-this")
"""Grades from the one that rules a pattern out to the one that recommends it."""


@dataclass(frozen=True, slots=True)
class Option:
    """A pattern in an environment: its worst grade over the databases, and its choice on each.

    `findings` are those of the claims that the situation turns on.
    """

    grade: GradeWord
    choices: tuple[Choice, ...]
    findings: tuple[Finding, ...]

    @property
    def choice(self) -> Choice:
        """The choice on the database where the grade is worst."""
        return min(self.choices, key=lambda choice: _WORST.index(choice.grade.grade))

    @property
    def fits(self) -> bool:
        """Whether the pattern works and the claims that the situation turns on are supported."""
        works = self.grade in ("write-this", "works-deprecated")
        return works and all(finding.verdict == "supported" for finding in self.findings)


@dataclass(frozen=True, slots=True)
class Advice:
    """What to write in one environment, best first, and what else was tried."""

    environment: Environment
    place: Place
    options: tuple[Option, ...]

    @property
    def fitting(self) -> tuple[Option, ...]:
        """The options to choose from: all that are to be written, else those that are deprecated.

        Empty where nothing fits.
        """
        for grade in ("write-this", "works-deprecated"):
            found = tuple(one for one in self.options if one.fits and one.grade == grade)
            if found:
                return found
        return ()

    @property
    def ruled_out(self) -> tuple[Option, ...]:
        """The options that do not fit."""
        return tuple(option for option in self.options if not option.fits)


def advice(book: Book, situation: Situation) -> tuple[Advice, ...]:
    """Return what follows for a situation, environment by environment.

    Those come first in which something is to be written, then those where it is deprecated.
    """
    found = [
        _advice(book, situation, book.investigation.environment(id))
        for id in situation.environments
    ]
    return tuple(sorted(found, key=lambda one: -_rank(one.fitting)))


def _rank(options: Iterable[Option]) -> int:
    return max((_WORST.index(option.grade) for option in options), default=-1)


def option(
    book: Book, environment: str, pattern: Pattern, claims: Iterable[str] = ()
) -> Option | None:
    """Return a pattern in an environment, with its findings of these claims; None if not graded."""
    places = (place for key, place in book.places.items() if key[0] == environment)
    choices = tuple(choice for place in places if (choice := book.choice(place, pattern)))
    if not choices:
        return None
    grade = min((one.grade.grade for one in choices), key=_WORST.index)
    findings = (
        finding
        for claim in claims
        for finding in book.on_each_database(environment, pattern.id, claim)
    )
    return Option(grade, choices, tuple(findings))


def _advice(book: Book, situation: Situation, environment: Environment) -> Advice:
    patterns = (
        pattern
        for pattern in book.investigation.patterns
        if pattern.about == situation.about and not pattern.control
    )
    options = (option(book, environment.id, one, situation.claims) for one in patterns)
    place = book.first_place(environment.id)
    return Advice(environment, place, tuple(one for one in options if one))
