"""Observes the planned cells of one setting and writes their record.

Warm parents (`casebook.observe.cell`) run every cell, each under another hash seed; this module
compares the histories.
"""

from __future__ import annotations

import contextlib
import importlib
import json
import sys
import time
from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from casebook.files import digest_of_file, write_whole
from casebook.installed import NOT_INSTALLED
from casebook.observe.earlier import as_json, inputs
from casebook.observe.mistakes import briefly, check_backends, check_imports, ended_threads
from casebook.observe.observed import Observed, wrong_in
from casebook.observe.orders import (
    Cold,
    HarnessFault,
    Order,
    Unavailable,
    answers,
    history,
    warm_parents,
)
from casebook.observe.orphans import ending_orphans
from casebook.observe.progress import Progress
from casebook.observe.scratch import scratch_folder
from casebook.observe.setting import SettingRun, read_facts, releases
from casebook.plan.investigation import PlannedCell
from casebook.plan.mistakes import PlanError
from casebook.record import History, NoServer, clean
from casebook.stored import Cell, Record, digest_of, dump_history, store
from casebook.text import counted

RUNS = 2
"""How many times each cell runs; run number n has the hash seed n."""


def observe(setting: SettingRun, *, fresh: bool = False) -> bool:
    """Run the planned cells twice and write the record; return whether the harness held.

    Cells that this machine observed before with the same inputs don't run, unless they are to be
    `fresh` or are named one by one. A cell in which the harness failed is missing from the record.
    Raises HarnessFault if the run as a whole failed; then, and on Ctrl-C, the record stays.
    """
    planned = setting.cells()
    known = {(cell.pattern, cell.experiment) for cell in planned}
    for name in sorted((setting.only or frozenset()) - known):
        _planned(setting, *name)
    with Progress(setting.progress, len(planned)) as progress:
        try:
            return _observe(setting, planned, progress, fresh=fresh or setting.only is not None)
        except HarnessFault as error:
            said = briefly(setting.root, str(error))
            note_not_rerun(setting, said)
            _note_faults(setting, [said])
            raise


def _observe(
    setting: SettingRun, planned: tuple[PlannedCell, ...], progress: Progress, *, fresh: bool
) -> bool:
    clock = _Clock()
    observed = Observed(inputs(setting.root, setting.investigation, planned), RUNS)
    if not fresh:
        observed.earlier = setting.earlier(observed.inputs)
    left = [cell for cell in planned if (cell.pattern, cell.experiment) not in observed.earlier]
    if left and any(note.runs == 0 for note in observed.earlier.values()):
        observed.earlier, left = {}, list(planned)  # whether it can be imported is asked anew
    progress.done(observed.earlier, unchanged=True)
    if not left:
        _write_unchanged(setting, progress, observed, planned)
        return True
    if reason := setting.unresolved():
        _write_unavailable(setting, clock, progress, observed, {}, reason)
        return True
    setting.check_installed()
    try:
        with _server(setting) as server:
            _observe_cells(setting, tuple(left), server, progress, observed)
        check_backends(setting, left, observed)
    except Unavailable as error:
        check_imports(setting, str(error))
        _write_unavailable(setting, clock, progress, observed, releases(), str(error))
        return True
    except NoServer as error:
        reason = clean(f"{setting.database}: {error}")
        note_not_rerun(setting, reason)
        print(f"{setting.environment.id}: not rerun: {reason}", file=sys.stderr)
        return True
    record = setting.record(observed.of(planned), releases(), None)
    _write(setting, clock, progress, record, observed)
    for said in (*ended_threads(setting, setting.log(RUNS)), *observed.faults):
        print(said, file=sys.stderr)
    if observed.faults:
        cells = Counter(briefly(setting.root, fault) for fault in observed.faulty.values())
        _note_faults(setting, [f"{said} (in {counted(n, 'cell')})" for said, n in cells.items()])
    return not observed.faults


def _write_unchanged(
    setting: SettingRun,
    progress: Progress,
    observed: Observed,
    planned: tuple[PlannedCell, ...],
) -> None:
    """Write the record of cells that all ran before, and say that none had to run again."""
    notes, facts = observed.earlier, read_facts(setting.facts)
    facts.pop("reason", None)
    facts.pop("faults", None)
    unavailable = setting.unavailable(notes)
    record = setting.record(
        observed.of(planned), {} if setting.unresolved() else releases(), unavailable
    )
    store(setting.root, record, ())
    kept = {"notes": as_json(notes), "record": digest_of_file(setting.record_file)}
    _write_facts(setting, **(facts | {"status": "ran"} | kept))
    where = f"{setting.environment.id}  {setting.database}"
    since = max((note.at for note in notes.values()), default="ever")
    said = f"{len(notes)} cells, none changed since they were observed here on {since}"
    progress.end(f"{where}  {said}", well=True)


def _write_unavailable(
    setting: SettingRun,
    clock: _Clock,
    progress: Progress,
    observed: Observed,
    releases: dict[str, str],
    reason: str,
) -> None:
    """Write the record of an environment in which no cell can run."""
    seen = History("unavailable", reason, ())
    name = digest_of(seen)
    planned = setting.cells()
    cells = [Cell(cell.pattern, cell.experiment, 0, (name,)) for cell in planned]
    observed.earlier = {}
    observed.histories = {name: seen}
    observed.cells = {(cell.pattern, cell.experiment): cell for cell in cells}
    progress.done(observed.cells)
    _write(setting, clock, progress, setting.record(cells, releases, reason), observed)


class _Clock:
    """Measures the time since it was made."""

    def __init__(self) -> None:
        self.started = datetime.now(UTC).isoformat(timespec="seconds")
        self._start = time.perf_counter()

    def seconds(self) -> float:
        return round(time.perf_counter() - self._start, 3)


def _write(
    setting: SettingRun, clock: _Clock, progress: Progress, record: Record, observed: Observed
) -> None:
    """Write the record with its histories, then the volatile facts, and print a summary."""
    store(setting.root, record, observed.histories.values())
    took = clock.seconds()
    _write_facts(
        setting,
        status="ran",
        started=clock.started,
        seconds=took,
        ran=len(observed.cells),
        notes=as_json(observed.notes(clock.started[:10])),
        record=digest_of_file(setting.record_file),
    )
    where = f"{setting.environment.id}  {setting.database}"
    summary = f"{where}  {observed.summary(record)} in {took:.1f} s"
    progress.end(summary, well=observed.went_well(record))


def show_once(setting: SettingRun, pattern: str, experiment: str, kept: Path | None = None) -> None:
    """Run one planned cell once and print its history; write no file but the one to keep it in.

    Raises PlanError for a cell that is not planned, HarnessFault if the harness failed, NoServer
    if the database's server cannot be started.
    """
    try:
        history = _observe_once(setting, _planned(setting, pattern, experiment))
    except NoServer as error:
        raise NoServer(f"{setting.database}: {error}") from error
    if kept:
        write_whole(kept, dump_history(history))
    else:
        print("\n".join(readable(history)))


def _planned(setting: SettingRun, pattern: str, experiment: str) -> list[PlannedCell]:
    """Return a list of the one planned cell; raise PlanError if it is not planned."""
    planned = [
        cell for cell in setting.cells() if (cell.pattern, cell.experiment) == (pattern, experiment)
    ]
    if not planned:
        raise PlanError(
            setting.investigation.file,
            f"environment '{setting.environment.id}'",
            f"no cell of pattern {pattern!r} under experiment {experiment!r} is planned",
            "name a pattern of its backend or a control, and an experiment of a claim",
        )
    return planned


def _observe_once(setting: SettingRun, planned: Iterable[PlannedCell]) -> History:
    """Return the history of one planned cell; raise HarnessFault if the harness failed."""
    if reason := setting.unresolved():
        return History("unavailable", reason, ())
    with _server(setting) as server, scratch_folder() as folder:
        order = order_of(setting, planned, folder, server)
        with ending_orphans(), warm_parents(order, [1]) as parents:
            try:
                ((_, answer),) = answers(parents)
            except Unavailable as error:
                return History("unavailable", str(error), ())
    if fault := answer.get("fault") or wrong_in(answer):
        raise HarnessFault(fault)
    return history(answer)


def record_uninstallable(setting: SettingRun, reason: str) -> None:
    """Write the record of an environment of which the lock cannot be installed, here or elsewhere.

    `reason` is what the installer said.
    """
    planned = setting.cells()
    with Progress(setting.progress, len(planned)) as progress:
        observed = Observed(inputs(setting.root, setting.investigation, planned), RUNS)
        why = clean(f"{NOT_INSTALLED}: {reason.strip()}")
        _write_unavailable(setting, _Clock(), progress, observed, {}, why)


def note_not_rerun(setting: SettingRun, reason: str) -> None:
    """Write down why an environment could not be installed this time; its record stays."""
    not_rerun = {"status": "not-rerun", "reason": clean(reason.strip())}
    _write_facts(setting, **(read_facts(setting.facts) | not_rerun))


def _note_faults(setting: SettingRun, said: list[str]) -> None:
    """Write down in a line each how the harness failed, for whoever reads what a run came to."""
    _write_facts(setting, **(read_facts(setting.facts) | {"faults": said}))


@contextlib.contextmanager
def _server(setting: SettingRun) -> Iterator[str]:
    """Yield the address of the database's server while it runs, or "" if it has no server.

    Raises NoServer if the server cannot be started.
    """
    module = setting.investigation.database(setting.database).server
    if not module:
        yield ""
        return
    sys.path.insert(0, str(setting.root))
    try:
        serve = importlib.import_module(module).serve
    finally:
        sys.path.remove(str(setting.root))
    with scratch_folder() as folder, serve(folder) as address:
        yield address


def _observe_cells(
    setting: SettingRun,
    planned: tuple[PlannedCell, ...],
    server: str,
    progress: Progress,
    observed: Observed,
) -> None:
    """Run the cells in two warm parents, and note each that is done.

    Raises Unavailable if the environment's libraries cannot be imported, HarnessFault if a warm
    parent failed.
    """
    try:
        _run_cells(setting, planned, server, progress, observed, warm=True)
    except Cold as error:
        where = setting.environment.id
        print(f"{where}  warming failed ({error}): going on without", file=sys.stderr)
        _run_cells(setting, planned, server, progress, observed, warm=False)


def _run_cells(
    setting: SettingRun,
    planned: tuple[PlannedCell, ...],
    server: str,
    progress: Progress,
    observed: Observed,
    *,
    warm: bool,
) -> None:
    """Run the cells in two warm parents; raise Cold if warming ended one of them."""
    with scratch_folder() as folder:
        order = order_of(setting, planned, folder, server, logs=True, warm=warm)
        with ending_orphans(), warm_parents(order, range(1, RUNS + 1)) as parents:
            for run, answer in answers(parents):
                if "pattern" not in answer:
                    raise HarnessFault(answer["fault"])
                observed.add(run, answer)
                if observed.has(answer["pattern"], answer["experiment"]):
                    progress.done([(answer["pattern"], answer["experiment"])])
    if not observed.has_all(planned):
        raise HarnessFault("a warm parent ended before its last cell")


def _write_facts(setting: SettingRun, **facts: Any) -> None:
    write_whole(setting.facts, json.dumps(facts, indent=1) + "\n")


def readable(history: History) -> Iterator[str]:
    """Yield a history as lines of aligned columns: number (from 1), kind, labels, details."""
    kinds = max((len(event.kind) for event in history.events), default=0)
    labels = max((len(" ".join(event.labels)) for event in history.events), default=0)
    for number, event in enumerate(history.events, start=1):
        details = "  ".join(f"{name}={value!r}" for name, value in event.details.items())
        line = f"{number:>4}  {event.kind:<{kinds}}  {' '.join(event.labels):<{labels}}  {details}"
        yield line.rstrip()
    yield f"{history.outcome}: {history.reason}" if history.reason else history.outcome


def order_of(
    setting: SettingRun,
    planned: Iterable[PlannedCell],
    scratch: str,
    server: str,
    *,
    logs: bool = False,
    warm: bool = False,
) -> Order:
    """Return what a run of the setting tells its warm parents."""
    investigation = setting.investigation
    cells = []
    for cell in planned:
        pattern = investigation.pattern(cell.pattern)
        cells.append(
            {
                "pattern": cell.pattern,
                "experiment": cell.experiment,
                "patterns": investigation.backend(pattern.backend).patterns,
                "function": pattern.function,
                "module": investigation.experiment_module(cell.experiment),
            }
        )
    return Order(
        root=str(setting.root),
        imports=list(setting.environment.imports),
        package=investigation.experiments,
        database=setting.database,
        time_limit=investigation.time_limit,
        scratch=scratch,
        logs={str(run): str(setting.log(run)) for run in range(1, RUNS + 1)} if logs else {},
        cells=cells,
        patterns=[backend.patterns for backend in investigation.backends],
        warm=warm,
        server=server,
    )
