"""What the page of one pattern shows: its source, verdicts and lifecycles."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import cached_property

from markupsafe import Markup

from casebook import addresses
from casebook.answers import Choice
from casebook.book import Book, Row, source_file
from casebook.diagram import Drawing, draw, mermaid, svg
from casebook.excerpt import Excerpt
from casebook.places import Place
from casebook.plan.claims import concerns
from casebook.plan.investigation import Diagram, Pattern
from casebook.record import Claim, History
from casebook.report import Finding
from casebook.timeline import WHOLE


@dataclass(frozen=True, slots=True)
class Lifecycle:
    """One drawn history and the places in which it was the same."""

    title: str
    drawing: Drawing
    svg: Markup
    mermaid: str
    run: int
    runs: int
    places: tuple[Place, ...]


@dataclass(frozen=True, slots=True)
class Alike:
    """A finding of a claim, and those elsewhere that say the same: verdict, reason and note."""

    finding: Finding
    others: tuple[Finding, ...]


def alike(row: Row) -> tuple[Alike, ...]:
    """Return the findings of a claim, those that say the same together, in the order of places."""
    groups: dict[tuple[str | None, ...], list[Finding]] = {}
    for one in row.findings:
        groups.setdefault((one.verdict, one.reason, one.note, one.expected), []).append(one)
    return tuple(Alike(first, tuple(others)) for first, *others in groups.values())


def drawn(
    book: Book,
    pattern: str,
    experiment: str,
    environment: str,
    excerpt: Excerpt = WHOLE,
    marks: Iterable[str] = (),
) -> tuple[Lifecycle, ...]:
    """Return a cell's history, drawn, on the first database; empty where nothing was recorded.

    `marks` are kinds of events that are shown besides those that the diagram shows. Raises
    PlanError for an id that names nothing, LookupError where the cell is not planned.
    """
    place = book.first_place(environment)
    page = PatternPage(book, book.investigation.pattern(pattern))
    if (*place.key, experiment) not in book.report.ran_in:
        raise LookupError(f"{experiment!r} is not planned in {environment!r}")
    return page.lifecycle_of(experiment, place, excerpt, marks)


class PatternPage:
    """What the page of one pattern shows."""

    def __init__(self, book: Book, pattern: Pattern) -> None:
        self.book = book
        self.pattern = pattern
        found = {key[:2] for key in book.findings if key[2] == pattern.id}
        self.places = tuple(place for key, place in book.places.items() if key in found)
        self.backend = book.investigation.backend(pattern.backend)

    @property
    def source(self) -> str:
        """The function's exact source."""
        return self.book.source(self.pattern)

    @property
    def file(self) -> str:
        """The file that holds the function, relative to the project."""
        file = source_file(self.book.root, self.book.investigation, self.pattern)
        return file.relative_to(self.book.root).as_posix()

    @property
    def citations(self) -> str:
        """Where the citations of its findings are on the site, relative to its root."""
        return addresses.citations(self.book.investigation, self.pattern.id)

    @property
    def reproduction(self) -> tuple[str, str] | None:
        """The first environment and experiment in which claims judge the pattern, None without."""
        asked = [
            experiment
            for claim in self.book.report.claims
            if concerns(claim, self.pattern)
            for experiment in claim.experiments
        ]
        ran_in = self.book.report.ran_in
        return next(
            (
                (ran_in[*place.key, one], one)
                for place in self.places
                for one in asked
                if place.usable and (*place.key, one) in ran_in
            ),
            None,
        )

    @cached_property
    def graded(self) -> tuple[tuple[tuple[Place, ...], Choice], ...]:
        """The pattern's grades, each with the places of one environment that have it."""
        found: dict[tuple[str, str], tuple[list[Place], Choice]] = {}
        for place in self.places:
            if choice := self.book.choice(place, self.pattern):
                key = place.environment.id, choice.grade.grade
                found.setdefault(key, ([], choice))[0].append(place)
        return tuple((tuple(places), choice) for places, choice in found.values())

    @cached_property
    def rows(self) -> tuple[Row, ...]:
        """Each claim's finding in each place."""
        return self.book.rows((place, self.pattern) for place in self.places)

    @property
    def findings(self) -> tuple[tuple[Claim, tuple[Alike, ...]], ...]:
        """Each claim and what was found of it."""
        return tuple((row.claim, alike(row)) for row in self.rows if row.findings)

    @cached_property
    def attempts(self) -> tuple[Lifecycle, ...]:
        """What was recorded where the pattern could not be set up, equal ones once.

        Each experiment ends there in the same way, so one of them is drawn.
        """
        gate = self.book.gate
        diagram = self.book.investigation.diagram
        own = gate.experiments if gate and diagram else ()
        for experiment in (*own, *self._experiments):
            if drawn := self._lifecycles(experiment, self._places(set_up=False), diagram):
                return drawn
        return ()

    @cached_property
    def lifecycles(self) -> tuple[tuple[str, tuple[Lifecycle, ...]], ...]:
        """The drawn histories of each experiment that is drawn, equal ones once."""
        places, diagram = self._places(set_up=True), self.book.investigation.diagram
        drawn = ((one, self._lifecycles(one, places, diagram)) for one in self._experiments)
        return tuple((experiment, lifecycles) for experiment, lifecycles in drawn if lifecycles)

    def lifecycle_of(
        self, experiment: str, place: Place, excerpt: Excerpt, marks: Iterable[str]
    ) -> tuple[Lifecycle, ...]:
        """Return the drawn excerpt of an experiment's history in one place."""
        diagram = self.book.investigation.diagram
        assert diagram is not None
        shown = replace(diagram, markers=(*diagram.markers, *marks))
        return self._lifecycles(experiment, [place], shown, excerpt)

    @property
    def _experiments(self) -> tuple[str, ...]:
        diagram = self.book.investigation.diagram
        return diagram.experiments if diagram else ()

    def _places(self, *, set_up: bool) -> tuple[Place, ...]:
        """Return the places where the pattern could be set up, or those where it could not."""
        return tuple(place for place in self.places if self._was_set_up(place) == set_up)

    def _was_set_up(self, place: Place) -> bool:
        gate = self.book.gate.id if self.book.gate else ""
        finding = self.book.findings.get((*place.key, self.pattern.id, gate))
        return finding is None or finding.verdict != "refuted"

    def _lifecycles(
        self,
        experiment: str,
        places: Iterable[Place],
        diagram: Diagram | None,
        excerpt: Excerpt = WHOLE,
    ) -> tuple[Lifecycle, ...]:
        assert diagram is not None
        groups: dict[Drawing, list[tuple[Place, History, int, int]]] = {}
        for place in places:
            histories = self.book.histories(place, self.pattern.id, experiment)
            for run, history in enumerate(histories, 1):
                if history.outcome != "unavailable":
                    drawing = draw(history, diagram, excerpt)
                    groups.setdefault(drawing, []).append((place, history, run, len(histories)))
        found = []
        for drawing, members in groups.items():
            place, history, run, runs = members[0]
            title = f"{self.pattern.id}, {experiment}, {place.title}"
            title += f", {excerpt}" if str(excerpt) else ""
            if runs > 1:
                title += f", run {run} of {runs}"
            found.append(
                Lifecycle(
                    title=title,
                    drawing=drawing,
                    svg=Markup(svg(drawing, title)),
                    mermaid=mermaid(history, diagram, excerpt),
                    run=run,
                    runs=runs,
                    places=tuple({place.key: place for place, *_ in members}.values()),
                )
            )
        return tuple(found)
