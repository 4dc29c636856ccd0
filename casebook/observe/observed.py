"""What the warm parents of a run answered: the cells, their histories, and what went wrong."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

from casebook.observe.earlier import Note
from casebook.observe.orders import history
from casebook.plan.investigation import PlannedCell
from casebook.record import History
from casebook.stored import Cell, Record, digest_of

_LABEL = re.compile(r"[A-Za-z][0-9]+")


def wrong_in(answer: dict[str, Any]) -> str:
    """Return what no history can hold, "" where there is nothing such.

    That is a second ending, of a process that the experiment forked, and a label that is none.
    """
    events = answer.get("events", ())
    if any(isinstance(event, dict) for event in events):
        what = "the experiment ended twice: a process that it forked went on as if it were the cell"
        return f"{what}; end each with os._exit(), in a `finally` since it may raise\n"
    for kind, labels, _ in events:
        for label in labels:
            if not _LABEL.fullmatch(label):
                form = "a label is one letter and a number, such as 'T1'"
                return f"event {kind!r} has the label {label!r}: {form}\n"
    return ""


class Observed:
    """The answers of the warm parents so far, by pattern and experiment and by run.

    `runs` is how many times each cell runs, `earlier` are the notes of the cells that need not run.
    """

    def __init__(self, inputs: Mapping[PlannedCell, str], runs: int) -> None:
        self.inputs = inputs
        self.runs = runs
        self.earlier: dict[tuple[str, str], Note] = {}
        self.answers: dict[tuple[str, str], dict[int, dict[str, Any]]] = {}
        self.cells: dict[tuple[str, str], Cell] = {}
        self.histories: dict[str, History] = {}
        self.faults: list[str] = []

    def add(self, run: int, answer: dict[str, Any]) -> None:
        """Add the answer for one cell of one run."""
        key = (answer["pattern"], answer["experiment"])
        if wrong := wrong_in(answer):
            answer = {**answer, "fault": wrong}
        self.answers.setdefault(key, {})[run] = answer
        if "fault" in answer:
            self.faults.append(f"{'  '.join(key)}  run {run}\n{answer['fault']}")
        elif len(self.answers[key]) == self.runs and not self._faulty(key):
            self.cells[key] = self._cell(*key)

    @property
    def faulty(self) -> dict[tuple[str, str], str]:
        """The first fault of each cell in which the harness failed."""
        return {
            key: next(answer["fault"] for answer in answers.values() if "fault" in answer)
            for key, answers in self.answers.items()
            if self._faulty(key)
        }

    def has(self, pattern: str, experiment: str) -> bool:
        """Return whether every run has answered for this cell."""
        return len(self.answers.get((pattern, experiment), {})) == self.runs

    def has_all(self, cells: Iterable[PlannedCell]) -> bool:
        """Return whether every run has answered for each of these cells."""
        return all(self.has(cell.pattern, cell.experiment) for cell in cells)

    def of(self, planned: Iterable[PlannedCell]) -> list[Cell]:
        """Return the observed cells among those planned; cells where the harness failed are not."""
        keys = ((cell.pattern, cell.experiment) for cell in planned)
        earlier = {name: note.cell(name) for name, note in self.earlier.items()}
        known = earlier | self.cells
        return [known[key] for key in keys if key in known]

    def _faulty(self, key: tuple[str, str]) -> bool:
        return any("fault" in answer for answer in self.answers[key].values())

    def _cell(self, pattern: str, experiment: str) -> Cell:
        answers = self.answers[pattern, experiment]
        names = []
        for run in sorted(answers):
            seen = history(answers[run])
            names.append(digest_of(seen))
            self.histories[names[-1]] = seen
        return Cell(
            pattern, experiment, self.runs, tuple(names if len(set(names)) > 1 else names[:1])
        )

    def summary(self, record: Record) -> str:
        """Return how many of the planned cells were observed, and how many ended badly."""
        cells = record.cells
        words = [f"{len(cells)} of {len(record.planned_cells)} cells"]
        words += [f"{len(self.earlier)} of them unchanged"] if self.earlier else []
        for outcome in ("raised", "crashed", "timed-out", "unavailable"):
            ran = (self.histories.get(cell.histories[0]) for cell in cells)
            number = sum(history is not None and history.outcome == outcome for history in ran)
            words += [f"{number} {outcome}"] if number else []
        differing = sum(len(cell.histories) > 1 for cell in cells)
        words += [f"{differing} not the same twice"] if differing else []
        return ", ".join(words)

    def went_well(self, record: Record) -> bool:
        """Return whether every cell was observed, and each ended the same twice, and by itself."""
        ended = {history.outcome for history in self.histories.values()}
        return (
            len(record.cells) == len(record.planned_cells)
            and not ended & {"crashed", "timed-out"}
            and all(len(cell.histories) == 1 for cell in record.cells)
        )

    def notes(self, day: str) -> dict[tuple[str, str], Note]:
        """Return the note of each cell, those that ran of this `day`."""
        found = dict(self.earlier)
        for planned, given in self.inputs.items():
            name = planned.pattern, planned.experiment
            if cell := self.cells.get(name):
                answers = self.answers.get(name, {})
                seconds = tuple(answers[run]["seconds"] for run in sorted(answers))
                found[name] = Note(given, day, cell.runs, cell.histories, seconds)
        return found
