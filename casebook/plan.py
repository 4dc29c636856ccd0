"""The plan: what is asked, read from `conf/`, and the cells that follow from it.

nox reads this module where nothing is installed, so it uses the standard library alone. It never
imports a pattern's module, which needs the libraries under test: it parses it.
"""

from __future__ import annotations

import ast
import difflib
import functools
import hashlib
import importlib
import math
import re
import sys
import tomllib
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from casebook.record import Claim


class PlanError(Exception):
    """Something in `conf/`, or in a module that it names, is wrong.

    `file` is a path relative to the project, `key` the place in it (`pattern 'db'.backend`, or
    `pattern[3].id` for the third pattern, which has no id), `mend` what to do about it.
    """

    def __init__(self, file: str, key: str, problem: str, mend: str) -> None:
        super().__init__(f"{file}: {key}: {problem}: {mend}")
        self.file = file
        self.key = key
        self.mend = mend


@dataclass(frozen=True, slots=True)
class Backend:
    """A library that supplies the session; `patterns` is the module of its patterns, dotted."""

    id: str
    title: str
    patterns: str
    url: str = ""


@dataclass(frozen=True, slots=True)
class Environment:
    """One locked set of releases. `lock` is the lock's path relative to the project.

    `install` is what the lock is compiled from, `imports` what must import before a pattern runs,
    `source` where the installation is documented, `differs_from` the environment that this one
    stands beside because it differs in one package, or "".
    """

    id: str
    title: str
    backend: str
    install: tuple[str, ...]
    imports: tuple[str, ...]
    source: str
    differs_from: str
    lock: str

    @property
    def unresolved(self) -> str:
        """The file that stands in the lock's place, with the resolver's reason, where none fits."""
        return self.lock.removesuffix(".txt") + ".unresolved"


@dataclass(frozen=True, slots=True)
class Pattern:
    """One way to hand the session over; `function` is its function in the backend's module."""

    id: str
    title: str
    backend: str
    control: bool
    function: str


Named = TypeVar("Named", Backend, Environment, Pattern)


@dataclass(frozen=True, slots=True)
class Bar:
    """How one letter of labels is drawn: what opens and closes its bar, and what touches it."""

    label: str
    title: str
    opens: str
    closes: str
    touches: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Diagram:
    """Which experiments' histories are drawn, and how: one lane for each label of letter `lane`."""

    experiments: tuple[str, ...]
    lane: str
    bars: tuple[Bar, ...]
    markers: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class PlannedCell:
    """One pattern under one experiment, in one environment, with one database."""

    environment: str
    database: str
    pattern: str
    experiment: str


@dataclass(frozen=True, slots=True)
class Investigation:
    """A question with its environments, patterns and claims. `id` is its TOML file's stem."""

    id: str
    title: str
    question: str
    experiments: str
    claims: str
    databases: tuple[str, ...]
    time_limit: float
    backends: tuple[Backend, ...]
    environments: tuple[Environment, ...]
    patterns: tuple[Pattern, ...]
    diagram: Diagram | None

    @property
    def file(self) -> str:
        """The TOML file that declares the investigation, relative to the project."""
        return f"conf/{self.id}.toml"

    @property
    def controls(self) -> tuple[Pattern, ...]:
        """The patterns that are built to be right or to be wrong, as declared."""
        return tuple(pattern for pattern in self.patterns if pattern.control)

    def backend(self, id: str) -> Backend:
        """Return the backend of this id; raise PlanError where none is declared."""
        return _named(self.file, "backend", self.backends, id)

    def environment(self, id: str) -> Environment:
        """Return the environment of this id; raise PlanError where none is declared."""
        return _named(self.file, "environment", self.environments, id)

    def pattern(self, id: str) -> Pattern:
        """Return the pattern of this id; raise PlanError where none is declared."""
        return _named(self.file, "pattern", self.patterns, id)

    def patterns_in(self, environment: Environment) -> tuple[Pattern, ...]:
        """Return what runs in an environment: its backend's patterns and every control, once."""
        return tuple(
            pattern
            for pattern in self.patterns
            if pattern.control or pattern.backend == environment.backend
        )

    def experiment_module(self, experiment: str) -> str:
        """Return the dotted name of an experiment's module: its id with underscores."""
        return f"{self.experiments}.{experiment.replace('-', '_')}"


# --- Reading --------------------------------------------------------------------------------------


def find(root: Path) -> tuple[str, ...]:
    """Return the ids of the investigations that `conf/` declares, sorted."""
    return tuple(
        sorted(
            file.stem
            for file in (root / "conf").glob("*.toml")
            if file.name != "site.toml" and not file.name.endswith(".statements.toml")
        )
    )


def read(root: Path, id: str) -> Investigation:
    """Return one investigation, with its locks and its patterns' functions in place.

    Raises PlanError for the first thing that is wrong.
    """
    investigation = read_unlocked(root, id)
    for environment in investigation.environments:
        if not any((root / path).is_file() for path in (environment.lock, environment.unresolved)):
            raise PlanError(
                investigation.file,
                f"environment '{environment.id}'.lock",
                f"there is no {environment.lock}",
                "write it with `nox -s lock`",
            )
    return investigation


def read_unlocked(root: Path, id: str) -> Investigation:
    """Return one investigation whose locks may be missing, as they are before `nox -s lock`."""
    investigation = _Reader(root, f"conf/{id}.toml").investigation(id)
    _check_references(investigation)
    _check_functions(root, investigation)
    return investigation


def read_all(root: Path) -> tuple[Investigation, ...]:
    """Return every investigation. Raises PlanError, also for two with an environment of one id."""
    investigations = tuple(read(root, id) for id in find(root))
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
    return investigations


@dataclass(frozen=True, slots=True)
class _Kind:
    """What a value must be: in words, and as a test."""

    name: str
    fits: Callable[[Any], bool]


def _is_text(value: Any) -> bool:
    return isinstance(value, str) and bool(value.strip())


def _is_list_of(fits: Callable[[Any], bool]) -> Callable[[Any], bool]:
    return lambda value: isinstance(value, list) and all(map(fits, value))


def _is_table(value: Any) -> bool:
    return isinstance(value, dict)


def _is_seconds(value: Any) -> bool:
    # A bool is an int to Python, and TOML can write `inf`.
    return type(value) in (int, float) and math.isfinite(value) and value > 0


_TEXT = _Kind("a text that is not empty", _is_text)
_ID = _Kind("a text", lambda value: isinstance(value, str))
_TEXTS = _Kind("a list of texts", _is_list_of(_is_text))
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
    "imports": _Key(_TEXTS),
    "source": _Key(_TEXT),
    "differs_from": _Key(_TEXT, ""),
}
_PATTERN_KEYS = {
    "id": _Key(_ID),
    "title": _Key(_TEXT),
    "backend": _Key(_TEXT),
    "control": _Key(_FLAG, False),
    "function": _Key(_TEXT, None),
}
_DIAGRAM_KEYS = {
    "experiments": _Key(_TEXTS),
    "lane": _Key(_TEXT),
    "bar": _Key(_TABLES),
    "markers": _Key(_TEXTS, []),
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
        )

    def document(self, id: str) -> dict[str, Any]:
        """Return the parsed file; raise PlanError where it is missing or no TOML."""
        try:
            return tomllib.loads((self.root / self.file).read_text(encoding="utf-8"))
        except FileNotFoundError:
            mend = f"write it, or {_one_of(id, find(self.root))}"
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
            place = f"{name} '{id}'" if _is_text(id) else f"{name}[{number}]"
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
                mend = f"delete it, or {_one_of(name, keys)}"
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


def _named(file: str, kind: str, items: Iterable[Named], id: str) -> Named:
    declared = {item.id: item for item in items}
    if id not in declared:
        mend = f"declare it under [[{kind}]], or {_one_of(id, declared)}"
        raise PlanError(file, kind, f"{id!r} is not declared", mend)
    return declared[id]


def _one_of(word: str, known: Iterable[str]) -> str:
    """Return the words "write ..." for a word that should have been one of the known."""
    known = list(known)
    similar = difflib.get_close_matches(word, known, n=1)
    if similar:
        return f"write {similar[0]!r} if you meant that"
    return "write one of " + ", ".join(map(repr, known)) if known else "add the first"


def _check_references(investigation: Investigation) -> None:
    """Raise PlanError for an id that names nothing declared."""

    def check(place: str, id: str, kind: str, items: Iterable[Named]) -> None:
        try:
            _named(investigation.file, kind, items, id)
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
        functions = _functions(root, file)
        for pattern in investigation.patterns:
            if pattern.backend == backend.id and pattern.function not in functions:
                where = file.relative_to(root).as_posix()
                raise PlanError(
                    investigation.file,
                    f"pattern '{pattern.id}'.function",
                    f"{where} has no function {pattern.function!r}",
                    f"write it there, or {_one_of(pattern.function, functions)}",
                )


def _functions(root: Path, file: Path) -> list[str]:
    """Return the names of a module's functions, in order, doubled where they are defined twice."""
    try:
        tree = ast.parse(file.read_bytes(), filename=str(file))
    except SyntaxError as error:
        place = f"line {error.lineno}"
        raise PlanError(
            file.relative_to(root).as_posix(), place, f"no Python: {error.msg}", "mend it"
        ) from None
    return [node.name for node in tree.body if isinstance(node, ast.FunctionDef)]


def source(root: Path, module: str) -> Path | None:
    """Return the file of a module of the project, without importing it, or None without one."""
    path = root.joinpath(*module.split("."))
    for file in (path.with_name(f"{path.name}.py"), path / "__init__.py"):
        if file.is_file():
            return file
    return None


# --- Claims ---------------------------------------------------------------------------------------


def claims(root: Path, investigation: Investigation) -> tuple[Claim, ...]:
    """Return the investigation's claims in the order in which they are defined.

    Raises PlanError where the module cannot be imported or a claim could not mean anything:
    without controls, without an experiment's module, or with an id that another one has.
    """
    file = source(root, investigation.claims)
    if file is None:
        problem = f"there is no module {investigation.claims!r}"
        raise PlanError(investigation.file, "claims", problem, "write it, or mend its name")
    stamp = tuple(
        (path, status.st_mtime_ns, status.st_size)
        for path in _files(root, investigation)
        for status in [(root / path).stat()]
    )
    return _checked_claims(root, investigation, file, stamp)


@functools.lru_cache(maxsize=16)
def _checked_claims(
    root: Path, investigation: Investigation, file: Path, stamp: tuple[Any, ...]
) -> tuple[Claim, ...]:
    # `stamp` is a part of the cache's key: the claims are imported again when a file changed.
    name = file.relative_to(root).as_posix()
    functions = _functions(root, file)
    for function in functions:
        if functions.count(function) > 1:
            key = f"claim '{function.replace('_', '-')}'"
            raise PlanError(name, key, "it is defined twice", "write another name")
    found: dict[str, Claim] = {}
    for claim in _imported_claims(root, investigation, name):
        if found.setdefault(claim.id, claim) is not claim:
            raise PlanError(
                name, f"claim '{claim.id}'", "two claims have this id", "write another name"
            )
    for claim in found.values():
        _check_claim(root, investigation, name, claim)
    gates = [claim.id for claim in found.values() if claim.gate]
    if len(gates) != 1:
        problem = f"{' and '.join(gates)} are gates" if gates else "no claim is the gate"
        mend = "write `gate=True` for the one claim that a pattern can be set up at all"
        raise PlanError(name, "gate", problem, mend)
    for experiment in investigation.diagram.experiments if investigation.diagram else ():
        asked = experiments_of(found.values())
        if experiment not in asked:
            problem = f"no claim asks for {experiment!r}"
            mend = _one_of(experiment, asked)
            raise PlanError(investigation.file, "diagram.experiments", problem, mend)
    return tuple(found.values())


def _imported_claims(root: Path, investigation: Investigation, name: str) -> list[Claim]:
    with _importing_from(root, investigation.claims.partition(".")[0]):
        try:
            module = importlib.import_module(investigation.claims)
        except Exception as error:
            raise PlanError(
                name,
                "import",
                f"{type(error).__name__}: {error}",
                "claims, and the packages that they are in, import the standard library and "
                "casebook.record alone",
            ) from error
    return [value for value in vars(module).values() if isinstance(value, Claim)]


@contextmanager
def _importing_from(root: Path, package: str) -> Iterator[None]:
    """Import `package` from this root, whatever of the same name is imported, and forget it."""

    def is_inside(name: str) -> bool:
        return name == package or name.startswith(f"{package}.")

    kept = {name: module for name, module in sys.modules.items() if is_inside(name)}
    for name in kept:
        del sys.modules[name]
    sys.path.insert(0, str(root))
    importlib.invalidate_caches()
    try:
        yield
    finally:
        sys.path.remove(str(root))
        for name in [name for name in sys.modules if is_inside(name)]:
            del sys.modules[name]
        sys.modules.update(kept)


def _check_claim(root: Path, investigation: Investigation, file: str, claim: Claim) -> None:
    """Raise PlanError for a claim that could not mean anything."""
    place = f"claim '{claim.id}'"
    for name in ("experiments", "supported_by"):
        value = getattr(claim, name)
        if not isinstance(value, tuple) or not value:
            problem = f"{value!r} is no tuple of at least one id"
            raise PlanError(file, f"{place}.{name}", problem, f"write `{name}=('an-id',)`")
    if not claim.refuted_by:
        mend = "name a control that is wrong in the way of the claim, and the reason's words"
        raise PlanError(file, f"{place}.refuted_by", "no control refutes it", mend)
    for control, phrase in claim.refuted_by.items():
        if not _is_text(phrase):
            problem = f"no words of the reason why {control!r} refutes it"
            mend = "write words that the refutation's reason must contain"
            raise PlanError(file, f"{place}.refuted_by", problem, mend)
    controls = [pattern.id for pattern in investigation.controls]
    for control in (*claim.controls, *filter(None, [claim.baseline])):
        if control not in controls:
            problem = f"{control!r} is not a declared control"
            mend = f"declare it with `control = true`, or {_one_of(control, controls)}"
            name = "baseline" if control == claim.baseline else "controls"
            raise PlanError(file, f"{place}.{name}", problem, mend)
    for experiment in claim.experiments:
        module = investigation.experiment_module(experiment)
        if source(root, module) is None:
            problem = f"there is no module {module!r} for {experiment!r}"
            raise PlanError(file, f"{place}.experiments", problem, "write it, or mend its name")


def experiments_of(claims: Iterable[Claim]) -> tuple[str, ...]:
    """Return the experiments that claims ask for, each once, in the claims' order."""
    return tuple(dict.fromkeys(experiment for claim in claims for experiment in claim.experiments))


# --- Cells ----------------------------------------------------------------------------------------


def cells(root: Path, investigation: Investigation) -> tuple[PlannedCell, ...]:
    """Return everything that is to be observed, in an order that stays. Raises as `claims` does."""
    experiments = experiments_of(claims(root, investigation))
    return tuple(
        PlannedCell(environment.id, database, pattern.id, experiment)
        for environment in investigation.environments
        for database in investigation.databases
        for pattern in investigation.patterns_in(environment)
        for experiment in experiments
    )


def inputs(
    root: Path, investigation: Investigation, environment: str, pattern: str, experiment: str
) -> tuple[str, ...]:
    """Return the files that could change one cell's history, relative to the project, sorted.

    These are the engine's part that runs inside the environment, the lock, and every module of the
    investigation's package save the claims, other backends' patterns and other experiments.
    """
    lock = _lock(root, investigation.environment(environment))
    own = {
        investigation.backend(investigation.pattern(pattern).backend).patterns,
        investigation.experiment_module(experiment),
    }
    others = {
        investigation.claims,
        *(backend.patterns for backend in investigation.backends),
        *map(investigation.experiment_module, experiments_of(claims(root, investigation))),
    } - own
    foreign = tuple(f"{module.replace('.', '/')}{end}" for module in others for end in (".py", "/"))
    shared = (path for path in _files(root, investigation) if not path.startswith(foreign))
    return tuple(sorted({*shared, *_engine(root), lock}))


def digests(root: Path, paths: Iterable[str]) -> dict[str, str]:
    """Return the hexadecimal SHA-256 of each file by its path, without those that are not there."""
    return {
        path: hashlib.sha256((root / path).read_bytes()).hexdigest()
        for path in paths
        if (root / path).is_file()
    }


def _files(root: Path, investigation: Investigation) -> list[str]:
    """Return the investigation's Python files, and the `__init__.py` of each package around it."""
    folder = root.joinpath(*investigation.experiments.split("."))
    depth = investigation.experiments.count(".")
    around = (package / "__init__.py" for package in list(folder.parents)[:depth])
    files = [*filter(Path.is_file, around), *folder.rglob("*.py")]
    return sorted(file.relative_to(root).as_posix() for file in files)


def _engine(root: Path) -> list[str]:
    names = ("casebook/record.py", "casebook/run.py")
    return [name for name in names if (root / name).is_file()]


def _lock(root: Path, environment: Environment) -> str:
    return environment.lock if (root / environment.lock).is_file() else environment.unresolved
