"""The answer: backend by backend and place by place, what to write and what not, and why."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from casebook.investigation import Backend, Pattern
from casebook.places import Difference, Place, differences
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
class PlaceAnswer:
    """What to write and what not, in one place.

    `twin` is the place from which this one differs in `differences`; `beside` are those that
    differ from this one.
    """

    place: Place
    choices: tuple[Choice, ...]
    twin: Place | None
    differences: tuple[Difference, ...]
    beside: tuple[tuple[Place, tuple[Difference, ...]], ...]

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


@dataclass(frozen=True, slots=True)
class Answer:
    """What to write with one backend, place by place; `primary` are the places shown first."""

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


def answers(report: Report, places: Mapping[Key, Place], findings: Findings) -> tuple[Answer, ...]:
    """Return the answer of each backend that has an environment."""
    found = []
    for backend in report.investigation.backends:
        own = tuple(
            _place_answer(report, places, findings, place)
            for place in places.values()
            if place.environment.backend == backend.id
        )
        if own:
            found.append(Answer(backend, own, _primary(own)))
    return tuple(found)


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
    controls = {pattern.id for pattern in report.investigation.controls}
    return PlaceAnswer(
        place=place,
        choices=tuple(
            choice(report, findings, grade)
            for grade in report.grades
            if (grade.environment, grade.database) == place.key and grade.pattern not in controls
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
