"""The observations of a setting: each planned cell's history, or the gap in its place."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from casebook.claim import VerdictWord
from casebook.judge.results import Results, miscounted
from casebook.plan.investigation import Environment, PlannedCell, Setting
from casebook.record import Event, History
from casebook.stored import Cell
from casebook.text import alike, one_line

NOT_SET_UP = "could not be set up: "
"""What the reason of a finding begins with that was not tested because the gate was refuted."""

NOTHING_ADDS = ", which nothing adds to this environment"
"""What stands in the reason of one that was not tested since its experiment needs more."""


@dataclass(frozen=True, slots=True)
class Evidence:
    """The events of one history that show a verdict, by their positions counted from 0.

    `environment` is where the experiment ran: the environment that is judged, or its twin.
    """

    experiment: str
    history: int
    events: tuple[int, ...]
    environment: str = ""


@dataclass(frozen=True, slots=True)
class Gap:
    """The verdict and reason for a cell that has no one history that can be judged.

    `recorded` says whether the cell counts as run, because an outcome was recorded all the same.
    `runs` are the histories of runs that differ, in `difference`: a claim may say the same of each.
    """

    verdict: VerdictWord
    reason: str
    evidence: tuple[Evidence, ...] = ()
    recorded: bool = False
    runs: tuple[History, ...] = ()
    difference: str = ""


@dataclass(frozen=True, slots=True)
class ObservedSetting:
    """A setting with the history or gap of each of its planned cells.

    `ran_in` maps each experiment to where it ran: the environment, or its twin. `unavailable` maps
    each of these that could not be imported to the reason; `spoilt` are the twins among them whose
    added packages are to blame, since the environment itself could be imported.
    """

    environment: Environment
    database: str
    cells: dict[tuple[str, str], History | Gap]
    ran_in: dict[str, str]
    unavailable: dict[str, str]
    spoilt: frozenset[str] = frozenset()

    @property
    def home(self) -> str:
        """Where experiments without needs run: the environment, or a twin with the driver."""
        own = self.environment.id
        return own if own in self.ran_in.values() else next(iter(self.ran_in.values()), own)

    @property
    def imported(self) -> bool:
        """Whether the environment could be imported, as far as the record shows."""
        return self.home not in self.unavailable

    def in_reach(self, experiments: Iterable[str]) -> bool:
        """Return whether all of these experiments could run."""
        ran = {self.ran_in.get(experiment, "") for experiment in experiments}
        return "" not in ran and not ran & self.unavailable.keys()

    @property
    def completed(self) -> int:
        """The number of cells for which an outcome was recorded."""
        return sum(isinstance(found, History) or found.recorded for found in self.cells.values())

    @property
    def unobserved(self) -> Iterator[tuple[Setting, str]]:
        """The setting and reason of each cell for which no outcome was recorded."""
        for (_, experiment), found in self.cells.items():
            if isinstance(found, Gap) and not found.recorded:
                yield Setting(self.ran_in[experiment], self.database), found.reason

    def seen(self, pattern: str, experiment: str) -> History | Gap:
        """Return the history or gap of a cell; a cell that was not planned is a gap."""
        unplanned = Gap("not-tested", "no observation: not planned")
        return self.cells.get((pattern, experiment), unplanned)


def observed_setting(
    environment: Environment,
    database: str,
    results: Results,
    planned: Iterable[PlannedCell],
    changed: Mapping[PlannedCell, str],
    databases: Iterable[str] = (),
) -> ObservedSetting:
    """Return the history or gap of each planned cell, from the results.

    `databases` are those on which the environment itself may have been recorded.
    """
    planned = tuple(planned)
    ran_in = {cell.experiment: cell.environment for cell in planned}
    found = {id: _Recorded(results, Setting(id, database)) for id in dict.fromkeys(ran_in.values())}
    reasons = {id: recorded.record.unavailable for id, recorded in found.items() if recorded.record}
    unavailable = {id: reason for id, reason in reasons.items() if reason is not None}
    own = (results.records.get(Setting(environment.id, other)) for other in databases)
    imported = any(record is not None and record.unavailable is None for record in own)
    return ObservedSetting(
        environment,
        database,
        {
            (cell.pattern, cell.experiment): found[cell.environment].seen(cell, changed)
            for cell in planned
        },
        ran_in,
        unavailable,
        frozenset(unavailable) - {environment.id} if imported else frozenset(),
    )


class _Recorded:
    """The cells of a record, which may be missing, by pattern and experiment."""

    def __init__(self, results: Results, setting: Setting) -> None:
        self.histories = results.histories
        self.record = record = results.records.get(setting)
        self.cells: dict[tuple[str, str], list[Cell]] = {}
        for cell in record.cells if record else ():
            self.cells.setdefault((cell.pattern, cell.experiment), []).append(cell)
        self.planned = record.planned_cells if record else frozenset()

    def seen(self, cell: PlannedCell, changed: Mapping[PlannedCell, str]) -> History | Gap:
        """Return the history or gap of a planned cell."""
        name = cell.pattern, cell.experiment
        if self.record is None:
            return Gap("not-tested", "no record")
        if cell in changed:
            reason = f"recorded by an earlier experiment: {changed[cell]} changed since"
            return Gap("not-tested", reason)
        if self.record.unavailable is not None:
            return History("unavailable", self.record.unavailable, ())
        if name in self.cells:
            return _observed(cell, self.cells[name], self.histories)
        if name in self.planned:
            return Gap("not-tested", "no observation: planned, but the run recorded nothing")
        return Gap("not-tested", "no observation: not planned when the environment ran")


def _observed(
    planned: PlannedCell, cells: Sequence[Cell], known: Mapping[str, History]
) -> History | Gap:
    """Return the one history of a recorded cell, or a gap if no history can be believed."""
    if len(cells) > 1:
        return Gap("inconclusive", f"recorded {len(cells)} times: none of them can be believed")
    (cell,) = cells
    if not cell.histories:
        return Gap("not-tested", "no observation: the cell holds no history")
    if miscounted(cell):
        reason = f"contradictory: {len(cell.histories)} histories of {cell.runs} runs"
        return Gap("inconclusive", reason)
    for digest in cell.histories:
        if digest not in known:
            reason = f"no observation: its history {digest[:12]} is missing or cannot be used"
            return Gap("not-tested", reason)
    histories = [known[digest] for digest in cell.histories]
    first = histories[0]
    if cell.runs < 2 and first.outcome != "unavailable":
        return Gap("inconclusive", "ran once: nothing shows that it repeats", recorded=True)
    for number, other in enumerate(histories):
        if other != first:
            gap = _difference(planned, first, number, other)
            unavailable = any(one.outcome == "unavailable" for one in histories)
            return gap if unavailable else replace(gap, runs=tuple(histories))
    return first


def _difference(planned: PlannedCell, first: History, number: int, other: History) -> Gap:
    """Return the gap for two runs that differ, with the first event in which they differ."""
    at = alike(first.events, other.events)
    shown = [
        (run, short(history.events[at]) if at < len(history.events) else f"end ({ended(history)})")
        for run, history in ((0, first), (number, other))
    ]
    difference = f"at event {at + 1}, " + " against ".join(text for _, text in shown)
    return Gap(
        "inconclusive",
        f"the two runs differed: {difference}",
        tuple(
            Evidence(planned.experiment, run, (at,), planned.environment)
            for run, history in ((0, first), (number, other))
            if at < len(history.events)
        ),
        recorded=True,
        difference=difference,
    )


def short(event: Event, width: int = 80) -> str:
    """Return an event on one line of at most `width` characters: kind, labels, details."""
    details = (f"{name}={value}" for name, value in event.details.items() if value is not None)
    return one_line(" ".join([event.kind, *event.labels, *details]), width)


def ended(history: History) -> str:
    """Return how a run ended, with the reason if there is one."""
    return f"{history.outcome}: {history.reason}" if history.reason else history.outcome
