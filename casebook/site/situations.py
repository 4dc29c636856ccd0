"""Recommendations by situation: what to write in each environment that a situation is about."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from casebook.judge.answers import Choice, standing
from casebook.judge.findings import Finding
from casebook.judge.grades import GRADES, WORKING, GradeWord
from casebook.judge.settings import ShownSetting
from casebook.plan.investigation import Environment, Pattern, Situation
from casebook.site.book import Book


@dataclass(frozen=True, slots=True)
class Option:
    """A pattern in an environment: its choice on each database.

    `findings` are those of the claims that the situation turns on.
    """

    choices: tuple[Choice, ...]
    findings: tuple[Finding, ...]

    @property
    def choice(self) -> Choice:
        """The choice on the database where it stands worst."""
        return min(self.choices, key=standing)

    @property
    def grade(self) -> GradeWord:
        """The worst grade over the databases."""
        return self.choice.grade

    @property
    def fits(self) -> bool:
        """Whether the pattern works and the claims that the situation turns on are supported."""
        works = self.grade in WORKING
        return works and all(finding.verdict == "supported" for finding in self.findings)


@dataclass(frozen=True, slots=True)
class Advice:
    """What to write in one environment, best first, and what else was tried."""

    environment: Environment
    setting: ShownSetting
    options: tuple[Option, ...]

    @property
    def fitting(self) -> tuple[Option, ...]:
        """The options to choose from: all that are recommended, else those that work, but.

        The least qualified come first. Empty where nothing fits.
        """
        for grade in WORKING:
            found = [one for one in self.options if one.fits and one.grade == grade]
            if found:
                return tuple(sorted(found, key=lambda one: standing(one.choice), reverse=True))
        return ()

    @property
    def ruled_out(self) -> tuple[Option, ...]:
        """The options that do not fit."""
        return tuple(option for option in self.options if not option.fits)


def advice(book: Book, situation: Situation) -> tuple[Advice, ...]:
    """Return what follows for a situation, environment by environment.

    Those come first in which something is recommended, then those where something works, but.
    """
    found = [
        _advice(book, situation, book.investigation.environment(id))
        for id in situation.environments
    ]
    return tuple(sorted(found, key=lambda one: -_rank(one.fitting)))


def _rank(options: Iterable[Option]) -> int:
    return max((GRADES[option.grade].rank for option in options), default=-1)


def option(
    book: Book, environment: str, pattern: Pattern, claims: Iterable[str] = ()
) -> Option | None:
    """Return a pattern in an environment, with its findings of these claims; None if not graded."""
    settings = book.report.databases_of(environment)
    choices = tuple(
        choice for setting in settings if (choice := book.answer.choice(pattern, setting))
    )
    if not choices:
        return None
    findings = (
        finding
        for claim in claims
        for finding in book.on_each_database(environment, pattern.id, claim)
    )
    return Option(choices, tuple(findings))


def _advice(book: Book, situation: Situation, environment: Environment) -> Advice:
    patterns = (
        pattern
        for pattern in book.investigation.patterns
        if pattern.about == situation.about and not pattern.control
    )
    options = (option(book, environment.id, one, situation.claims) for one in patterns)
    setting = book.first_setting(environment.id)
    return Advice(environment, setting, tuple(one for one in options if one))
