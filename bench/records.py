"""Writes and changes records: the one module here that knows their form."""

from __future__ import annotations

import json
import re
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

from casebook.files import digest
from casebook.judge.results import read_results
from casebook.observe.setting import SettingRun
from casebook.plan.conf import read_investigation
from casebook.record import History
from casebook.stored import HISTORIES, Cell, digest_of, dump, dump_history, folder, store


class Observation(NamedTuple):
    """The history that one pattern has under one experiment in one setting."""

    environment: str
    database: str
    pattern: str
    experiment: str
    history: History


def write_records(
    root: Path,
    investigation: str,
    observed: Iterable[Observation],
    releases: dict[str, dict[str, str]],
) -> None:
    """Write the records of an investigation that hold these observations and no others.

    `releases` maps each environment to what is installed there.
    """
    own = root / folder(investigation)
    (own / HISTORIES).mkdir(parents=True)
    names: dict[int, str] = {}
    settings: dict[tuple[str, str], list[Cell]] = defaultdict(list)
    kept = list(observed)  # so that no two histories have the same `id()`
    for one in kept:
        if id(one.history) not in names:
            text = dump_history(one.history)
            names[id(one.history)] = digest(text.encode())
            file = own / HISTORIES / f"{names[id(one.history)]}.json"
            file.write_text(text, encoding="utf-8")
        cell = Cell(one.pattern, one.experiment, 2, (names[id(one.history)],))
        settings[one.environment, one.database].append(cell)
    for (environment, database), cells in settings.items():
        setting = SettingRun.of(root, investigation, environment, database)
        record = setting.record(cells, releases[environment], None)
        setting.record_file.write_text(dump(record), encoding="utf-8")


def change_one(root: Path, investigation: str) -> tuple[str, frozenset[str]]:
    """Leave out the last event of a pattern's longest history.

    Returns the pattern, and the digests of the history before and after.
    """
    declared = read_investigation(root, investigation)
    results = read_results(root, declared)
    controls = {pattern.id for pattern in declared.controls}
    _, setting, number = max(
        (len(results.histories[cell.histories[0]].events), setting, number)
        for setting, record in results.records.items()
        for number, cell in enumerate(record.cells)
        if cell.pattern not in controls and len(cell.histories) == 1
    )
    record = results.records[setting]
    cells = [*record.cells]
    (before,) = cells[number].histories
    history = results.histories[before]
    shorter = replace(history, events=history.events[:-1])
    cells[number] = replace(cells[number], histories=(digest_of(shorter),))
    named = {name for cell in cells for name in cell.histories} & results.histories.keys()
    histories = [shorter, *(results.histories[name] for name in named)]
    store(root, replace(record, cells=tuple(cells)), histories)
    return cells[number].pattern, frozenset({before, digest_of(shorter)})


def add_the_same(root: Path, investigation: str) -> str:
    """Add an environment that behaves like the first, its twins too, and return its id."""
    declared = read_investigation(root, investigation)
    first = declared.environments[0]
    again = f"{first.id}-again"
    plan = root / declared.file
    text = plan.read_text(encoding="utf-8")
    row = {"id": again, "title": f"{first.title}, again", "backend": first.backend}
    row |= {"source": first.source}
    lines = [f"{name} = {json.dumps(value)}" for name, value in row.items()]
    lists = {"install": first.install, "imports": first.imports}
    lines += [f"{name} = {json.dumps(value)}" for name, value in lists.items()]
    added = "\n".join(["[[environment]]", *lines])
    before, declares, after = text.partition("[[addition]]")
    # Each addition is to the environment; its list names it first or on a line of its own.
    after = re.sub(rf'(?<=[\[\s])"{re.escape(first.id)}",', rf'\g<0> "{again}",', after)
    plan.write_text(f"{before}{added}\n\n{declares}{after}", encoding="utf-8")
    for environment in (first, *(one for one in declared.twins if one.differs_from == first.id)):
        name = environment.id.replace(first.id, again, 1)
        lock = environment.lock.replace(environment.id, name)
        (root / lock).write_bytes((root / environment.lock).read_bytes())
        for database in declared.databases:
            file = root / folder(declared.id) / f"{environment.id}.{database}.json"
            if file.is_file():
                record = file.read_text(encoding="utf-8")
                record = record.replace(environment.lock, lock, 1)
                old, new = (f'"environment": "{one}"' for one in (environment.id, name))
                file.with_name(f"{name}.{database}.json").write_text(record.replace(old, new, 1))
    return again
