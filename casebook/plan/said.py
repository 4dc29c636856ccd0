"""Reads what earlier reports said, and the checks that it may be bound to.

That is `conf/<investigation>.statements.toml`, and the module that it names.
"""

from __future__ import annotations

import functools
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

from casebook.claim import Check, Claim
from casebook.plan.bindings import check_bindings
from casebook.plan.importing import imported
from casebook.plan.investigation import Investigation
from casebook.plan.kept import check_sources
from casebook.plan.mistakes import PlanError
from casebook.plan.references import check_renamed
from casebook.plan.sources import source, sources
from casebook.plan.statements import (
    TITLE,
    Binding,
    Nothing,
    Quotation,
    Source,
    Statement,
    Statements,
    is_day,
)
from casebook.plan.toml_reader import ID, SOME_TEXTS, TABLES, TEXT, TEXTS, Key, Kind, Reader

SAYS = ("supported", "refuted")
"""The verdicts that a statement may say a claim or a check has."""

REQUIRED = "required"
"""The word that stands in a binding for every required claim."""

_DAY = Kind('a day, such as "2025-10-18"', lambda value: value == "" or is_day(str(value)))
_CELL = Kind("a row and a column", lambda value: SOME_TEXTS.fits(value) and len(value) == 2)
_SAYS = Kind('"supported" or "refuted"', lambda value: value in SAYS)

_FILE_KEYS = {
    "title": Key(TEXT, TITLE, says="the title of their page"),
    "checks": Key(TEXT, "", says="the module of the checks"),
    "source": Key(TABLES, says="the texts that are quoted: reports, documentation, a changelog"),
    "statement": Key(TABLES, says="what they say"),
    "nothing": Key(TABLES, [], says="parts of them that state nothing"),
}
_SOURCE_KEYS = {
    "id": Key(ID, says="its id"),
    "file": Key(
        TEXT,
        says="its file, relative to the project, which must be there and hold what is quoted",
    ),
    "not_kept": Key(
        TEXT, "", says="why the project does not keep the file; pages say that nothing was compared"
    ),
    "title": Key(TEXT, says="its name"),
    "written": Key(
        TEXT,
        says='when it was written: a day, a month, a year or "unknown"; with `as_of` any words',
    ),
    "as_of": Key(_DAY, "", says="the day whose releases it is about, if it names one"),
    "as_of_because": Key(TEXT, "", says="why that day"),
}
_STATEMENT_KEYS = {
    "id": Key(ID, says="its id"),
    "quotation": Key(TABLES, says="where it is said, and how"),
    "finding": Key(TABLES, [], says="the claims that decide it"),
    "check": Key(TABLES, [], says="the checks that decide it"),
    "opinion": Key(TEXT, "", says="why no history can decide it"),
    "reading": Key(TEXT, "", says="how the sentence is understood"),
}
_QUOTATION_KEYS = {
    "source": Key(TEXT, says="the source"),
    "section": Key(TEXT, "", says="a heading above it; without it, it may stand anywhere"),
    "quote": Key(
        TEXT,
        says="the exact words; white space, marks of Markdown and reStructuredText, the targets of "
        "links and the lines of boxes may differ from the file's",
    ),
    "cell": Key(
        _CELL, [], says="the first cell of its row and what heads its column, if it is in a table"
    ),
}
_PLACE_KEYS = {
    "patterns": Key(SOME_TEXTS, says="the patterns that it is said of"),
    "environments": Key(
        TEXTS, [], says="the environments; without it each declared one that can be imported"
    ),
    "databases": Key(TEXTS, [], says="the databases; without it all"),
    "says": Key(_SAYS, says="the verdict that it says they have"),
    "because": Key(TEXT, "", says="words that the verdict's reason must hold"),
}
_FINDING_KEYS = {"claims": Key(SOME_TEXTS, says="the claims"), **_PLACE_KEYS}
_CHECK_KEYS = {
    "check": Key(TEXT, says="the check"),
    "of": Key(TEXT, "", says="the text that the check gets"),
    **_PLACE_KEYS,
}
_NOTHING_KEYS = {
    "source": Key(TEXT, says="the source"),
    "section": Key(TEXT, "", says="a heading above them"),
    "why": Key(TEXT, says="why they state nothing"),
    "texts": Key(SOME_TEXTS, says="the exact words; a table's cell as `row | column | words`"),
}


def statements_file(investigation: Investigation) -> str:
    """Return the file of an investigation's statements, relative to the project."""
    return f"conf/{investigation.id}.statements.toml"


def read_statements(
    root: Path, investigation: Investigation, claims: Sequence[Claim]
) -> Statements | None:
    """Return an investigation's statements, or None if it has none.

    Raises PlanError for the first mistake: in the form, for a name that is not declared, for a
    binding that no finding could decide, or for a quotation that its source does not hold.
    """
    if not (root / statements_file(investigation)).is_file():
        check_renamed(investigation, "statement", ())
        return None
    reader = _StatementsReader(root, statements_file(investigation))
    reader.required = tuple(claim.id for claim in claims if claim.required and not claim.about)
    found = reader.statements(investigation.id)
    check_bindings(found, investigation, claims, read_checks(root, investigation))
    check_sources(root, found)
    check_renamed(investigation, "statement", [statement.id for statement in found.statements])
    return found


class _StatementsReader(Reader):
    """Reads a statements file; `required` are the claims that REQUIRED stands for."""

    required: tuple[str, ...] = ()

    def statements(self, id: str) -> Statements:
        values = self.table("", self.document(id), _FILE_KEYS)
        return Statements(
            file=self.file,
            sources=tuple(Source(**table) for table in self.items("source", values, _SOURCE_KEYS)),
            statements=tuple(
                self.statement(table) for table in self.items("statement", values, _STATEMENT_KEYS)
            ),
            nothing=tuple(self.parts("nothing", values["nothing"], _NOTHING_KEYS, Nothing)),
            title=values["title"],
        )

    def statement(self, values: dict[str, Any]) -> Statement:
        place = f"statement '{values['id']}'"
        if not values["quotation"]:
            fix = f"add at least one [[{place.split()[0]}.quotation]]"
            raise PlanError(self.file, f"{place}.quotation", "the statement quotes nothing", fix)
        bound = values["finding"] or values["check"]
        if bool(bound) == bool(values["opinion"]):
            problem = "the statement is both bound and an opinion"
            if not bound:
                problem = "the statement is neither bound nor an opinion"
            fix = (
                "write either [[statement.finding]] or [[statement.check]], or `opinion =` and why"
            )
            raise PlanError(self.file, place, problem, fix)
        nothing = {"claims": (), "check": "", "of": ""}
        return Statement(
            id=values["id"],
            quotations=tuple(
                self.parts(f"{place}.quotation", values["quotation"], _QUOTATION_KEYS, Quotation)
            ),
            bindings=(
                *self.parts(f"{place}.finding", values["finding"], _FINDING_KEYS, Binding, nothing),
                *self.parts(f"{place}.check", values["check"], _CHECK_KEYS, Binding, nothing),
            ),
            opinion=values["opinion"],
            reading=values["reading"],
        )

    def parts(
        self,
        place: str,
        tables: Iterable[dict[str, Any]],
        keys: dict[str, Key],
        form: type[Any],
        others: dict[str, Any] | None = None,
    ) -> Iterator[Any]:
        """Yield the checked tables of a list as instances of `form`."""
        for _, values in self.rows(place, tables, keys):
            if values.get("claims") == (REQUIRED,):
                values["claims"] = self.required
            yield form(**(others or {}) | values)


# --- Checks ---------------------------------------------------------------------------------------


def checks_module(root: Path, investigation: Investigation) -> str:
    """Return the dotted name of the module of an investigation's checks, "" without one.

    Raises PlanError if the statements file is not valid TOML or has unknown keys.
    """
    file = statements_file(investigation)
    if not (root / file).is_file():
        return ""
    reader = _StatementsReader(root, file)
    name: str = reader.table("", reader.document(investigation.id), _FILE_KEYS)["checks"]
    return name


def read_checks(root: Path, investigation: Investigation) -> tuple[Check, ...]:
    """Return the checks that statements may be bound to, in the order of their module.

    Raises PlanError if the module cannot be imported, or if a check asks for an experiment that
    does not exist.
    """
    name = checks_module(root, investigation)
    if not name:
        return ()
    file = source(root, name)
    if file is None:
        problem = f"module {name!r} does not exist"
        raise PlanError(
            statements_file(investigation), "checks", problem, "create it, or fix the name"
        )
    stamp = tuple(
        (path, status.st_mtime_ns, status.st_size)
        for path in sources(root, name.rpartition(".")[0])
        for status in [path.stat()]
    )
    return _checks(root, investigation, name, file.relative_to(root).as_posix(), stamp)


@functools.lru_cache(maxsize=16)
def _checks(
    root: Path, investigation: Investigation, name: str, file: str, stamp: tuple[Any, ...]
) -> tuple[Check, ...]:
    # `stamp` is a part of the cache's key: the checks are imported again when a file changed.
    module = imported(root, name, file)
    found = [value for value in vars(module).values() if isinstance(value, Check)]
    for check in found:
        for experiment in check.experiments:
            wanted = investigation.experiment_module(experiment)
            if source(root, wanted) is None:
                key = f"check '{check.id}'.experiments"
                problem = f"module {wanted!r} of experiment {experiment!r} does not exist"
                raise PlanError(file, key, problem, "create it, or fix the name")
    return tuple(found)


KEYS = {
    "": _FILE_KEYS,
    "[[source]]": _SOURCE_KEYS,
    "[[statement]]": _STATEMENT_KEYS,
    "quotation": _QUOTATION_KEYS,
    "finding": _FINDING_KEYS,
    "check": _CHECK_KEYS,
    "[[nothing]]": _NOTHING_KEYS,
}
"""The keys of each table of a file of statements, for the reference."""
