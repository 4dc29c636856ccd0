"""What was observed: each planned cell's one history, or the gap in its place."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from casebook.investigation import Environment, PlannedCell
from casebook.record import Cell, Event, History, Record, VerdictWord
from casebook.results import miscounted, one_line


@dataclass(frozen=True, slots=True)
class Evidence:
    """The events of one history that show a verdict: positions in `events`, from 0."""

    experiment: str
    history: int
    events: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Gap:
    """A cell without a history that can be judged: the verdict that follows from it, and why.

    `recorded` says whether an outcome was recorded all the same, so that the cell counts as run.
    """

    verdict: VerdictWord
    reason: str
    evidence: tuple[Evidence, ...] = ()
    recorded: bool = False


@dataclass(frozen=True, slots=True)
class Scene:
    """One environment with one database: what was seen in each planned cell."""

    environment: Environment
    database: str
    unavailable: bool
    cells: dict[tuple[str, str], History | Gap]

    @property
    def completed(self) -> int:
        """The number of cells in which an outcome was recorded."""
        return sum(isinstance(one, History) or one.recorded for one in self.cells.values())

    def seen(self, pattern: str, experiment: str) -> History | Gap:
        """Return what was seen in a cell, a gap also for one that nobody planned."""
        unplanned = Gap("not-tested", "no observation: not planned")
        return self.cells.get((pattern, experiment), unplanned)


def scene(
    environment: Environment,
    database: str,
    record: Record | None,
    planned: Iterable[PlannedCell],
    changed: Mapping[PlannedCell, str],
) -> Scene:
    """Return what the record shows of each planned cell, a gap where it shows nothing."""
    seen: dict[tuple[str, str], History | Gap] = {}
    recorded: dict[tuple[str, str], list[Cell]] = {}
    for cell in record.cells if record else ():
        recorded.setdefault((cell.pattern, cell.experiment), []).append(cell)
    known = {(one.pattern, one.experiment) for one in record.planned} if record else set()
    for one in planned:
        name = one.pattern, one.experiment
        if record is None:
            seen[name] = Gap("not-tested", "no record")
        elif one in changed:
            reason = f"recorded by an earlier experiment: {changed[one]} changed since"
            seen[name] = Gap("not-tested", reason)
        elif record.unavailable is not None:
            seen[name] = History("unavailable", record.unavailable, ())
        elif name in recorded:
            seen[name] = _observed(one.experiment, recorded[name])
        elif name in known:
            seen[name] = Gap("not-tested", "no observation: planned, but the run recorded nothing")
        else:
            seen[name] = Gap("not-tested", "no observation: not planned when the environment ran")
    unavailable = record is not None and record.unavailable is not None
    return Scene(environment, database, unavailable, seen)


def _observed(experiment: str, cells: Sequence[Cell]) -> History | Gap:
    """Return the one history of a recorded cell, or why it has none that can be believed."""
    if len(cells) > 1:
        return Gap("inconclusive", f"recorded {len(cells)} times: none of them can be believed")
    (cell,) = cells
    if not cell.histories:
        return Gap("not-tested", "no observation: the cell holds no history")
    if miscounted(cell):
        reason = f"contradictory: {len(cell.histories)} histories of {cell.runs} runs"
        return Gap("inconclusive", reason)
    if cell.runs < 2 and cell.histories[0].outcome != "unavailable":
        return Gap("inconclusive", "ran once: nothing shows that it repeats", recorded=True)
    first = cell.histories[0]
    for number, other in enumerate(cell.histories):
        if other != first:
            return _difference(experiment, first, number, other)
    return first


def _difference(experiment: str, first: History, number: int, other: History) -> Gap:
    """Return the gap of two runs that differ, showing the first event in which they do."""
    pairs = zip(first.events, other.events, strict=False)
    shorter = min(len(first.events), len(other.events))
    at = next((at for at, (one, two) in enumerate(pairs) if one != two), shorter)
    shown = [
        (run, short(history.events[at]) if at < len(history.events) else f"end ({ended(history)})")
        for run, history in ((0, first), (number, other))
    ]
    return Gap(
        "inconclusive",
        f"the two runs differed: at event {at + 1}, " + " against ".join(text for _, text in shown),
        tuple(
            Evidence(experiment, run, (at,))
            for run, history in ((0, first), (number, other))
            if at < len(history.events)
        ),
        recorded=True,
    )


def short(event: Event, width: int = 80) -> str:
    """Return an event in one line of at most `width` characters: kind, labels, details."""
    details = (f"{name}={value}" for name, value in event.details.items() if value is not None)
    return one_line(" ".join([event.kind, *event.labels, *details]), width)


def ended(history: History) -> str:
    """Return how a run ended, with the reason where there is one."""
    return f"{history.outcome}: {history.reason}" if history.reason else history.outcome
