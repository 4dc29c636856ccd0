"""The reader of `conf/`: one TOML file becomes one investigation, or one error that mends it."""

from __future__ import annotations

import math
import re
import tomllib
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from casebook.investigation import (
    Backend,
    Bar,
    Diagram,
    Environment,
    Investigation,
    Named,
    Pattern,
    PlanError,
    named,
    one_of,
    package_name,
)
from casebook.sources import functions, source


def find(root: Path) -> tuple[str, ...]:
    """Return the ids of the investigations that `conf/` declares, sorted."""
    return tuple(
        sorted(
            file.stem
            for file in (root / "conf").glob("*.toml")
            if file.name != "site.toml" and not file.name.endswith(".statements.toml")
        )
    )


def investigation(root: Path, id: str) -> Investigation:
    """Return one investigation, whether or not its locks are made.

    Raises PlanError for the first thing that is wrong in its file, in the functions that it names,
    or in an id that names nothing declared.
    """
    declared = _Reader(root, f"conf/{id}.toml").investigation(id)
    _check_references(declared)
    _check_functions(root, declared)
    return declared


def check_locks(root: Path, investigation: Investigation) -> None:
    """Raise PlanError for an environment without a lock and without the reason why none fits."""
    for environment in investigation.environments:
        if not any((root / path).is_file() for path in (environment.lock, environment.unresolved)):
            raise PlanError(
                investigation.file,
                f"environment '{environment.id}'.lock",
                f"there is no {environment.lock}",
                "write it with `nox -s lock`",
            )


def check_owners(investigations: Iterable[Investigation]) -> None:
    """Raise PlanError for an environment's id that two investigations declare."""
    owners: dict[str, str] = {}
    for investigation in investigations:
        for environment in investigation.environments:
            owner = owners.setdefault(environment.id, investigation.file)
            if owner != investigation.file:
                raise PlanError(
                    investigation.file,
                    f"environment '{environment.id}'.id",
                    f"{owner} declares it too",
                    "a command names an environment by its id alone: write another one",
                )


@dataclass(frozen=True, slots=True)
class _Kind:
    """What a value must be: in words, and as a test."""

    name: str
    fits: Callable[[Any], bool]


def is_text(value: Any) -> bool:
    """Return whether a value is a text that says something."""
    return isinstance(value, str) and bool(value.strip())


def _is_list_of(fits: Callable[[Any], bool]) -> Callable[[Any], bool]:
    return lambda value: isinstance(value, list) and all(map(fits, value))


def _is_table(value: Any) -> bool:
    return isinstance(value, dict)


def _is_seconds(value: Any) -> bool:
    # A bool is an int to Python, and TOML can write `inf`.
    return type(value) in (int, float) and math.isfinite(value) and value > 0


_TEXT = _Kind("a text that is not empty", is_text)
_ID = _Kind("a text", lambda value: isinstance(value, str))
_TEXTS = _Kind("a list of texts", _is_list_of(is_text))
_MODULES = _Kind(
    "a list of dotted names of modules",
    lambda value: (
        _TEXTS.fits(value)
        and all(part.isidentifier() for name in value for part in name.split("."))
    ),
)
_SOME_TEXTS = _Kind("a list of at least one text", lambda value: _TEXTS.fits(value) and value != [])
_SECONDS = _Kind("a number of seconds above 0", _is_seconds)
_FLAG = _Kind("true or false", lambda value: isinstance(value, bool))
_TABLE = _Kind("a table", _is_table)
_TABLES = _Kind("a list of tables", _is_list_of(_is_table))

_REQUIRED: Any = object()


@dataclass(frozen=True, slots=True)
class _Key:
    """A key that a table may have: the kind of its value, and its value where it is left out."""

    kind: _Kind
    default: Any = _REQUIRED


_INVESTIGATION_KEYS = {
    "title": _Key(_TEXT),
    "question": _Key(_TEXT),
    "experiments": _Key(_TEXT),
    "claims": _Key(_TEXT),
    "databases": _Key(_SOME_TEXTS),
    "time_limit": _Key(_SECONDS),
    "backend": _Key(_TABLES),
    "environment": _Key(_TABLES),
    "pattern": _Key(_TABLES),
    "diagram": _Key(_TABLE, None),
    "packages": _Key(_TEXTS, []),
}
_BACKEND_KEYS = {
    "id": _Key(_ID),
    "title": _Key(_TEXT),
    "patterns": _Key(_TEXT),
    "url": _Key(_TEXT, ""),
}
_ENVIRONMENT_KEYS = {
    "id": _Key(_ID),
    "title": _Key(_TEXT),
    "backend": _Key(_TEXT),
    "install": _Key(_TEXTS),
    "imports": _Key(_MODULES),
    "source": _Key(_TEXT),
    "differs_from": _Key(_TEXT, ""),
}
_PATTERN_KEYS = {
    "id": _Key(_ID),
    "title": _Key(_TEXT),
    "backend": _Key(_TEXT),
    "control": _Key(_FLAG, False),
    "function": _Key(_TEXT, None),
    "about": _Key(_TEXT, ""),
}
_DIAGRAM_KEYS = {
    "experiments": _Key(_TEXTS),
    "lane": _Key(_TEXT),
    "bar": _Key(_TABLES),
    "markers": _Key(_TEXTS, []),
    "lane_title": _Key(_TEXT, None),
}
_BAR_KEYS = {
    "label": _Key(_TEXT),
    "title": _Key(_TEXT),
    "opens": _Key(_TEXT),
    "closes": _Key(_TEXT),
    "touches": _Key(_TEXTS, []),
}

_PERMITTED_ID = re.compile(r"[a-z0-9][a-z0-9.-]*")


class _Reader:
    """Reads one TOML file strictly: what it does not know, it refuses."""

    def __init__(self, root: Path, file: str) -> None:
        self.root = root
        self.file = file

    def investigation(self, id: str) -> Investigation:
        values = self.table("", self.document(id), _INVESTIGATION_KEYS)
        for database in values["databases"]:
            self.check_id("databases", database)
        return Investigation(
            id=id,
            title=values["title"],
            question=values["question"].strip(),
            experiments=values["experiments"],
            claims=values["claims"],
            databases=tuple(values["databases"]),
            time_limit=values["time_limit"],
            backends=tuple(
                Backend(**table) for table in self.items("backend", values, _BACKEND_KEYS)
            ),
            environments=tuple(
                self.environment(id, table)
                for table in self.items("environment", values, _ENVIRONMENT_KEYS)
            ),
            patterns=tuple(
                self.pattern(table) for table in self.items("pattern", values, _PATTERN_KEYS)
            ),
            diagram=None if values["diagram"] is None else self.diagram(values["diagram"]),
            packages=tuple(map(package_name, values["packages"])),
        )

    def environment(self, investigation: str, values: dict[str, Any]) -> Environment:
        lock = f"conf/requirements/{investigation}/{values['id']}.txt"
        for name in ("install", "imports"):
            values[name] = tuple(values[name])
        return Environment(**values, lock=lock)

    def pattern(self, values: dict[str, Any]) -> Pattern:
        values["function"] = values["function"] or values["id"].replace("-", "_")
        return Pattern(**values)

    def diagram(self, table: dict[str, Any]) -> Diagram:
        values = self.table("diagram", table, _DIAGRAM_KEYS)
        bars = []
        for number, bar in enumerate(values["bar"], start=1):
            bar = self.table(f"diagram.bar[{number}]", bar, _BAR_KEYS)
            bars.append(Bar(**{**bar, "touches": tuple(bar["touches"])}))
        return Diagram(
            experiments=tuple(values["experiments"]),
            lane=values["lane"],
            bars=tuple(bars),
            markers=tuple(values["markers"]),
            lane_title=values["lane_title"] or values["lane"],
        )

    def document(self, id: str) -> dict[str, Any]:
        """Return the parsed file; raise PlanError where it is missing or no TOML."""
        try:
            return tomllib.loads((self.root / self.file).read_text(encoding="utf-8"))
        except FileNotFoundError:
            mend = f"write it, or {one_of(id, find(self.root))}"
            raise PlanError(self.file, "file", "there is none", mend) from None
        except UnicodeDecodeError as error:
            raise PlanError(self.file, "file", str(error), "save it as UTF-8") from None
        except tomllib.TOMLDecodeError as error:
            # tomllib says where in its message alone (Python 3.11 to 3.13).
            problem, _, place = str(error).rpartition(" (at ")
            raise PlanError(
                self.file, place.rstrip(")"), f"no TOML: {problem}", "mend what stands there"
            ) from None

    def items(
        self, name: str, values: dict[str, Any], keys: dict[str, _Key]
    ) -> Iterator[dict[str, Any]]:
        """Yield the checked tables of one list; raise PlanError for an id that comes twice."""
        seen = set()
        for number, table in enumerate(values[name], start=1):
            id = table.get("id")
            place = f"{name} '{id}'" if is_text(id) else f"{name}[{number}]"
            item = self.table(place, table, keys)
            self.check_id(f"{place}.id", item["id"])
            if item["id"] in seen:
                raise PlanError(
                    self.file, f"{place}.id", f"two of [[{name}]] have it", "write another one"
                )
            seen.add(item["id"])
            yield item

    def table(self, place: str, table: dict[str, Any], keys: dict[str, _Key]) -> dict[str, Any]:
        """Return the table with its defaults; raise PlanError for what `keys` does not permit."""
        inside = f"{place}." if place else ""
        for name in table:
            if name not in keys:
                mend = f"delete it, or {one_of(name, keys)}"
                raise PlanError(self.file, inside + name, "this key is not known", mend)
        for name, key in keys.items():
            if name not in table and key.default is _REQUIRED:
                mend = f"write `{name} =` and {key.kind.name}"
                if key.kind is _TABLES:
                    mend = f"write at least one [[{inside}{name}]]"
                raise PlanError(self.file, inside + name, "this key is missing", mend)
            if name in table and not key.kind.fits(table[name]):
                found = f"{table[name]!r} is not {key.kind.name}"
                raise PlanError(self.file, inside + name, found, f"write {key.kind.name}")
        return {name: table.get(name, key.default) for name, key in keys.items()}

    def check_id(self, place: str, id: str) -> None:
        """Raise PlanError for an id that could not be part of a file's name or an address."""
        if not _PERMITTED_ID.fullmatch(id):
            raise PlanError(
                self.file,
                place,
                f"{id!r} cannot be an id" if id else "the id is empty",
                "write lower-case letters, digits, '-' and '.', a letter or a digit first",
            )


# --- What a file names ----------------------------------------------------------------------------


def _check_references(investigation: Investigation) -> None:
    """Raise PlanError for an id that names nothing declared."""

    def check(place: str, id: str, kind: str, items: Iterable[Named]) -> None:
        try:
            named(investigation.file, kind, items, id)
        except PlanError as error:
            problem = f"{id!r} is not a declared {kind}"
            raise PlanError(investigation.file, place, problem, error.mend) from None

    for environment in investigation.environments:
        place = f"environment '{environment.id}'"
        check(f"{place}.backend", environment.backend, "backend", investigation.backends)
        if environment.differs_from:
            others = [other for other in investigation.environments if other != environment]
            check(f"{place}.differs_from", environment.differs_from, "environment", others)
    for pattern in investigation.patterns:
        place = f"pattern '{pattern.id}'.backend"
        check(place, pattern.backend, "backend", investigation.backends)


def _check_functions(root: Path, investigation: Investigation) -> None:
    """Raise PlanError for a pattern whose function does not stand in its backend's module."""
    for backend in investigation.backends:
        file = source(root, backend.patterns)
        if file is None:
            key = f"backend '{backend.id}'.patterns"
            problem = f"there is no module {backend.patterns!r}"
            raise PlanError(investigation.file, key, problem, "write it, or mend its name")
        known = functions(root, file)
        for pattern in investigation.patterns:
            if pattern.backend == backend.id and pattern.function not in known:
                where = file.relative_to(root).as_posix()
                raise PlanError(
                    investigation.file,
                    f"pattern '{pattern.id}'.function",
                    f"{where} has no function {pattern.function!r}",
                    f"write it there, or {one_of(pattern.function, known)}",
                )
