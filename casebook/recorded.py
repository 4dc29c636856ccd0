"""What was recorded of one cell, for prose and tables that say what no claim judges."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from casebook.book import Book
from casebook.places import Place
from casebook.plan.claims import concerns
from casebook.plan.investigation import Backend, Pattern
from casebook.record import Event, History, Scalar


@dataclass(frozen=True, slots=True)
class Recorded:
    """A pattern under an experiment in one place, and its history.

    `history` is None where there is none that says anything, for this `reason`. `address` is where
    a reader finds it on the site, relative to its root.
    """

    pattern: Pattern
    experiment: str
    place: Place
    history: History | None
    reason: str
    address: str

    @property
    def says(self) -> str:
        """Which cell this is, in words."""
        return f"{self.experiment} of {self.pattern.id} in {self.place.title}"

    @property
    def anchor(self) -> str:
        """The id of its table of events, on the page that has one."""
        return anchor(self.pattern, self.experiment, self.place)

    @property
    def numbered(self) -> tuple[tuple[int, Event], ...]:
        """Its events with their numbers, counted from 1."""
        return tuple(enumerate(self.history.events, 1)) if self.history else ()

    def of(self, *kinds: str, **details: Scalar) -> tuple[Event, ...]:
        """Return the events of these kinds that have all these details."""
        found = self.history.of(*kinds) if self.history else iter(())
        return tuple(
            event
            for event in found
            if all(event.get(name) == value for name, value in details.items())
        )

    def first(self, kind: str, **details: Scalar) -> Event | None:
        """Return the first event of this kind that has all these details, or None."""
        return next(iter(self.of(kind, **details)), None)

    def before(self, kind: str) -> tuple[Event, ...]:
        """Return the events before the first of this kind, all where there is none."""
        events = self.history.events if self.history else ()
        ends = (number for number, event in enumerate(events) if event.kind == kind)
        return events[: next(ends, len(events))]

    def between(self, start: Event, end: Event) -> tuple[Event, ...]:
        """Return the events after one and before another, both of this history."""
        return self.history.between(start, end) if self.history else ()


def recorded(book: Book, pattern: str, experiment: str, environment: str) -> Recorded:
    """Return what was recorded of a cell on the environment's first database.

    Raises PlanError for an id that names nothing, LookupError where the cell is not planned.
    """
    place = book.first_place(environment)
    return _recorded(book, book.investigation.pattern(pattern), experiment, place)


def unjudged(book: Book, backend: Backend) -> Iterator[Recorded]:
    """Yield what was recorded of a backend's patterns that no claim is about."""
    patterns = [
        one
        for one in book.investigation.patterns
        if one.backend == backend.id and not any(concerns(c, one) for c in book.report.claims)
    ]
    for place in filter(lambda place: place.usable, book.places.values()):
        experiments = [key[2] for key in book.report.ran_in if key[:2] == place.key]
        for pattern in patterns:
            for experiment in experiments:
                if book.histories(place, pattern.id, experiment):
                    yield _recorded(book, pattern, experiment, place)


def anchor(pattern: Pattern, experiment: str, place: Place) -> str:
    """Return the id of the table of events of a cell."""
    return f"{pattern.id}.{experiment}.{'.'.join(place.key)}"


def _recorded(book: Book, pattern: Pattern, experiment: str, place: Place) -> Recorded:
    if (*place.key, experiment) not in book.report.ran_in:
        raise LookupError(f"{experiment!r} is not planned in {place.environment.id!r}")
    return Recorded(
        pattern,
        experiment,
        place,
        *_history(book, pattern, experiment, place),
        _address(book, pattern, experiment, place),
    )


def _history(
    book: Book, pattern: Pattern, experiment: str, place: Place
) -> tuple[History | None, str]:
    """Return a cell's history, or None and why there is none that says anything."""
    ran_in = book.report.ran_in[*place.key, experiment]
    histories = book.histories(place, pattern.id, experiment)
    if not histories:
        return None, "not recorded"
    if file := book.report.changed.get((ran_in, place.database, pattern.id, experiment)):
        return None, f"recorded by an earlier experiment: {file} changed since"
    if len(histories) > 1:
        return None, "the runs differed"
    if histories[0].outcome == "unavailable":
        return None, "cannot be imported"
    return histories[0], ""


def _address(book: Book, pattern: Pattern, experiment: str, place: Place) -> str:
    folder = book.investigation.id
    if any(concerns(claim, pattern) for claim in book.report.claims):
        return f"{folder}/patterns/{pattern.id}.html#lifecycle"
    return f"{folder}/backends/{pattern.backend}.html#{anchor(pattern, experiment, place)}"
