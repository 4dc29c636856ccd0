"""The mutants: what is changed in libraries, by which operators, and why some changes are harmless.

`conf/<investigation>.mutants.toml` names functions of installed files, the operators that change
them, and the mutants that survive, each with the reason. `casebook.proof.mutants` makes the mutants
of it, `casebook.proof.survival` tries them.
"""

from __future__ import annotations

import hashlib
import json
import string
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path, PurePosixPath
from typing import Any

from casebook.plan import toml_reader
from casebook.plan.investigation import Investigation, Setting
from casebook.plan.mistakes import PlanError, one_of

WITH_NAMES = frozenset({"drop", "repeat", "instead", "without", "undecorate", "replace"})
"""The kinds of operator that need `names`: of methods, or for `replace` whole expressions."""

WITH_BY = frozenset({"instead", "answer", "replace"})
"""The kinds of operator that need `by`: what stands in place of what was there."""

MAY_HAVE_NAMES = frozenset({"keep", "keep-in-module"})
"""The kinds of operator that may have `names`: of what is called, or everything without."""

KINDS = WITH_NAMES | WITH_BY | MAY_HAVE_NAMES | {"negate", "flip"}
"""Every kind of operator; `casebook.proof.operators` says what each does."""


@dataclass(frozen=True, slots=True)
class Operator:
    """A way to change a function: its kind, what it concerns, and a title for what comes of it.

    In `title`, `{function}` stands for the function that is changed, and `{code}` for the code.
    """

    id: str
    kind: str
    title: str
    names: tuple[str, ...] = ()
    by: str = ""


@dataclass(frozen=True, slots=True)
class Target:
    """Functions of one installed file that operators change in one setting.

    `functions` are qualified names, in which `*` stands for anything. `patterns` are those whose
    cells run besides the controls; all of the environment's if there are none.
    """

    environment: str
    database: str
    file: str
    functions: tuple[str, ...]
    operators: tuple[Operator, ...]
    patterns: tuple[str, ...] = ()

    @property
    def setting(self) -> Setting:
        """The setting whose copy is changed."""
        return Setting(self.environment, self.database)

    @property
    def digest(self) -> str:
        """The hexadecimal SHA-256 of all that the target says."""
        return hashlib.sha256(json.dumps(asdict(self)).encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class DeclaredMutants:
    """The content of a mutants file. `harmless` maps a mutant's id to why it must survive.

    `time_limit` is for one run of one cell with a mutant, in seconds; 0 is the investigation's.
    """

    targets: tuple[Target, ...] = ()
    harmless: Mapping[str, str] = field(default_factory=dict)
    time_limit: float = 0


def mutants_file(investigation: str) -> str:
    """Return the path of an investigation's mutants file, relative to the project."""
    return f"conf/{investigation}.mutants.toml"


def read_mutants(root: Path, investigation: Investigation) -> DeclaredMutants:
    """Return the content of the investigation's mutants file, empty if there is no such file.

    Raises PlanError for the first mistake in it.
    """
    file = mutants_file(investigation.id)
    if not (root / file).exists():
        return DeclaredMutants()
    return _Reader(root, file, investigation).declared()


_FILE_KEYS = {
    "time_limit": toml_reader.Key(
        toml_reader.SECONDS, 0, says="seconds for one cell; without it the investigation's"
    ),
    "operator": toml_reader.Key(toml_reader.TABLES, says="how functions are changed"),
    "target": toml_reader.Key(toml_reader.TABLES, says="which functions"),
    "harmless": toml_reader.Key(toml_reader.TABLES, [], says="mutants that nobody can notice"),
}
_OPERATOR_KEYS = {
    "id": toml_reader.Key(toml_reader.ID, says="its id"),
    "kind": toml_reader.Key(toml_reader.TEXT, says="what it does: one of those below"),
    "title": toml_reader.Key(
        toml_reader.TEXT, says="what it does, in a sentence with `{function}` and `{code}`"
    ),
    "names": toml_reader.Key(toml_reader.TEXTS, [], says="the names that it looks for"),
    "by": toml_reader.Key(toml_reader.TEXT, "", says="what it writes instead"),
}
_TARGET_KEYS = {
    "environment": toml_reader.Key(toml_reader.TEXT, says="the environment"),
    "database": toml_reader.Key(toml_reader.TEXT, "", says="the database; without it the first"),
    "file": toml_reader.Key(toml_reader.TEXT, says="the file, in site-packages"),
    "functions": toml_reader.Key(toml_reader.SOME_TEXTS, says="the functions, which may hold `*`"),
    "operators": toml_reader.Key(toml_reader.SOME_TEXTS, says="the operators"),
    "patterns": toml_reader.Key(toml_reader.TEXTS, [], says="more patterns that run"),
}
_HARMLESS_KEYS = {
    "mutants": toml_reader.Key(toml_reader.SOME_TEXTS, says="the mutants"),
    "why": toml_reader.Key(toml_reader.TEXT, says="why nobody can notice them"),
}


class _Reader(toml_reader.Reader):
    def __init__(self, root: Path, file: str, investigation: Investigation) -> None:
        super().__init__(root, file)
        self.asked = investigation

    def declared(self) -> DeclaredMutants:
        values = self.table("", self.document(self.asked.id), _FILE_KEYS)
        operators = {
            table["id"]: self.operator(table)
            for table in self.items("operator", values, _OPERATOR_KEYS)
        }
        targets = tuple(
            self.target(place, table, operators)
            for place, table in self.rows("target", values["target"], _TARGET_KEYS)
        )
        used = {operator.id for target in targets for operator in target.operators}
        for id in operators:
            if id not in used:
                problem, fix = "no target names this operator", "delete it, or name it in a target"
                raise PlanError(self.file, f"operator '{id}'", problem, fix)
        harmless = dict(self.harmless(values["harmless"]))
        return DeclaredMutants(targets, harmless, values["time_limit"])

    def operator(self, values: dict[str, Any]) -> Operator:
        place = f"operator '{values['id']}'"
        kind = values["kind"]
        if kind not in KINDS:
            fix = one_of(kind, sorted(KINDS))
            raise PlanError(self.file, f"{place}.kind", f"unknown kind {kind!r}", fix)
        for key, kinds in (("names", WITH_NAMES), ("by", WITH_BY)):
            optional = key == "names" and kind in MAY_HAVE_NAMES
            if not optional and bool(values[key]) != (kind in kinds):
                problem = f"the kind {kind!r} {'needs' if kind in kinds else 'takes no'} `{key}`"
                fix = "add it" if kind in kinds else "delete it"
                raise PlanError(self.file, f"{place}.{key}", problem, fix)
        for _, name, _, _ in string.Formatter().parse(values["title"]):
            if name not in (None, "function", "code"):
                fix = "write {function} or {code}"
                raise PlanError(self.file, f"{place}.title", f"unknown {{{name}}}", fix)
        return Operator(**values)

    def target(self, place: str, values: dict[str, Any], operators: dict[str, Operator]) -> Target:
        values["database"] = values["database"] or self.asked.databases[0]
        ids = [environment.id for environment in self.asked.environments]
        self.known(f"{place}.environment", values["environment"], ids)
        self.known(f"{place}.database", values["database"], self.asked.databases)
        if self.asked.database(values["database"]).server:
            problem, fix = f"{values['database']!r} has a server", "name a database without one"
            raise PlanError(self.file, f"{place}.database", problem, fix)
        path = PurePosixPath(values["file"])
        if path.is_absolute() or ".." in path.parts:
            fix = "write the path inside site-packages"
            raise PlanError(self.file, f"{place}.file", f"{path} is outside", fix)
        home = self.asked.environment(values["environment"])
        patterns = [one.id for one in self.asked.patterns_in(home) if not one.control]
        for id in values["patterns"]:
            self.known(f"{place}.patterns", id, patterns)
        for id in values["operators"]:
            self.known(f"{place}.operators", id, operators)
        chosen = tuple(operators[id] for id in values["operators"])
        return Target(**values | {"operators": chosen})

    def harmless(self, tables: Iterable[dict[str, Any]]) -> Iterator[tuple[str, str]]:
        seen: set[str] = set()
        for place, values in self.rows("harmless", tables, _HARMLESS_KEYS):
            for id in values["mutants"]:
                if id in seen:
                    problem, fix = f"{id} has a reason twice", "delete one of them"
                    raise PlanError(self.file, f"{place}.mutants", problem, fix)
                seen.add(id)
                yield id, values["why"]

    def known(self, place: str, id: str, ids: Iterable[str]) -> None:
        """Raise PlanError if the id is none of these."""
        if id not in (ids := list(ids)):
            raise PlanError(self.file, place, f"unknown {id!r}", one_of(id, ids))


KEYS = {
    "": _FILE_KEYS,
    "[[operator]]": _OPERATOR_KEYS,
    "[[target]]": _TARGET_KEYS,
    "[[harmless]]": _HARMLESS_KEYS,
}
"""The keys of each table of a file of mutants, for the reference."""
