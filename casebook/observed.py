"""What was observed: each planned cell's one history, or the gap in its place."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from casebook.plan.investigation import Environment, PlannedCell
from casebook.record import Cell, Event, History, Record, VerdictWord
from casebook.results import Key, miscounted
from casebook.text import one_line


@dataclass(frozen=True, slots=True)
class Evidence:
    """The events of one history that show a verdict: positions in `events`, from 0.

    `environment` is where the experiment ran: the one that is judged, or a twin of it.
    """

    experiment: str
    history: int
    events: tuple[int, ...]
    environment: str = ""


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
    """One environment with one database: what was seen in each planned cell.

    `ran_in` says for each experiment where it ran: in the environment, or in a twin of it.
    `unavailable` names those of them that could not be imported, with the reason, and `spoilt`
    those of which only what was added is to blame: the environment itself was imported.
    """

    environment: Environment
    database: str
    cells: dict[tuple[str, str], History | Gap]
    ran_in: dict[str, str]
    unavailable: dict[str, str]
    spoilt: frozenset[str] = frozenset()

    @property
    def home(self) -> str:
        """Where experiments run that need nothing: the environment, or a twin with the driver."""
        own = self.environment.id
        return own if own in self.ran_in.values() else next(iter(self.ran_in.values()), own)

    @property
    def imported(self) -> bool:
        """Whether the environment could be imported, so far as was recorded."""
        return self.home not in self.unavailable

    def in_reach(self, experiments: Iterable[str]) -> bool:
        """Return whether all of these experiments could run: an environment has what they need."""
        ran = {self.ran_in.get(experiment, "") for experiment in experiments}
        return "" not in ran and not ran & self.unavailable.keys()

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
    records: Mapping[Key, Record],
    planned: Iterable[PlannedCell],
    changed: Mapping[PlannedCell, str],
    databases: Iterable[str] = (),
) -> Scene:
    """Return what the records show of each planned cell, a gap where they show nothing.

    `databases` are those on which the environment itself may have been recorded.
    """
    planned = tuple(planned)
    ran_in = {cell.experiment: cell.environment for cell in planned}
    found = {id: _Recorded(records.get((id, database))) for id in dict.fromkeys(ran_in.values())}
    reasons = {id: one.record.unavailable for id, one in found.items() if one.record}
    unavailable = {id: reason for id, reason in reasons.items() if reason is not None}
    own = (records.get((environment.id, one)) for one in databases)
    imported = any(record is not None and record.unavailable is None for record in own)
    return Scene(
        environment,
        database,
        {
            (one.pattern, one.experiment): found[one.environment].seen(one, changed)
            for one in planned
        },
        ran_in,
        unavailable,
        frozenset(unavailable) - {environment.id} if imported else frozenset(),
    )


class _Recorded:
    """The cells of a record, which may be missing, by pattern and experiment."""

    def __init__(self, record: Record | None) -> None:
        self.record = record
        self.cells: dict[tuple[str, str], list[Cell]] = {}
        for cell in record.cells if record else ():
            self.cells.setdefault((cell.pattern, cell.experiment), []).append(cell)
        self.planned = {(one.pattern, one.experiment) for one in record.planned} if record else ()

    def seen(self, cell: PlannedCell, changed: Mapping[PlannedCell, str]) -> History | Gap:
        """Return what was seen in a planned cell."""
        name = cell.pattern, cell.experiment
        if self.record is None:
            return Gap("not-tested", "no record")
        if cell in changed:
            reason = f"recorded by an earlier experiment: {changed[cell]} changed since"
            return Gap("not-tested", reason)
        if self.record.unavailable is not None:
            return History("unavailable", self.record.unavailable, ())
        if name in self.cells:
            return _observed(cell, self.cells[name])
        if name in self.planned:
            return Gap("not-tested", "no observation: planned, but the run recorded nothing")
        return Gap("not-tested", "no observation: not planned when the environment ran")


def _observed(planned: PlannedCell, cells: Sequence[Cell]) -> History | Gap:
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
            return _difference(planned, first, number, other)
    return first


def _difference(planned: PlannedCell, first: History, number: int, other: History) -> Gap:
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
            Evidence(planned.experiment, run, (at,), planned.environment)
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
