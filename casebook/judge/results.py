"""Reads the result files that runs wrote, and validates them every time.

A file that breaks a rule is reported with the place and the rule, and not believed; the others
still count. Nothing here judges.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from inspect import cleandoc
from pathlib import Path
from typing import Any, Literal, TypeVar

import msgspec

from casebook.files import digest
from casebook.installed import NOT_INSTALLED, cannot
from casebook.plan.conf import pins
from casebook.plan.investigation import Environment, Investigation, Setting
from casebook.record import History
from casebook.stored import (
    HISTORIES,
    INSTALLERS,
    SCHEMA,
    Cell,
    Record,
    StoredHistory,
    folder,
)
from casebook.text import one_line

Form = TypeVar("Form")

UNNAMED = "no record names it"
"""The rule that a history breaks which is of no cell."""


@dataclass(frozen=True, slots=True)
class Problem:
    """A result file that could not be used: its path in the project, the place and the rule."""

    file: str
    place: str
    rule: str


@dataclass(frozen=True, slots=True)
class RunFacts:
    """The volatile facts of a run: whether it took place this time, why not, and how long."""

    status: Literal["ran", "not-rerun"]
    reason: str = ""
    seconds: float | None = None


class Unusable(Exception):
    """A result file breaks a rule: `place` is the JSON path or "", `rule` says which rule."""

    def __init__(self, place: str, rule: str) -> None:
        super().__init__(f"{place}: {rule}" if place else rule)
        self.place = place
        self.rule = rule


# --- Reading --------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Results:
    """The records and the histories that can be believed, and what is wrong with the others.

    Equal histories are one object, found by the digest that cells name.
    """

    records: dict[Setting, Record]
    histories: dict[str, History]
    problems: tuple[Problem, ...]


def read_results(
    root: Path, investigation: Investigation, expected: Collection[Setting] = ()
) -> Results:
    """Return an investigation's results, from its files; `expected` are to have a record each.

    A record that cannot be used is not among the records, nor is one whose releases are not those
    of its lock. A record with a doubled or miscounted cell, or with one whose history is missing,
    is: the judge believes no such cell, but the other cells count.
    """
    own = root / folder(investigation.id)
    paths = [*sorted(own.glob("*.json")), *sorted((own / HISTORIES).glob("*.json"))]
    files = ((path.relative_to(own).as_posix(), path) for path in paths)
    found = gather(investigation, files, expected)
    problems = list(found.problems)
    records = dict(found.records)
    environments = {environment.id: environment for environment in investigation.installed}
    for setting, record in found.records.items():
        for place, rule in _not_of_the_lock(root, environments[setting.environment], record):
            problems.append(Problem(_file(investigation, f"{'.'.join(setting)}.json"), place, rule))
            records.pop(setting, None)
    return Results(records, found.histories, tuple(problems))


def gather(
    investigation: Investigation,
    files: Iterable[tuple[str, Path | bytes]],
    expected: Collection[Setting] = (),
) -> Results:
    """Return results as `read_results` does, from files given by name and content.

    The name of a history begins with its folder. Releases are not compared with locks.
    """
    records: dict[Setting, Record] = {}
    histories: dict[str, History] = {}
    problems: list[Problem] = []
    broken: set[str] = set()
    for name, content in files:
        file = _file(investigation, name)
        inside, _, last = name.rpartition("/")
        try:
            data = content.read_bytes() if isinstance(content, Path) else content
            if inside:
                histories[last.removesuffix(".json")] = decode_history(last, data)
            else:
                record = decode(name, data, investigation)
                records[Setting(record.environment, record.database)] = record
                problems += (Problem(file, *wrong) for wrong in _contradictions(record))
        except Unusable as error:
            problems.append(Problem(file, error.place, error.rule))
            broken.add(name)
        except OSError as error:
            problems.append(Problem(file, "", f"cannot be read: {error.strerror}"))
            broken.add(name)
    complete = all("/" in name for name in broken) and records.keys() >= set(expected)
    problems += _unmatched(investigation, records, histories, broken, complete)
    return Results(records, histories, tuple(problems))


def decode(name: str, data: bytes, investigation: Investigation) -> Record:
    """Return the record in a file of this name and content.

    Raises Unusable for content that is damaged, holds a key twice or does not match the schema, and
    for a record that belongs under another name or to a setting that is not planned.
    """
    # The schema's number first: of a file in another form, the first difference would mislead.
    number = _decode(data, _Numbered).schema
    if number != SCHEMA:
        raise Unusable("$.schema", f"schema {number}, this Casebook reads {SCHEMA}")
    record = _decode(data, Record)
    _check_keys(data, record)
    _check_place(name, record, investigation)
    return record


def decode_history(name: str, data: bytes) -> History:
    """Return the history in a file of this name and content.

    Raises Unusable for content that is damaged, holds a key twice, does not match the schema, or
    whose digest is not the file's name.
    """
    stored = _decode(data, StoredHistory)
    _check_keys(data, stored)
    if (own := digest(data)) != name.removesuffix(".json"):
        raise Unusable("", f"its content is not what its name says, but {own}")
    return stored.history


def read_runs(root: Path, investigation: Investigation) -> dict[Setting, RunFacts]:
    """Return the facts of the last run of each setting.

    Runs that left no facts are absent. If the facts cannot be read, nothing shows that the setting
    ran, so it counts as not rerun.
    """
    runs: dict[Setting, RunFacts] = {}
    for environment in investigation.installed:
        for database in investigation.databases:
            file = Path("build", "runs", investigation.id, f"{environment.id}.{database}.json")
            try:
                runs[Setting(environment.id, database)] = _decode(
                    (root / file).read_bytes(), RunFacts
                )
            except FileNotFoundError:
                continue
            except (OSError, Unusable) as error:
                reason = f"{file} cannot be read: {one_line(str(error))}"
                runs[Setting(environment.id, database)] = RunFacts("not-rerun", reason)
    return runs


class _Numbered(msgspec.Struct):
    """The part of a file that tells its form: the schema's number."""

    schema: int


def _decode(data: bytes, form: type[Form]) -> Form:
    try:
        return msgspec.json.decode(data, type=form)
    except msgspec.ValidationError as error:
        rule, _, place = str(error).partition(" - at ")
        raise Unusable(one_line(place.strip("`") or "$", 200), one_line(rule, 200)) from None
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise Unusable("", f"damaged or half-written: {one_line(str(error), 200)}") from None


def _check_keys(data: bytes, decoded: Record | StoredHistory) -> None:
    """Raise Unusable if an object holds a key twice: msgspec keeps the last and says nothing."""
    if msgspec.json.format(data, indent=-1) == msgspec.json.encode(decoded):
        return  # nothing in the file is other than what was read from it
    if doubled := next(_doubled(json.loads(data, object_pairs_hook=_Pairs), "$"), None):
        raise Unusable(one_line(doubled, 200), "doubled: the key stands there more than once")


class _Pairs(list[tuple[str, Any]]):
    """An object of a JSON file, with each of its keys as often as it stands there."""


def _doubled(value: Any, place: str) -> Iterator[str]:
    """Yield the place of each key that an object holds more than once."""
    if isinstance(value, _Pairs):
        times = Counter(key for key, _ in value)
        yield from (f"{place}.{key}" for key, count in times.items() if count > 1)
        for key, inner in value:
            yield from _doubled(inner, f"{place}.{key}")
    elif isinstance(value, list):
        for number, inner in enumerate(value):
            yield from _doubled(inner, f"{place}[{number}]")


def _check_place(name: str, record: Record, investigation: Investigation) -> None:
    if record.investigation != investigation.id:
        raise Unusable(
            "$.investigation",
            f"{_shown(record.investigation)} in the folder of {_shown(investigation.id)}",
        )
    expected = f"{record.environment}.{record.database}.json"
    if name != expected:
        raise Unusable("$.environment", f"the record inside belongs in {_shown(expected)}")
    if record.environment not in {environment.id for environment in investigation.installed}:
        raise Unusable("$.environment", f"{_shown(record.environment)} is not in the plan")
    if record.database not in investigation.databases:
        raise Unusable("$.database", f"{_shown(record.database)} is not in the plan")


def _contradictions(record: Record) -> Iterator[tuple[str, str]]:
    """Yield the place and the rule of each contradiction in the record."""
    planned = record.planned_cells
    times = Counter((cell.pattern, cell.experiment) for cell in record.cells)
    for number, cell in enumerate(record.cells):
        place = f"$.cells[{number}]"
        named = f"pattern {_shown(cell.pattern)}, experiment {_shown(cell.experiment)}"
        if times[cell.pattern, cell.experiment] > 1:
            count = times[cell.pattern, cell.experiment]
            yield place, f"doubled: {named} is recorded {count} times"
        elif miscounted(cell):
            yield place, f"{named}: {len(cell.histories)} histories of {cell.runs} runs"
        elif (cell.pattern, cell.experiment) not in planned:
            yield place, f"{named}: recorded, and not planned"


def miscounted(cell: Cell) -> bool:
    """Return whether a cell has neither one history for all its runs nor one for each run."""
    return cell.runs < 0 or len(cell.histories) not in (1, cell.runs)


def _unmatched(
    investigation: Investigation,
    records: Mapping[Setting, Record],
    histories: Mapping[str, History],
    broken: set[str],
    complete: bool,
) -> Iterator[Problem]:
    """Yield what does not fit together: histories that are missing, or that nothing names.

    A record that cannot be read, or is not there, may name them: then nothing is `complete`.
    """
    named: dict[str, list[str]] = {}
    for setting, record in records.items():
        for cell in record.cells:
            where = f"{cell.pattern}/{cell.experiment} in {'.'.join(setting)}"
            for one in cell.histories:
                named.setdefault(one, []).append(where)
            outcomes = {histories[one].outcome for one in cell.histories if one in histories}
            if outcomes and ("unavailable" in outcomes) != (record.unavailable is not None):
                rule = f"{where}: the environment and this cell differ in whether it is available"
                yield Problem(_file(investigation, f"{'.'.join(setting)}.json"), "$.cells", rule)
    for one, cells in named.items():
        name = f"{HISTORIES}/{one}.json"
        if one not in histories and name not in broken:
            more = f" and {len(cells) - 1} more" if len(cells) > 1 else ""
            rule = f"missing: {cells[0]}{more} ran like that"
            yield Problem(_file(investigation, name), "", rule)
    for one in histories:
        if complete and one not in named:
            yield Problem(_file(investigation, f"{HISTORIES}/{one}.json"), "", UNNAMED)


def _not_of_the_lock(
    root: Path, environment: Environment, record: Record
) -> Iterator[tuple[str, str]]:
    """Yield the place and the rule of each release that is not the lock's.

    Nothing is said of a lock that changed since: its cells count as recorded by an earlier one. Nor
    of one that could not be installed, so that there are no releases.
    """
    locked = dict(pins(root, environment))
    lock = root / environment.lock
    if cannot(record.unavailable or "")[0] == NOT_INSTALLED and not record.releases:
        return
    if not locked or record.digests.get(environment.lock) != digest(lock.read_bytes()):
        return
    for name in sorted(locked.keys() | record.releases.keys()):
        then, now = record.releases.get(name), locked.get(name)
        if then != now and name not in INSTALLERS:
            says = f"the lock says {_shown(now)}" if now else "the lock has no such package"
            yield f"$.releases.{name}", f"{_shown(then) if then else 'missing'}, and {says}"


def _file(investigation: Investigation, name: str) -> str:
    return one_line(str(folder(investigation.id) / name))


def _shown(text: str) -> str:
    return f"`{one_line(text, 80)}`"


# --- The form -------------------------------------------------------------------------------------


def schema_text(form: type, number: int = SCHEMA) -> str:
    """Return the JSON schema of a file that holds this class; its number, if any, is fixed."""
    schema: dict[str, Any] = msgspec.json.schema(form)
    properties = schema["$defs"][form.__name__]["properties"]
    if "schema" in properties:
        properties["schema"] = {"const": number}
    for definition in schema["$defs"].values():
        definition["description"] = cleandoc(definition["description"])
    draft = {"$schema": "https://json-schema.org/draft/2020-12/schema", **schema}
    return msgspec.json.format(msgspec.json.encode(draft), indent=2).decode() + "\n"
