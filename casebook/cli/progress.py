"""How far the runs of all environments are, in one line: cells, what runs, and the time left."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from casebook.installed import is_installed
from casebook.observe.earlier import read_notes
from casebook.observe.progress import ENDING, CellName, Reading, read
from casebook.plan.cells import all_cells
from casebook.plan.investigation import Investigation
from casebook.text import one_line

CALIBRATED = 0.1
"""The part of the work from which on the speed of this run tells more than that of the last."""


@dataclass(frozen=True, slots=True)
class ExpectedRun:
    """The cells of a setting, and how many seconds each takes, going by the last run.

    `file` is where its run notes its progress. The seconds of cells that the last run did not time
    are the mean of the others; where it did not take place, `seconds` is empty.
    """

    environment: str
    database: str
    file: Path
    cells: frozenset[CellName]
    seconds: Mapping[CellName, float]

    @property
    def name(self) -> str:
        """The name of the setting for a reader."""
        return f"{self.environment} ({self.database})"


def expected_runs(root: Path, investigations: Iterable[Investigation]) -> Iterator[ExpectedRun]:
    """Yield the run of each setting in which cells are planned. Raises PlanError."""
    for investigation in investigations:
        cells: dict[tuple[str, str], set[CellName]] = {}
        for cell in all_cells(root, investigation):
            setting = cells.setdefault((cell.environment, cell.database), set())
            setting.add((cell.pattern, cell.experiment))
        for (environment, database), planned in cells.items():
            name = root / "build" / "runs" / investigation.id / f"{environment}.{database}"
            seconds = _seconds(Path(f"{name}.json"), planned)
            file = Path(f"{name}{ENDING}")
            yield ExpectedRun(environment, database, file, frozenset(planned), seconds)


def _seconds(facts: Path, cells: Collection[CellName]) -> dict[CellName, float]:
    """Return how long each cell took when it last ran; none where none was timed."""
    notes = read_notes(facts)
    if not notes:
        return {}
    timed = {name: max(note.seconds, default=0.0) for name, note in notes.items()}
    # Where no cell can run, as in an environment that cannot be imported, none takes any time.
    mean = sum(timed.values()) / len(timed)
    return {cell: timed.get(cell, mean) for cell in cells}


@dataclass(slots=True)
class Overview:
    """What is to run, and what nox was seen to do: kept up to date by who watches it.

    `locks` are the paths of the environments' locks by environment, `jobs` says how many of them
    run at a time, and `install_only` that no cell will run. `begun` and `ended` are the sessions
    that nox began and ended: environments by id, others by name. `installed_now` says whether an
    environment had to be installed, so that time went by for that.
    """

    root: Path
    runs: tuple[ExpectedRun, ...]
    locks: Mapping[str, str]
    jobs: int = 1
    install_only: bool = False
    begun: dict[str, None] = field(default_factory=dict)
    ended: set[str] = field(default_factory=set)
    installed_now: bool = False

    def line(self, elapsed: float) -> str:
        """Return how far everything is, `elapsed` seconds after the beginning."""
        readings = [(run, read(run.file) or Reading()) for run in self.runs]
        running = [run for run, reading in readings if reading.running]
        begun = [id for id in self.begun if id not in self.ended]
        waiting = [id for id in begun if id not in {run.environment for run in running}]
        words = [*self._counts(readings, elapsed)]
        words += _listed("running", [run.name for run in running])
        words += _listed("installing", [id for id in waiting if not self._is_installed(id)])
        words += _listed("starting", [id for id in waiting if self._is_installed(id)])
        return one_line(", ".join(words))

    def _counts(
        self, readings: Sequence[tuple[ExpectedRun, Reading]], elapsed: float
    ) -> Iterator[str]:
        if not self.begun.keys() & self.locks.keys():
            return
        if self.install_only:
            ended = len(self.ended & self.locks.keys())
            yield f"{ended} of {len(self.locks)} environments"
            return
        done = sum(reading.done for _, reading in readings)
        yield f"{done} of {sum(len(run.cells) for run in self.runs)} cells"
        left = self.time_left(elapsed, readings)
        if left:
            yield in_words(left)

    def time_left(
        self, elapsed: float, readings: Iterable[tuple[ExpectedRun, Reading]]
    ) -> float | None:
        """Return the seconds that are left, or None where that is not known.

        It is not known where the last run did not time a setting, nor while something must be
        installed, whose time nobody noted.
        """
        left: dict[str, float] = {}
        worked = 0.0
        for run, reading in readings:
            worked += sum(run.seconds.get(cell, 0) for cell in reading.ran)
            todo = run.cells - reading.ran - reading.unchanged
            over = reading.planned and not reading.running
            if run.environment in self.ended or over or not todo:
                continue
            if not run.seconds:
                return None
            seconds = sum(run.seconds[cell] for cell in todo)
            left[run.environment] = left.get(run.environment, 0) + seconds
        if not all(map(self._is_installed, left)):
            self.installed_now = True
            return None
        whole = sum(left.values())
        if not self.installed_now and worked > CALIBRATED * (worked + whole):
            return max(whole * elapsed / worked, *left.values(), 0)
        return max(whole / self.jobs, *left.values(), 0)

    def _is_installed(self, id: str) -> bool:
        """Return whether there is nothing to install: all is there, or nothing can be resolved."""
        lock = self.locks.get(id, f"conf/requirements/{id}.txt")
        session = f"experiments({id})" if id in self.locks else id
        return not (self.root / lock).is_file() or is_installed(self.root, session, lock)


def _listed(doing: str, names: Collection[str]) -> list[str]:
    """Return what is done with what, the short names first: they are seen where a line is cut."""
    return [f"{doing} {', '.join(sorted(names, key=len))}"] if names else []


def in_words(seconds: float) -> str:
    """Return a time that is left, as exactly as it is known."""
    minutes = round(seconds / 60)
    return f"about {minutes} min left" if minutes else "less than a minute left"
