"""The answer: backend by backend and place by place, what to write and what not, and why."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from casebook.places import Difference, Place, differences
from casebook.plan.investigation import Backend, Pattern
from casebook.report import Finding, Grade, Report
from casebook.results import Key

Findings = Mapping[tuple[str, str, str, str], Finding]
"""Findings by environment, database, pattern and claim."""


@dataclass(frozen=True, slots=True)
class Choice:
    """A pattern in one place, its grade, and the findings that say why."""

    pattern: Pattern
    grade: Grade
    refuted: tuple[Finding, ...]
    open: tuple[Finding, ...]
    deprecated: tuple[Finding, ...]


@dataclass(frozen=True, slots=True)
class Elsewhere:
    """The same environment on another database, and the choices that are graded otherwise there."""

    place: Place
    choices: tuple[Choice, ...]


@dataclass(frozen=True, slots=True)
class PlaceAnswer:
    """What to write and what not, in one environment on its first database.

    `twin` is the place from which this one differs in `differences`; `beside` are those that
    differ from this one. `elsewhere` are its other databases.
    """

    place: Place
    choices: tuple[Choice, ...]
    twin: Place | None
    differences: tuple[Difference, ...]
    beside: tuple[tuple[Place, tuple[Difference, ...]], ...]
    elsewhere: tuple[Elsewhere, ...] = ()

    def graded(self, *grades: str) -> tuple[Choice, ...]:
        """Return the choices of these grades, in the order of the grades."""
        return tuple(
            choice for grade in grades for choice in self.choices if choice.grade.grade == grade
        )

    @property
    def mended(self) -> bool:
        """Whether the twin cannot be imported and this one can: the difference is what it takes."""
        return self.place.usable and self.twin is not None and bool(self.twin.unavailable)

    @property
    def words(self) -> set[tuple[str, str]]:
        """Each pattern with its grade, by which the answers of two places differ."""
        return {(choice.pattern.id, choice.grade.grade) for choice in self.choices}

    @property
    def same(self) -> tuple[Place, ...]:
        """The other databases on which every pattern is graded as here."""
        return tuple(one.place for one in self.elsewhere if not one.choices)

    @property
    def otherwise(self) -> tuple[Elsewhere, ...]:
        """The other databases on which a pattern is graded otherwise."""
        return tuple(one for one in self.elsewhere if one.choices)


@dataclass(frozen=True, slots=True)
class Answer:
    """What to write with one backend by environment; `primary` are the ones shown first."""

    backend: Backend
    places: tuple[PlaceAnswer, ...]
    primary: tuple[PlaceAnswer, ...]

    @property
    def others(self) -> tuple[PlaceAnswer, ...]:
        """The places that answer otherwise than those shown first, or cannot be imported."""
        known = [one.words for one in self.primary]
        return tuple(
            one for one in self.places if one not in self.primary and one.words not in known
        )

    @property
    def holds_for(self) -> Place:
        """The place whose releases the answer is about: the first that can be imported."""
        usable = (one.place for one in self.primary if one.place.usable)
        return next(usable, self.places[0].place)

    @property
    def same_on(self) -> tuple[str, ...]:
        """The other databases on which every pattern is graded the same in every environment."""
        same = [{place.database for place in one.same} for one in self.places]
        first = (place.database for place in self.places[0].same)
        return tuple(database for database in first if all(database in one for one in same))


def answers(report: Report, places: Mapping[Key, Place], findings: Findings) -> tuple[Answer, ...]:
    """Return the answer of each backend that has an environment."""
    found = []
    for backend in report.investigation.backends:
        environments: dict[str, list[PlaceAnswer]] = {}
        for place in places.values():
            if place.environment.backend == backend.id:
                one = _place_answer(report, places, findings, place)
                environments.setdefault(place.environment.id, []).append(one)
        own = tuple(_on_all_databases(*answers) for answers in environments.values())
        if own:
            found.append(Answer(backend, own, _primary(own)))
    return tuple(found)


def _on_all_databases(first: PlaceAnswer, *others: PlaceAnswer) -> PlaceAnswer:
    """Return an environment's answer on its first database, with what differs on the others."""
    elsewhere = (
        Elsewhere(
            other.place,
            tuple(
                choice
                for choice in other.choices
                if (choice.pattern.id, choice.grade.grade) not in first.words
            ),
        )
        for other in others
    )
    return replace(first, elsewhere=tuple(elsewhere))


def choice(report: Report, findings: Findings, grade: Grade) -> Choice:
    """Return a graded pattern with the findings that say why."""
    key = grade.environment, grade.database, grade.pattern

    def found(claims: Iterable[str]) -> tuple[Finding, ...]:
        return tuple(findings[*key, one] for one in claims if (*key, one) in findings)

    optional = found(one.id for one in report.claims if one.weighs and not one.required)
    return Choice(
        pattern=report.investigation.pattern(grade.pattern),
        grade=grade,
        refuted=found(grade.refuted),
        open=found(grade.open),
        deprecated=tuple(finding for finding in optional if finding.verdict == "refuted"),
    )


def _place_answer(
    report: Report, places: Mapping[Key, Place], findings: Findings, place: Place
) -> PlaceAnswer:
    twin = places.get((place.environment.differs_from, place.database))
    beside = (
        other
        for other in places.values()
        if (other.environment.differs_from, other.database) == place.key
    )
    asked = {
        pattern.id
        for pattern in report.investigation.patterns
        if not pattern.control and not pattern.about
    }
    return PlaceAnswer(
        place=place,
        choices=tuple(
            choice(report, findings, grade)
            for grade in report.grades
            if (grade.environment, grade.database) == place.key and grade.pattern in asked
        ),
        twin=twin,
        differences=differences(twin, place) if twin else (),
        beside=tuple((other, differences(place, other)) for other in beside),
    )


def _primary(places: tuple[PlaceAnswer, ...]) -> tuple[PlaceAnswer, ...]:
    """Return a backend's first place with those beside it."""
    first = places[0].place
    return tuple(
        one
        for one in places
        if one.place.key == first.key or (one.twin and one.twin.key == first.key)
    )
