"""The kinds of events and the letters of labels that a plan names: something must record them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Set
from dataclasses import dataclass
from pathlib import Path

from casebook.judge.report import Report
from casebook.plan.investigation import Diagram
from casebook.plan.mistakes import PlanError, one_of
from casebook.plan.sources import texts
from casebook.plan.symptoms import symptoms_file

Named = tuple[str, str, str]
"""A file of `conf/`, the place in it, and the kind or the letter that stands there."""


@dataclass(frozen=True, slots=True)
class Recorded:
    """The kinds and the letters in a report's histories; `possible` kinds could be recorded, too.

    Those stand as a text in a module of the experiments. All are empty while nobody knows what is
    not recorded: where a planned cell was not observed, or nothing was.
    """

    kinds: frozenset[str] = frozenset()
    letters: frozenset[str] = frozenset()
    possible: frozenset[str] = frozenset()


def recorded(root: Path, report: Report) -> Recorded:
    """Return the kinds and the letters that the histories of a report have."""
    histories = report.histories | (report.swept.histories if report.swept else {})
    events = [event for history in histories.values() for event in history.events]
    if report.coverage.not_tested or not events:
        return Recorded()
    kinds = frozenset(event.kind for event in events)
    letters = frozenset(label.rstrip("0123456789") for event in events for label in event.labels)
    return Recorded(kinds, letters, kinds | texts(root, report.investigation))


def check_kinds(root: Path, report: Report) -> None:
    """Raise PlanError for a kind that is not recorded and could not be, and for such a letter."""
    asked, known = report.investigation, recorded(root, report)
    if not known.kinds:
        return
    kinds = [(symptoms_file(asked.id), "errors", kind) for kind in report.symptoms.errors]
    kinds += _kinds(asked.file, asked.diagram) if asked.diagram else ()
    letters = _letters(asked.file, asked.diagram) if asked.diagram else ()
    _refuse("an event of the kind", kinds, known.possible, known.kinds)
    _refuse("a label with the letter", letters, known.letters, known.letters)


def _kinds(file: str, diagram: Diagram) -> Iterator[Named]:
    """Yield the kinds that a diagram names."""
    for number, bar in enumerate(diagram.bars, start=1):
        place = f"diagram.bar[{number}]"
        yield from ((file, f"{place}.opens", bar.opens), (file, f"{place}.closes", bar.closes))
        yield from ((file, f"{place}.touches", kind) for kind in bar.touches)
    yield from ((file, "diagram.markers", kind) for kind in diagram.markers)


def _letters(file: str, diagram: Diagram) -> Iterator[Named]:
    """Yield the letters that a diagram names."""
    yield file, "diagram.lane", diagram.lane
    for number, bar in enumerate(diagram.bars, start=1):
        yield file, f"diagram.bar[{number}].label", bar.label


def _refuse(what: str, named: Iterable[Named], known: Set[str], shown: Set[str]) -> None:
    """Raise PlanError for the first name that is not known, with the one that it resembles."""
    for file, place, name in named:
        if name not in known:
            problem = f"no history has {what} {name!r}"
            fix = f"delete it, or fix the name ({one_of(name, sorted(shown))})"
            raise PlanError(file, place, problem, fix)
