"""The folder of all editions, which is served: `nox -s publish` lays an edition into it.

    public/<edition>/      what was built, byte for byte, for ever
    public/latest/         a copy of the newest, and what leads on from pages that went
    public/redirects/      where links lead whose anchor went, page by page
    public/editions.json   the editions, newest first; `editions.js` tells them to the pages
    public/<page>          leads to the same page of the latest edition

Everything is written beside and then renamed, so that one who is killed leaves what was there, or
all that is new. Publishing again mends what a killed one left.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import shutil
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from filecmp import cmp
from pathlib import Path, PurePosixPath
from typing import get_args

import msgspec

from casebook import edition, swap
from casebook.addresses import LATEST
from casebook.edition import Addresses, PageKind
from casebook.exit_codes import HarnessError
from casebook.record import VerdictWord
from casebook.redirects import redirects
from casebook.report import NOT_OBSERVED, StatedWord
from casebook.templates import template

INDEX = "editions.json"
"""The file that lists the editions of a folder."""

REDIRECTS = "redirects"
"""The folder of the scripts that tell where links lead whose anchor went."""

DATA = ("verdicts.json", "*.schema.json", "objects.inv", "404.html", "sitemap.xml")
"""What programs and servers ask for at the root: copies of the latest edition's."""

PART = ".publishing.part"
"""The folder in which everything is prepared, beside where it goes."""

INDEX_SCHEMA = 1
"""The number of the form of `editions.json`."""

FILES = 5
"""The files that differ that an error names."""


class PublishError(HarnessError):
    """An edition could not be published, and nothing was changed."""


@dataclass(frozen=True, slots=True)
class Edition:
    """A published edition: its findings and statements by verdict, and what it brought.

    `changed`, `appeared` and `went` count findings, compared with the edition before.
    """

    edition: str
    digest: str
    published: str
    findings: dict[str, int]
    statements: dict[str, int]
    changed: int
    appeared: int
    went: int


@dataclass(frozen=True, slots=True)
class Index:
    """`editions.json`: the editions, newest first, and the one that was published last."""

    schema: int = INDEX_SCHEMA
    latest: str = ""
    editions: tuple[Edition, ...] = ()


# --- Publishing -----------------------------------------------------------------------------------


def publish(built: Path, public: Path, title: str, today: date) -> str:
    """Lay a built site into the folder of all editions, as the latest; return what was done.

    One that is there already becomes the latest again. Raises PublishError, having changed
    nothing, where it is there with another content or the folder is no folder of editions.
    """
    own = edition.read(built)
    with _alone(public):
        return _publish(built, public, title, today, own)


@contextlib.contextmanager
def _alone(public: Path) -> Iterator[None]:
    """Hold the folder of all editions; raise PublishError where somebody else publishes into it.

    What is held is the folder itself, and the system lets go of it with the process.
    """
    public.mkdir(parents=True, exist_ok=True)
    folder = os.open(public, os.O_RDONLY)
    try:
        try:
            fcntl.flock(folder, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            problem = "somebody else publishes into it now: publish again once that is done"
            raise PublishError(f"{public}: {problem}") from None
        yield
    finally:
        os.close(folder)


def _publish(built: Path, public: Path, title: str, today: date, own: Addresses) -> str:
    index = read_index(public)
    kept = public / own.edition
    new = not kept.exists()
    if not new:
        _check_same(built, kept)
    others = [one for one in index.editions if one.edition != own.edition]
    earlier = [_read(public / one.edition) for one in others]
    was = index.latest
    if len(others) == len(index.editions):
        before = next((one for one in earlier if one.edition == was), None)
        index = replace(index, editions=(_entry(own, before, today), *index.editions))
    index = replace(index, latest=own.edition)
    stage = public / PART
    shutil.rmtree(stage, ignore_errors=True)
    try:
        _prepare(built, stage, new, title, index, own, earlier)
        _put(stage, public, own.edition)
    finally:
        shutil.rmtree(stage, ignore_errors=True)
    if new:
        return f"{kept}: published, the latest of {len(index.editions)}"
    again = "still" if was == own.edition else "now"
    return f"{kept}: published already, the same byte for byte, and {again} the latest"


def read_index(public: Path) -> Index:
    """Return what was published in this folder, an empty index where nothing was.

    Raises PublishError where the index cannot be read, or where the folder holds something else.
    """
    try:
        return msgspec.json.decode((public / INDEX).read_bytes(), type=Index)
    except FileNotFoundError:
        _check_free(public)
        return Index()
    except msgspec.DecodeError as error:
        raise PublishError(
            f"{public / INDEX}: {error}: mend it, or take the last good one"
        ) from error


def _check_free(public: Path) -> None:
    """Raise PublishError for a folder that holds something else than editions."""
    for path in sorted(public.glob("[!.]*")):
        is_edition = (path / edition.ADDRESSES).exists()
        if path.name == "index.html" or (path.is_dir() and not is_edition):
            mend = "name a folder that is empty or holds editions"
            raise PublishError(f"{path} is there, and no {INDEX} beside it: {mend}")


def _check_same(built: Path, kept: Path) -> None:
    """Raise PublishError where the edition that was published is not what was built now."""
    differ = [
        name
        for name in sorted(_files(built) | _files(kept))
        if not ((built / name).is_file() and (kept / name).is_file())
        or not cmp(built / name, kept / name, shallow=False)
    ]
    if differ:
        more = f" and {len(differ) - FILES} more" if len(differ) > FILES else ""
        raise PublishError(
            f"{kept} was published with another content and never changes; these differ: "
            f"{', '.join(differ[:FILES])}{more}: build with what it was built with, or change "
            "what it is built from"
        )


def _files(folder: Path) -> set[str]:
    return {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}


def _read(folder: Path) -> Addresses:
    """Return the addresses of a published edition; raise PublishError without them."""
    try:
        return edition.read(folder)
    except (OSError, msgspec.DecodeError) as error:
        mend = f"bring the folder back, or take the edition out of {INDEX}"
        raise PublishError(f"{folder}: its addresses cannot be read: {error}: {mend}") from error


# --- What it brought ------------------------------------------------------------------------------


def _entry(own: Addresses, before: Addresses | None, today: date) -> Edition:
    return Edition(
        edition=own.edition,
        digest=own.digest,
        published=today.isoformat(),
        findings=_counts(own, "pattern", get_args(VerdictWord)),
        statements=_counts(own, "statements", (*get_args(StatedWord), NOT_OBSERVED)),
        **_changes(own, before),
    )


def _counts(own: Addresses, kind: PageKind, words: Iterable[str]) -> dict[str, int]:
    """Count the verdicts on pages of one kind by word, without those that nothing has."""
    found = Counter(_verdicts(own, kind).values())
    return {word: found[word] for word in words if found[word]}


def _changes(own: Addresses, before: Addresses | None) -> dict[str, int]:
    """Count the findings that changed, appeared and went; one that was renamed is the same."""
    now = _verdicts(own, "pattern")
    found = _verdicts(before, "pattern") if before else {}
    then = {own.renamed.get(address, address): verdict for address, verdict in found.items()}
    return {
        "changed": sum(then[one] != now[one] for one in then.keys() & now.keys()),
        "appeared": len(now.keys() - then.keys()),
        "went": len(then.keys() - now.keys()),
    }


def _verdicts(own: Addresses, kind: PageKind) -> dict[str, str]:
    """Return the verdicts on pages of one kind, by address."""
    return {
        f"{page}#{id}": verdict
        for page, held in own.pages.items()
        if held.kind == kind
        for id, verdict in held.ids.items()
        if verdict
    }


# --- Files ----------------------------------------------------------------------------------------


def _prepare(
    built: Path,
    stage: Path,
    new: bool,
    title: str,
    index: Index,
    own: Addresses,
    earlier: Sequence[Addresses],
) -> None:
    """Write everything that will be new into `stage`: folders, and files for the root."""
    targets = redirects(own, earlier)
    if new:
        shutil.copytree(built, stage / "edition")
    shutil.copytree(built, stage / LATEST)
    (stage / REDIRECTS).mkdir()
    for page, leads in targets.items():
        _write(stage / edition.script_of(REDIRECTS, page), edition.script(redirects=leads))
        if "" in leads:
            _write(stage / LATEST / page, _render("went.html.j2", page, target=leads[""]))
    root = stage / "root"
    for pattern in DATA:
        for path in built.glob(pattern):
            root.mkdir(exist_ok=True)
            shutil.copy(path, root)
    for page in sorted({page for one in (own, *earlier) for page in one.pages} - {"index.html"}):
        _write(root / page, _render("forward.html.j2", page, target=f"{LATEST}/{page}"))
    _write(root / "index.html", _render("editions.html.j2", "index.html", title=title, index=index))
    _write(root / "editions.js", edition.script(editions=_told(index, own, sorted(targets))))
    _write(root / ".nojekyll", "")
    _write(stage / INDEX, msgspec.json.format(msgspec.json.encode(index), indent=1).decode() + "\n")


def _told(index: Index, own: Addresses, redirected: list[str]) -> dict[str, object]:
    """Return what every page may ask: the editions, and of which pages there are scripts."""
    return {
        "latest": index.latest,
        "editions": [
            {"edition": one.edition, "published": one.published} for one in index.editions
        ],
        "told": [page for page, held in own.pages.items() if edition.told(held)],
        "redirects": redirected,
    }


def _put(stage: Path, public: Path, name: str) -> None:
    """Move what is prepared to where it goes, each in one step."""
    if (stage / "edition").exists():
        os.rename(stage / "edition", public / name)
    os.replace(stage / INDEX, public / INDEX)
    for folder in (LATEST, REDIRECTS):
        swap.swap(stage / folder, public / folder)
    for path in sorted(_files(stage / "root")):
        (public / path).parent.mkdir(parents=True, exist_ok=True)
        os.replace(stage / "root" / path, public / path)


def _render(name: str, page: str, **values: object) -> str:
    """Return a page that no build has; `up` leads from it to the root of its folder."""
    up = "../" * (len(PurePosixPath(page).parts) - 1)
    return template(name).render(up=up, **values)


def _write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
