"""The day on which each record was observed as it is, kept beside the records.

    docs/results/<investigation>.days.json   {"schema": 1, "days": {"env.database": [digest, day]}}

A record holds no day, so that running again writes the same bytes. The day is noted after a run,
with the digest of the record: it stays until the record changes, and counts for no other content.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import msgspec

from casebook.files import digest_of_file, write_whole
from casebook.judge.results import Problem
from casebook.plan.investigation import Investigation, Setting
from casebook.stored import folder
from casebook.text import one_line

SCHEMA = 1
"""The number of the file's form."""


@dataclass(frozen=True, slots=True)
class Days:
    """The day of each record by its name, `<environment>.<database>`, with the record's digest."""

    schema: int
    days: dict[str, tuple[str, str]]


def days_file(investigation: str) -> str:
    """Return the path of an investigation's days, relative to the project."""
    return f"docs/results/{investigation}.days.json"


def read_days(root: Path, investigation: Investigation) -> tuple[dict[Setting, str], list[Problem]]:
    """Return the day on which each record was observed that is as it was then."""
    kept, problems = _read(root, investigation.id)
    own = root / folder(investigation.id)
    days = {}
    for name, (digest, day) in kept.items():
        if digest_of_file(own / f"{name}.json") == digest:
            environment, _, database = name.rpartition(".")
            days[Setting(environment, database)] = day
    return days, problems


def note_days(root: Path, investigation: Investigation, ran: Mapping[Setting, str]) -> bool:
    """Note the day of each record that changed since it was noted; `ran` is when a setting ran.

    What ran on no known day, as in a fresh clone, is not noted. Returns whether anything was.
    """
    kept, _ = _read(root, investigation.id)
    own = root / folder(investigation.id)
    days = {}
    for record in sorted(own.glob("*.json")):
        digest = digest_of_file(record)
        environment, _, database = record.stem.rpartition(".")
        day = ran.get(Setting(environment, database), "")
        if kept.get(record.stem, ("",))[0] == digest:
            days[record.stem] = kept[record.stem]
        elif day:
            days[record.stem] = (digest, day)
    rows = (f"{_json(name)}: {_json(value)}" for name, value in days.items())
    text = f'{{"schema": {SCHEMA}, "days": {{\n' + ",\n".join(rows) + "\n}}\n"
    return bool(days) and write_whole(root / days_file(investigation.id), text)


def _read(root: Path, id: str) -> tuple[dict[str, tuple[str, str]], list[Problem]]:
    file = days_file(id)
    try:
        found = msgspec.json.decode((root / file).read_bytes(), type=Days)
    except FileNotFoundError:
        return {}, []
    except (OSError, msgspec.MsgspecError) as error:
        return {}, [Problem(file, "", one_line(str(error), 200))]
    if found.schema != SCHEMA:
        rule = f"schema {found.schema}, this Casebook reads {SCHEMA}"
        return {}, [Problem(file, "$.schema", rule)]
    return found.days, []


def _json(value: object) -> str:
    return msgspec.json.encode(value).decode()
