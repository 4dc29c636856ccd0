"""A strict TOML reader: refuses unknown keys and wrong values, naming the file, place and fix."""

from __future__ import annotations

import functools
import math
import re
import tomllib
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from casebook.plan.mistakes import PlanError, one_of


@dataclass(frozen=True, slots=True)
class Kind:
    """The kind of value that a key takes: its description, and a test for it."""

    name: str
    fits: Callable[[Any], bool]


def is_text(value: Any) -> bool:
    """Return whether a value is a string that is not blank."""
    return isinstance(value, str) and bool(value.strip())


def _is_list_of(fits: Callable[[Any], bool]) -> Callable[[Any], bool]:
    return lambda value: isinstance(value, list) and all(map(fits, value))


def _is_table(value: Any) -> bool:
    return isinstance(value, dict)


def _is_seconds(value: Any) -> bool:
    # A bool is an int to Python, and TOML can write `inf`.
    return type(value) in (int, float) and math.isfinite(value) and value > 0


_URL = re.compile(r"https?://[^\s<>()\"]+")

TEXT = Kind("a non-empty string", is_text)
ID = Kind("a string", lambda value: isinstance(value, str))
TEXTS = Kind("a list of strings", _is_list_of(is_text))
MODULES = Kind(
    "a list of dotted module names",
    lambda value: (
        TEXTS.fits(value) and all(part.isidentifier() for name in value for part in name.split("."))
    ),
)
SOME_TEXTS = Kind("a list of at least one string", lambda value: TEXTS.fits(value) and value != [])
SECONDS = Kind("a number of seconds above 0", _is_seconds)
URL = Kind(
    "an http:// or https:// URL", lambda value: is_text(value) and bool(_URL.fullmatch(value))
)
FLAG = Kind("true or false", lambda value: isinstance(value, bool))
TABLE = Kind("a table", _is_table)
TABLES = Kind("a list of tables", _is_list_of(_is_table))

_REQUIRED: Any = object()


@dataclass(frozen=True, slots=True)
class Key:
    """A key that a table may have: the kind of its value, its default, and what it says."""

    kind: Kind
    default: Any = _REQUIRED
    says: str = ""

    @property
    def required(self) -> bool:
        """Whether the table must have it."""
        return self.default is _REQUIRED


_PERMITTED_ID = re.compile(r"[a-z0-9][a-z0-9.-]*")


class Reader:
    """Reads one TOML file strictly; `file` is its path relative to the project."""

    def __init__(self, root: Path, file: str) -> None:
        self.root = root
        self.file = file

    def document(self, id: str, known: Iterable[str] = ()) -> dict[str, Any]:
        """Return the parsed file; raise PlanError if it is missing or not valid TOML.

        `known` are the ids of existing files, one of which may have been meant.
        """
        try:
            path = self.root / self.file
            status = path.stat()
            return _parsed(path, status.st_mtime_ns, status.st_size)
        except FileNotFoundError:
            fix = "create it" + (f", or fix the name ({one_of(id, known)})" if known else "")
            raise PlanError(self.file, "file", "does not exist", fix) from None
        except UnicodeDecodeError as error:
            raise PlanError(self.file, "file", str(error), "save it as UTF-8") from None
        except tomllib.TOMLDecodeError as error:
            # tomllib says where in its message alone (Python 3.11 to 3.13).
            problem, _, place = str(error).rpartition(" (at ")
            raise PlanError(
                self.file, place.rstrip(")"), f"not valid TOML: {problem}", "fix the syntax"
            ) from None

    def items(
        self, name: str, values: dict[str, Any], keys: dict[str, Key]
    ) -> Iterator[dict[str, Any]]:
        """Yield the checked tables of one list; raise PlanError for a duplicate id."""
        seen = set()
        for number, table in enumerate(values[name], start=1):
            id = table.get("id")
            place = f"{name} '{id}'" if is_text(id) else f"{name}[{number}]"
            item = self.table(place, table, keys)
            self.check_id(f"{place}.id", item["id"])
            if item["id"] in seen:
                problem = f"two [[{name}]] tables have this id"
                raise PlanError(self.file, f"{place}.id", problem, "change one of them")
            seen.add(item["id"])
            yield item

    def rows(
        self, name: str, tables: Iterable[dict[str, Any]], keys: dict[str, Key]
    ) -> Iterator[tuple[str, dict[str, Any]]]:
        """Yield the checked tables of a list without ids, each after its place: `name[1]`."""
        for number, table in enumerate(tables, start=1):
            place = f"{name}[{number}]"
            yield place, self.table(place, table, keys)

    def table(self, place: str, table: dict[str, Any], keys: dict[str, Key]) -> dict[str, Any]:
        """Return the table with its defaults, lists as tuples.

        Raises PlanError if it does not match `keys`.
        """
        inside = f"{place}." if place else ""
        for name in table:
            if name not in keys:
                fix = f"delete it, or fix its name ({one_of(name, keys)})"
                raise PlanError(self.file, inside + name, "unknown key", fix)
        for name, key in keys.items():
            if name not in table and key.default is _REQUIRED:
                fix = f"add `{name} = ...` ({key.kind.name})"
                if key.kind is TABLES:
                    fix = f"add at least one [[{inside}{name}]]"
                raise PlanError(self.file, inside + name, "the key is missing", fix)
            if name in table and not key.kind.fits(table[name]):
                found = f"{table[name]!r} is not {key.kind.name}"
                raise PlanError(self.file, inside + name, found, f"write {key.kind.name}")
        values = {name: table.get(name, key.default) for name, key in keys.items()}
        return {
            name: tuple(value) if isinstance(value, list) else value
            for name, value in values.items()
        }

    def check_id(self, place: str, id: str) -> None:
        """Raise PlanError for an id that cannot be part of a file name or a URL."""
        if not _PERMITTED_ID.fullmatch(id):
            raise PlanError(
                self.file,
                place,
                f"{id!r} is not a valid id" if id else "the id is empty",
                "use lower-case letters, digits, '-' and '.', starting with a letter or digit",
            )


@functools.lru_cache(maxsize=64)
def _parsed(path: Path, modified: int, size: int) -> dict[str, Any]:
    """Return a file's parsed content, cached by its time and size; callers must not change it."""
    return tomllib.loads(path.read_text(encoding="utf-8-sig"))
