"""Checks the sources of statements: their days, that the project keeps them, and what they say."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from casebook.plan.mistakes import PlanError, one_of
from casebook.plan.quoted import Text, mistake, mistaken_text
from casebook.plan.statements import Source, Statements

UNKNOWN = "unknown"
"""What `written` is of a source that does not say when it was written."""

_MONTH_OR_YEAR = re.compile(r"\d{4}(-(0[1-9]|1[0-2]))?")


def check_sources(root: Path, statements: Statements) -> None:
    """Raise PlanError for a source that is not as declared, or that does not say what is quoted."""
    texts = {}
    for source in statements.sources:
        _check_day(statements.file, source)
        if kept := _kept(root, statements.file, source):
            texts[source.id] = kept
    for quoted, place, (key, problem, fix) in _mistakes(statements, texts):
        if key:
            file = statements.source(quoted).file
            raise PlanError(statements.file, f"{place}.{key}", f"in {file}, {problem}", fix)


def _mistakes(
    statements: Statements, texts: dict[str, Text]
) -> Iterator[tuple[str, str, tuple[str, str, str]]]:
    """Yield of each text that is quoted from a source that is kept: source, place and mistake."""
    for statement in statements.statements:
        for number, one in enumerate(statement.quotations, start=1):
            if text := texts.get(one.source):
                place = f"statement '{statement.id}'.quotation[{number}]"
                yield one.source, place, mistake(text, one.section, one.quote, one.cell)
    for number, nothing in enumerate(statements.nothing, start=1):
        if text := texts.get(nothing.source):
            for words in nothing.texts:
                found = mistaken_text(text, nothing.section, words)
                yield nothing.source, f"nothing[{number}]", found


def _check_day(file: str, source: Source) -> None:
    """Raise PlanError for a `written` that is no day, month or year, and of which nothing says."""
    place = f"source '{source.id}'"
    if source.as_of_because and not source.as_of:
        fix = 'add `as_of = "2025-10-18"`, or delete it'
        raise PlanError(file, f"{place}.as_of_because", "there is no `as_of`", fix)
    known = source.day or source.written == UNKNOWN or _MONTH_OR_YEAR.fullmatch(source.written)
    if not known:
        problem = f"{source.written!r} is no day, month or year"
        fix = f'write "2025-10-18", "2025-10", "2025" or "{UNKNOWN}", or add `as_of` and why'
        raise PlanError(file, f"{place}.written", problem, fix)


def _kept(root: Path, file: str, source: Source) -> Text | None:
    """Return the text of a source, None where the project says that it does not keep it."""
    path = root / source.file
    if source.not_kept:
        if path.is_file():
            fix = "delete it: quotations are then compared with the file"
            problem = f"{source.file} is there"
            raise PlanError(file, f"source '{source.id}'.not_kept", problem, fix)
        return None
    place = f"source '{source.id}'.file"
    try:
        if not path.resolve().is_relative_to(root.resolve()):
            raise FileNotFoundError
        return Text.of(path)
    except UnicodeDecodeError as error:
        raise PlanError(file, place, f"{source.file}: {error}", "save it as UTF-8") from None
    except OSError:
        problem = f"the project has no file {source.file}"
        hint = one_of(source.file, _files_near(root, source.file))
        fix = f"keep it there ({hint}), or say why not: `not_kept = ...`"
        raise PlanError(file, place, problem, fix) from None


def _files_near(root: Path, file: str) -> list[str]:
    """Return the files in the folder of a file, and those of its name in other folders."""
    path = root / file
    found = {*path.parent.glob("*.*"), *root.glob(f"[!.]*/{path.name}")}
    inside = (
        one for one in found if one.is_file() and one.resolve().is_relative_to(root.resolve())
    )
    return sorted(one.relative_to(root).as_posix() for one in inside)[:20]
