"""Reads two result sets that are to be compared: folders, commits, or editions."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import msgspec

from casebook.cite.compared import ROWS, compared_lines, compared_markdown
from casebook.cite.source import Unreadable, fetched
from casebook.cli.previous import RESULTS, commit_of, committed, files_in
from casebook.cli.wrong import broken
from casebook.judge.comparison import Compared, Comparison, Side, compare, side_of
from casebook.judge.project import reports_on
from casebook.judge.results import Problem, Results, gather
from casebook.plan.conf import read_investigations
from casebook.plan.investigation import Investigation
from casebook.site.verdicts import VERDICTS_SCHEMA, Published
from casebook.stored import HISTORIES
from casebook.text import counted, one_line

VERDICTS = "verdicts.json"
"""The file of an edition that holds its verdicts."""

SIZE = 128 * 1024 * 1024
"""The bytes of an edition's verdicts that are read at most."""

UNDECLARED = "is not in the plan"
"""What the rule ends with that a record of an environment breaks which is not declared today."""

Files = tuple[tuple[str, bytes], ...]


class NotComparable(Exception):
    """What is to be compared cannot be read; the message says why, and what can be given."""


@dataclass(frozen=True, slots=True)
class ResultSet:
    """A result set as it was named: its name in words, and its files or what it published.

    `files` are those of each investigation by id; an edition has none, but its verdicts.
    """

    name: str
    files: dict[str, Files]
    published: Published | None = None


@dataclass(frozen=True, slots=True)
class Read:
    """A side of a comparison, and the files of it that could not be used."""

    side: Side
    problems: tuple[Problem, ...] = ()


# --- Finding it -----------------------------------------------------------------------------------


def result_set(
    root: Path, named: str, investigations: Sequence[str], called_from: Path
) -> ResultSet:
    """Return the result set that a folder, a commit, or the file or URL of an edition holds.

    Paths are relative to `called_from`. Raises NotComparable.
    """
    if re.match(r"https?://", named, re.IGNORECASE):
        return _edition_at(named)
    path = called_from / Path(named).expanduser()
    if path.is_file():
        return ResultSet(named, {}, _published(named, path.read_bytes()))
    if (path / VERDICTS).is_file():
        return ResultSet(named, {}, _published(named, (path / VERDICTS).read_bytes()))
    if path.is_dir():
        return _folder(named, path, investigations)
    return _commit(root, named, investigations)


def _folder(named: str, path: Path, investigations: Sequence[str]) -> ResultSet:
    """Return what a folder holds: a project's, its results', or those of one investigation."""
    for own in (path / RESULTS, path):
        files = {id: files_in(own / id) for id in investigations if (own / id).is_dir()}
        if found := {id: some for id, some in files.items() if some}:
            return ResultSet(named, found)
    if path.name in investigations and (path / HISTORIES).is_dir():
        return ResultSet(named, {path.name: files_in(path)})
    raise NotComparable(
        f"{one_line(named, 200)} holds no results of {_listed(investigations)}, and no {VERDICTS}"
    )


def _commit(root: Path, named: str, investigations: Sequence[str]) -> ResultSet:
    try:
        commit = commit_of(root, named)
    except (OSError, subprocess.CalledProcessError):
        raise NotComparable(
            f"{one_line(named, 200)!r} is no folder of results, no commit and no edition: give a "
            f"folder, a commit that git knows, or the folder, the {VERDICTS} or the URL of an "
            "edition"
        ) from None
    files = {id: committed(root, commit, id) for id in investigations}
    found = {id: some for id, some in files.items() if some}
    name = commit[:12] if commit.startswith(named) else f"{named} ({commit[:12]})"
    if not found:
        raise NotComparable(f"the commit {name} holds no results in {RESULTS}")
    return ResultSet(name, found)


def _edition_at(url: str) -> ResultSet:
    """Return the verdicts of an edition that is published at an address."""
    address = url if url.endswith(".json") else f"{url.partition('#')[0].rstrip('/')}/{VERDICTS}"
    try:
        data, *_ = fetched(address, SIZE)
    except Unreadable as error:
        raise NotComparable(str(error)) from None
    return ResultSet(one_line(url, 200), {}, _published(url, data))


class _Numbered(msgspec.Struct):
    schema: int


def _published(named: str, data: bytes) -> Published:
    shown = one_line(named, 200)
    try:
        number = msgspec.json.decode(data, type=_Numbered).schema
        if number != VERDICTS_SCHEMA:
            wanted = f"schema {number}, this Casebook reads {VERDICTS_SCHEMA}"
            raise NotComparable(f"{shown}: {wanted}")
        return msgspec.json.decode(data, type=Published)
    except msgspec.MsgspecError as error:
        why = one_line(str(error), 200)
        raise NotComparable(f"{shown} holds no verdicts as an edition does: {why}") from None


def _listed(names: Sequence[str]) -> str:
    return ", ".join(names)


# --- Reading it -----------------------------------------------------------------------------------


def read_side(
    root: Path, investigation: Investigation, given: ResultSet, *, swept: bool = True
) -> Read:
    """Return what a result set says of an investigation, records under the claims of today.

    What axes generate is left out where it is not to be `swept` in. A file that could not be used
    is named with the result set that holds it.
    """
    if given.published is not None:
        return Read(_published_side(investigation, given.name, given.published))
    results = gather(investigation, given.files.get(investigation.id, ()))
    reports = reports_on(root, investigation, results)[: None if swept else 1]
    undeclared = tuple(_undeclared(investigation, results))
    problems = tuple(
        one if one.file.startswith(given.name) else replace(one, file=f"{given.name}: {one.file}")
        for one in results.problems
        if not one.rule.endswith(UNDECLARED)
    )
    return Read(side_of(given.name, *reports, undeclared=undeclared), problems)


def comparison(
    root: Path, investigation: Investigation, before: ResultSet, after: ResultSet
) -> tuple[Comparison, tuple[Problem, ...]]:
    """Return what became of an investigation's findings, and the files that could not be used.

    An edition holds the findings of the declared environments alone: with one, no others compare.
    """
    both = before, after
    swept = not any(given.published for given in both)
    one, other = (read_side(root, investigation, given, swept=swept) for given in both)
    return compare(one.side, other.side), (*one.problems, *other.problems)


def compare_all(
    root: Path, before: str, after: str, *, markdown: bool, full: bool, called_from: Path
) -> tuple[str, tuple[Problem, ...]]:
    """Return what became of the findings of every investigation, and what could not be used.

    As Markdown for a reply, or as text for the terminal; only in full with every row. Where `after`
    is empty, the results here are compared with. Raises NotComparable.
    """
    investigations = {one.id: one for one in read_investigations(root)}
    ids = list(investigations)
    one = result_set(root, before, ids, called_from)
    other = result_set(root, *((after, ids, called_from) if after else (RESULTS, ids, root)))
    both = {id for side in (one, other) for id in _investigations(side)}
    found = [
        (investigation, *comparison(root, investigation, one, other))
        for id, investigation in investigations.items()
        if id in both
    ]
    problems = tuple(problem for _, _, some in found for problem in some)
    most = None if full else ROWS
    if markdown:
        return "\n".join(compared_markdown(compared, most) for _, compared, _ in found), problems
    lines = [f"{one.name} -> {other.name}", how_read(one, other)]
    for investigation, compared, _ in found:
        lines += ["", investigation.title, *compared_lines(compared, most)]
    return "\n".join(lines) + "\n", problems


def alike(problems: Sequence[Problem]) -> Iterator[str]:
    """Yield in a line each which rule files break, those together that break the same."""
    yield from (said for *_, said in broken(problems))


def _investigations(given: ResultSet) -> Iterator[str]:
    """Yield the ids of the investigations of which a result set says something."""
    yield from given.files
    yield from {one.investigation for one in given.published.settings} if given.published else ()


def how_read(before: ResultSet, after: ResultSet) -> str:
    """Return in a sentence by which claims the result sets are read."""
    told = [
        f"{one.name} is read as it was published: edition {one.published.edition}"
        for one in (before, after)
        if one.published
    ]
    records = [one.name for one in (before, after) if not one.published]
    told += [f"{' and '.join(records)}: records, read with today's claims"] if records else []
    if 0 < len(records) < 2:
        told += ["an edition holds nothing of the releases that axes add: these are left out"]
    return "; ".join(told) + "."


def _published_side(investigation: Investigation, name: str, published: Published) -> Side:
    found = {}
    for one in published.findings:
        setting = published.settings[one.setting]
        if setting.investigation == investigation.id:
            where = (setting.environment, setting.database)
            id = ".".join((one.claim, one.pattern, *where))
            found[id] = Compared(
                id, one.claim, one.pattern, *where, one.verdict, one.reason, setting.releases
            )
    return Side(name, found)


def _undeclared(investigation: Investigation, results: Results) -> Iterator[str]:
    """Yield what was recorded that is not declared today, in words."""
    for problem in results.problems:
        if problem.rule.endswith(UNDECLARED):
            yield f"{Path(problem.file).name}: {problem.rule}"
    known = {pattern.id for pattern in investigation.patterns}
    ran: dict[str, int] = {}
    for record in results.records.values():
        for cell in record.cells:
            if cell.pattern not in known:
                ran[cell.pattern] = ran.get(cell.pattern, 0) + 1
    for pattern, cells in ran.items():
        yield f"the pattern {pattern}, of which {counted(cells, 'cell')} ran"
