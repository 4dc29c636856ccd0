"""Reads the result files that runs wrote, and validates them every time.

A file that breaks a rule is reported with the place and the rule, and left out; the others still
count. Nothing here judges.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from inspect import cleandoc
from pathlib import Path
from typing import Any, Literal, TypeVar

import msgspec

from casebook.plan.investigation import Investigation, Setting
from casebook.record import SCHEMA, Cell, Record
from casebook.text import one_line

Form = TypeVar("Form")


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


def folder(investigation: Investigation) -> Path:
    """Return the folder of the investigation's records, relative to the project."""
    return Path("docs", "results", investigation.id)


def read_results(
    root: Path, investigation: Investigation
) -> tuple[dict[Setting, Record], tuple[Problem, ...]]:
    """Return the investigation's records and the problems of the files that hold them.

    A file that cannot be used is not among the records. A file with a doubled or miscounted cell is
    among both: the judge believes no such cell, but the other cells count.
    """
    paths = sorted((root / folder(investigation)).glob("*.json"))
    return gather(investigation, ((path.name, path) for path in paths))


def gather(
    investigation: Investigation, files: Iterable[tuple[str, Path | bytes]]
) -> tuple[dict[Setting, Record], tuple[Problem, ...]]:
    """Return records and problems as `read_results` does, from files given by name and content."""
    records: dict[Setting, Record] = {}
    problems: list[Problem] = []
    for name, content in files:
        file = one_line(str(folder(investigation) / name))
        try:
            data = content.read_bytes() if isinstance(content, Path) else content
            record = decode(name, data, investigation)
        except Unusable as error:
            problems.append(Problem(file, error.place, error.rule))
        except OSError as error:
            problems.append(Problem(file, "", f"cannot be read: {error.strerror}"))
        else:
            records[Setting(record.environment, record.database)] = record
            problems += (Problem(file, place, rule) for place, rule in _contradictions(record))
    return records, tuple(problems)


def decode(name: str, data: bytes, investigation: Investigation) -> Record:
    """Return the record in a file of this name and content.

    Raises Unusable for content that is damaged or does not match the schema, and for a record that
    belongs under another name or to a setting that is not planned.
    """
    # The schema's number first: of a file in another form, the first difference would mislead.
    number = _decode(data, _Numbered).schema
    if number != SCHEMA:
        raise Unusable("$.schema", f"schema {number}, this Casebook reads {SCHEMA}")
    record = _decode(data, Record)
    _check_place(name, record, investigation)
    return record


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
    planned = {(cell.pattern, cell.experiment) for cell in record.planned}
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
        elif _is_unavailable(cell) != (record.unavailable is not None):
            yield place, f"{named}: the environment and this cell differ in whether it is available"


def miscounted(cell: Cell) -> bool:
    """Return whether a cell has neither one history for all its runs nor one for each run."""
    return cell.runs < 0 or len(cell.histories) not in (1, cell.runs)


def _is_unavailable(cell: Cell) -> bool:
    return any(history.outcome == "unavailable" for history in cell.histories)


def _shown(text: str) -> str:
    return f"`{one_line(text, 80)}`"


# --- The form -------------------------------------------------------------------------------------


def schema_text(form: type, number: int = SCHEMA) -> str:
    """Return the JSON schema of a file that holds this class, with the schema's number fixed."""
    schema: dict[str, Any] = msgspec.json.schema(form)
    schema["$defs"][form.__name__]["properties"]["schema"] = {"const": number}
    for definition in schema["$defs"].values():
        definition["description"] = cleandoc(definition["description"])
    draft = {"$schema": "https://json-schema.org/draft/2020-12/schema", **schema}
    return msgspec.json.format(msgspec.json.encode(draft), indent=2).decode() + "\n"
