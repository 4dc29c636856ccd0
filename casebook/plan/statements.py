"""The statements: what earlier reports said, quoted, and what each is bound to.

`conf/<investigation>.statements.toml` holds them; `casebook.stated` says what became of them. Like
the plan, this module uses the standard library alone.
"""

from __future__ import annotations

import functools
import importlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from casebook.plan.claims import concerns, importing_from
from casebook.plan.investigation import Environment, Investigation, Pattern, PlanError, one_of
from casebook.plan.references import check_renamed
from casebook.plan.sources import source, sources
from casebook.plan.toml_reader import ID, SOME_TEXTS, TABLES, TEXT, TEXTS, Key, Kind, Reader
from casebook.record import Check, Claim

SAYS = ("supported", "refuted")
"""What a statement may say of a claim or a check."""

REQUIRED = "required"
"""What stands in a binding for every claim that is required of a pattern."""


@dataclass(frozen=True, slots=True)
class Source:
    """An earlier report: its file's name, what a reader calls it, when it was written."""

    id: str
    file: str
    title: str
    written: str


@dataclass(frozen=True, slots=True)
class Quotation:
    """Words of a source, as they stand in a section; of a table, with their row and column."""

    source: str
    section: str
    quote: str
    cell: tuple[str, ...] = ()

    @property
    def text(self) -> str:
        """The quotation in one text: a table's cell is told by its row and its column."""
        return ": ".join([" | ".join(self.cell), self.quote]) if self.cell else self.quote


@dataclass(frozen=True, slots=True)
class Binding:
    """What decides a statement, or a part of it: claims or one check, and where they are asked.

    `says` is the verdict that the statement says they have: that each claim is supported, or that
    one is refuted. Where `because` is not empty, their
    reason has to contain it. Empty `environments` are all in which a pattern runs and which can be
    imported, empty `databases` all.
    """

    claims: tuple[str, ...]
    check: str
    of: str
    patterns: tuple[str, ...]
    environments: tuple[str, ...]
    databases: tuple[str, ...]
    says: str
    because: str


@dataclass(frozen=True, slots=True)
class Statement:
    """A sentence, a cell, an example or a command of earlier reports.

    It is bound, or `opinion` says why nothing could decide it. `reading` is how the words are
    understood, where that needs saying.
    """

    id: str
    quotations: tuple[Quotation, ...]
    bindings: tuple[Binding, ...]
    opinion: str
    reading: str


@dataclass(frozen=True, slots=True)
class Nothing:
    """Texts of a source that state nothing, and why; `section` is "" for headings."""

    source: str
    section: str
    why: str
    texts: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Statements:
    """All that earlier reports said, in the order of the file."""

    file: str
    sources: tuple[Source, ...]
    statements: tuple[Statement, ...]
    nothing: tuple[Nothing, ...]

    def source(self, id: str) -> Source:
        """Return the source of this id, which the reader made sure of."""
        return next(one for one in self.sources if one.id == id)


# --- Reading --------------------------------------------------------------------------------------

_SAYS = Kind('"supported" or "refuted"', lambda value: value in SAYS)

_FILE_KEYS = {
    "checks": Key(TEXT, ""),
    "source": Key(TABLES),
    "statement": Key(TABLES),
    "nothing": Key(TABLES, []),
}
_SOURCE_KEYS = {
    "id": Key(ID),
    "file": Key(TEXT),
    "title": Key(TEXT),
    "written": Key(TEXT),
}
_STATEMENT_KEYS = {
    "id": Key(ID),
    "quotation": Key(TABLES),
    "finding": Key(TABLES, []),
    "check": Key(TABLES, []),
    "opinion": Key(TEXT, ""),
    "reading": Key(TEXT, ""),
}
_QUOTATION_KEYS = {
    "source": Key(TEXT),
    "section": Key(TEXT),
    "quote": Key(TEXT),
    "cell": Key(SOME_TEXTS, []),
}
_PLACE_KEYS = {
    "patterns": Key(SOME_TEXTS),
    "environments": Key(TEXTS, []),
    "databases": Key(TEXTS, []),
    "says": Key(_SAYS),
    "because": Key(TEXT, ""),
}
_FINDING_KEYS = {"claims": Key(SOME_TEXTS), **_PLACE_KEYS}
_CHECK_KEYS = {"check": Key(TEXT), "of": Key(TEXT, ""), **_PLACE_KEYS}
_NOTHING_KEYS = {
    "source": Key(TEXT),
    "section": Key(TEXT, ""),
    "why": Key(TEXT),
    "texts": Key(SOME_TEXTS),
}


def statements_file(investigation: Investigation) -> str:
    """Return the file of an investigation's statements, relative to the project."""
    return f"conf/{investigation.id}.statements.toml"


def read_statements(
    root: Path, investigation: Investigation, claims: Sequence[Claim]
) -> Statements | None:
    """Return an investigation's statements, or None where it has none.

    Raises PlanError for the first thing that is wrong: in the form, in a name that names nothing
    declared, or in a binding that nothing could decide.
    """
    if not (root / statements_file(investigation)).is_file():
        check_renamed(investigation, "statement", ())
        return None
    reader = _StatementsReader(root, statements_file(investigation))
    reader.required = tuple(one.id for one in claims if one.required and not one.about)
    found = reader.statements(investigation.id)
    known = {one.id: one for one in read_checks(root, investigation)}
    _Names(found.file, investigation, {one.id: one for one in claims}, known).check(found)
    check_renamed(investigation, "statement", [one.id for one in found.statements])
    return found


class _StatementsReader(Reader):
    """Reads one file of statements strictly; `required` are the claims that REQUIRED stands for."""

    required: tuple[str, ...] = ()

    def statements(self, id: str) -> Statements:
        values = self.table("", self.document(id), _FILE_KEYS)
        return Statements(
            file=self.file,
            sources=tuple(Source(**one) for one in self.items("source", values, _SOURCE_KEYS)),
            statements=tuple(
                self.statement(one) for one in self.items("statement", values, _STATEMENT_KEYS)
            ),
            nothing=tuple(self.parts("nothing", "", values["nothing"], _NOTHING_KEYS, Nothing)),
        )

    def statement(self, values: dict[str, Any]) -> Statement:
        place = f"statement '{values['id']}'"
        if not values["quotation"]:
            mend = f"write at least one [[{place.split()[0]}.quotation]]"
            raise PlanError(self.file, f"{place}.quotation", "nothing is quoted", mend)
        bound = values["finding"] or values["check"]
        if bool(bound) == bool(values["opinion"]):
            problem = "it is bound and an opinion" if bound else "nothing decides it"
            mend = "write [[statement.finding]] or [[statement.check]], or else `opinion =` and why"
            raise PlanError(self.file, place, problem, mend)
        nothing = {"claims": [], "check": "", "of": ""}
        return Statement(
            id=values["id"],
            quotations=tuple(
                self.parts(place, "quotation", values["quotation"], _QUOTATION_KEYS, Quotation)
            ),
            bindings=(
                *self.parts(place, "finding", values["finding"], _FINDING_KEYS, Binding, nothing),
                *self.parts(place, "check", values["check"], _CHECK_KEYS, Binding, nothing),
            ),
            opinion=values["opinion"],
            reading=values["reading"],
        )

    def parts(
        self,
        place: str,
        name: str,
        tables: Iterable[dict[str, Any]],
        keys: dict[str, Key],
        form: type[Any],
        others: dict[str, Any] | None = None,
    ) -> Iterator[Any]:
        """Yield each of a list's checked tables in its form, lists as tuples."""
        for number, table in enumerate(tables, start=1):
            inside = f"{place}.{name}" if name else place
            values = (others or {}) | self.table(f"{inside}[{number}]", table, keys)
            if values.get("claims") == [REQUIRED]:
                values["claims"] = self.required
            yield form(
                **{
                    key: tuple(value) if isinstance(value, list) else value
                    for key, value in values.items()
                }
            )


@dataclass(frozen=True, slots=True)
class _Names:
    """Whether all that statements name is declared, and whether it meets."""

    file: str
    investigation: Investigation
    claims: dict[str, Claim]
    checks: dict[str, Check]

    def check(self, statements: Statements) -> None:
        """Raise PlanError for a name that names nothing, and for a binding that decides nothing."""
        files = [one.id for one in statements.sources]
        for statement in statements.statements:
            place = f"statement '{statement.id}'"
            for number, quotation in enumerate(statement.quotations, start=1):
                key = f"{place}.quotation[{number}]"
                self.known(f"{key}.source", "source", quotation.source, files)
            counts = {"finding": 0, "check": 0}
            for binding in statement.bindings:
                kind = "check" if binding.check else "finding"
                counts[kind] += 1
                self.binding(f"{place}.{kind}[{counts[kind]}]", binding)
        for number, nothing in enumerate(statements.nothing, start=1):
            self.known(f"nothing[{number}].source", "source", nothing.source, files)

    def known(self, key: str, kind: str, name: str, names: Iterable[str]) -> None:
        names = list(names)
        if name not in names:
            problem = f"{name!r} is not a declared {kind}"
            raise PlanError(self.file, key, problem, one_of(name, names))

    def binding(self, key: str, binding: Binding) -> None:
        asked = self.investigation
        for name in binding.claims:
            self.known(f"{key}.claims", "claim", name, self.claims)
        if binding.check:
            self.known(f"{key}.check", "check", binding.check, self.checks)
        for name in binding.patterns:
            self.known(f"{key}.patterns", "pattern", name, (one.id for one in asked.patterns))
        for name in binding.environments:
            names = (one.id for one in asked.environments)
            self.known(f"{key}.environments", "environment", name, names)
        for name in binding.databases:
            self.known(f"{key}.databases", "database", name, asked.databases)
        for name in binding.patterns:
            self.meets(key, binding, asked.pattern(name))

    def meets(self, key: str, binding: Binding, pattern: Pattern) -> None:
        """Raise PlanError where a pattern is not asked what the binding asks, or not there."""
        about = self.checks[binding.check].about if binding.check else pattern.about
        foreign = [one for one in binding.claims if not concerns(self.claims[one], pattern)]
        if foreign or about != pattern.about:
            what = f"claim {foreign[0]!r}" if foreign else f"check {binding.check!r}"
            problem = f"{what} is not asked of {pattern.id!r}"
            mend = "write a pattern that is about the same, or leave it out"
            raise PlanError(self.file, f"{key}.patterns", problem, mend)
        for name in binding.environments:
            environment = self.investigation.environment(name)
            if pattern not in self.investigation.patterns_in(environment):
                running = [one.id for one in environments(self.investigation, pattern)]
                raise PlanError(
                    self.file,
                    f"{key}.environments",
                    f"{pattern.id!r} does not run in {name!r}",
                    one_of(name, running),
                )


def environments(investigation: Investigation, pattern: Pattern) -> Iterator[Environment]:
    """Yield the environments in which a pattern runs."""
    for environment in investigation.environments:
        if pattern in investigation.patterns_in(environment):
            yield environment


# --- Checks ---------------------------------------------------------------------------------------


def checks_module(root: Path, investigation: Investigation) -> str:
    """Return the dotted name of the module of an investigation's checks, "" without one.

    Raises PlanError where the file of the statements is no TOML or holds what it may not.
    """
    file = statements_file(investigation)
    if not (root / file).is_file():
        return ""
    reader = _StatementsReader(root, file)
    name: str = reader.table("", reader.document(investigation.id), _FILE_KEYS)["checks"]
    return name


def read_checks(root: Path, investigation: Investigation) -> tuple[Check, ...]:
    """Return the checks that statements may be bound to, in the order of their module.

    Raises PlanError where the module cannot be imported, or where a check asks for an experiment
    that is not there.
    """
    name = checks_module(root, investigation)
    if not name:
        return ()
    file = source(root, name)
    if file is None:
        problem = f"there is no module {name!r}"
        raise PlanError(
            statements_file(investigation), "checks", problem, "write it, or mend its name"
        )
    stamp = tuple(
        (one, status.st_mtime_ns, status.st_size)
        for one in sources(root, name.rpartition(".")[0])
        for status in [one.stat()]
    )
    return _checks(root, investigation, name, file.relative_to(root).as_posix(), stamp)


@functools.lru_cache(maxsize=16)
def _checks(
    root: Path, investigation: Investigation, name: str, file: str, stamp: tuple[Any, ...]
) -> tuple[Check, ...]:
    # `stamp` is a part of the cache's key: the checks are imported again when a file changed.
    with importing_from(root, name.partition(".")[0]):
        try:
            imported = importlib.import_module(name)
        except Exception as error:
            problem = f"{type(error).__name__}: {error}"
            mend = "checks import the standard library and casebook.record alone"
            raise PlanError(file, "import", problem, mend) from error
    found = [value for value in vars(imported).values() if isinstance(value, Check)]
    for check in found:
        for experiment in check.experiments:
            wanted = investigation.experiment_module(experiment)
            if source(root, wanted) is None:
                key = f"check '{check.id}'.experiments"
                problem = f"there is no module {wanted!r} for {experiment!r}"
                raise PlanError(file, key, problem, "write it, or mend its name")
    return tuple(found)
