"""The kinds of events and the letters of labels that a plan names: something must record them."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from pathlib import Path

from casebook.judge.report import Report
from casebook.plan.investigation import Diagram, PlanError, one_of
from casebook.plan.sources import texts
from casebook.plan.symptoms import symptoms_file

Named = tuple[str, str, str]
"""A file of `conf/`, the place in it, and the kind or the letter that stands there."""


def check_kinds(root: Path, report: Report) -> None:
    """Raise PlanError for a kind or a letter that nothing recorded and no experiment could record.

    That is known when every planned cell was observed, and anything was recorded. A kind could be
    recorded if it stands as a text in a module of the experiments.
    """
    asked = report.investigation
    histories = report.histories | (report.swept.histories if report.swept else {})
    events = [event for history in histories.values() for event in history.events]
    if report.coverage.not_tested or not events:
        return
    kinds = {event.kind for event in events}
    letters = {label.rstrip("0123456789") for event in events for label in event.labels}
    errors = [(symptoms_file(asked.id), "errors", kind) for kind in report.symptoms.errors]
    drawn = list(_kinds(asked.file, asked.diagram)) if asked.diagram else []
    labels = list(_letters(asked.file, asked.diagram)) if asked.diagram else []
    written = texts(root, asked) if {name for *_, name in (*errors, *drawn)} - kinds else set()
    _refuse("an event of the kind", (*errors, *drawn), {*kinds, *written}, kinds)
    _refuse("a label with the letter", labels, letters, letters)


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


def _refuse(what: str, named: Iterable[Named], known: Collection[str], shown: set[str]) -> None:
    """Raise PlanError for the first name that is not known, with the one that it resembles."""
    for file, place, name in named:
        if name not in known:
            problem = f"no history has {what} {name!r}"
            fix = f"delete it, or fix the name ({one_of(name, sorted(shown))})"
            raise PlanError(file, place, problem, fix)
