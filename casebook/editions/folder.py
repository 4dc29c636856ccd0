"""The public folder of all editions: `nox -s publish` adds an edition to it.

    public/<edition>/      the site as it was built, byte for byte, forever
    public/histories/      the histories of all editions, to which their pages link
    public/latest/         a copy of the newest edition, and redirects from pages that are gone
    public/redirects/      for each page, the redirects from anchors that are gone
    public/editions.json   the editions, newest first; `editions.js` tells them to the pages
    public/<page>          redirects to the same page of the latest edition

Everything is written elsewhere and then renamed, so that a killed command leaves either the old
content or all of the new. Publishing again repairs the rest. A file that the edition before has,
too, is a hard link to it, so that editions of equal findings take little space.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import shutil
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from filecmp import cmp
from pathlib import Path, PurePosixPath
from typing import get_args

import msgspec

from casebook import files
from casebook.claim import VerdictWord
from casebook.editions import manifest
from casebook.editions.addresses import HISTORIES, LATEST
from casebook.editions.manifest import Manifest, PageKind, read_manifest, redirects
from casebook.exit_codes import HarnessError
from casebook.judge.findings import NOT_OBSERVED, StatedWord
from casebook.templates import template

INDEX = "editions.json"
"""The file that lists the editions of a folder."""

REDIRECTS = "redirects"
"""The folder of the scripts that redirect links whose anchor is gone."""

DATA = ("verdicts.json", "*.schema.json", "objects.inv", "404.html", "sitemap.xml")
"""The files that programs and servers ask for at the root: copied from the latest edition."""

PART = ".publishing.part"
"""The folder inside the public folder in which everything is prepared."""

INDEX_SCHEMA = 1
"""The schema number of `editions.json`."""

FILES = 5
"""The most differing files that an error names."""


class PublishError(HarnessError):
    """An edition could not be published, and nothing was changed."""


@dataclass(frozen=True, slots=True)
class Edition:
    """A published edition: its findings and statements by verdict, and its changes.

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
    """`editions.json`: the editions, newest first, and the name of the one published last."""

    schema: int = INDEX_SCHEMA
    latest: str = ""
    editions: tuple[Edition, ...] = ()


# --- Publishing -----------------------------------------------------------------------------------


def publish(built: Path, public: Path, title: str, today: date) -> str:
    """Add a built site to the folder of editions, as the latest; return a line that says so.

    An edition that is there already becomes the latest again. Raises PublishError, and changes
    nothing, if the edition is there with other content or the folder holds something else.
    """
    own = read_manifest(built)
    with _alone(public):
        return _publish(built, public, title, today, own)


@contextlib.contextmanager
def _alone(public: Path) -> Iterator[None]:
    """Lock the folder of editions; raise PublishError if another process publishes into it.

    The lock is on the folder itself, so the system releases it when the process ends.
    """
    public.mkdir(parents=True, exist_ok=True)
    folder = os.open(public, os.O_RDONLY)
    try:
        try:
            fcntl.flock(folder, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            problem = "another process is publishing into it; publish again once that is done"
            raise PublishError(f"{public}: {problem}") from None
        yield
    finally:
        os.close(folder)


def _publish(built: Path, public: Path, title: str, today: date, own: Manifest) -> str:
    index = read_index(public)
    kept = public / own.edition
    new = not kept.exists()
    if not new:
        _check_same(built, kept)
    others = [edition for edition in index.editions if edition.edition != own.edition]
    earlier = [_read(public / edition.edition) for edition in others]
    was = index.latest
    if len(others) == len(index.editions):
        before = next((other for other in earlier if other.edition == was), None)
        index = replace(index, editions=(_entry(own, before, today), *index.editions))
    index = replace(index, latest=own.edition)
    stage = public / PART
    shutil.rmtree(stage, ignore_errors=True)
    try:
        alike = public / earlier[0].edition if earlier else None
        _prepare(built, stage, alike, new, title, index, own, earlier)
        _put(stage, public, own.edition)
    finally:
        shutil.rmtree(stage, ignore_errors=True)
    if new:
        return f"{kept}: published, the latest of {len(index.editions)}"
    again = "still" if was == own.edition else "now"
    return f"{kept}: published already, the same byte for byte, and {again} the latest"


def read_index(public: Path) -> Index:
    """Return the index of the editions in this folder, empty if nothing was published yet.

    Raises PublishError if the index cannot be read, or if the folder holds something else.
    """
    try:
        return msgspec.json.decode((public / INDEX).read_bytes(), type=Index)
    except FileNotFoundError:
        _check_free(public)
        return Index()
    except msgspec.DecodeError as error:
        raise PublishError(
            f"{public / INDEX}: {error}; fix it, or restore the last good one"
        ) from error


def _check_free(public: Path) -> None:
    """Raise PublishError if the folder holds anything but editions."""
    for path in sorted(public.glob("[!.]*")):
        is_edition = (path / manifest.ADDRESSES).exists()
        if path.name == "index.html" or (path.is_dir() and not is_edition):
            fix = "name a folder that is empty or holds editions"
            raise PublishError(f"{path} exists, but no {INDEX} beside it; {fix}")


def _check_same(built: Path, kept: Path) -> None:
    """Raise PublishError if the published edition differs from the one that was built now."""
    differ = [
        name
        for name in sorted(_files(built) | _files(kept))
        if not ((built / name).is_file() and (kept / name).is_file())
        or not cmp(built / name, kept / name, shallow=False)
    ]
    if differ:
        more = f" and {len(differ) - FILES} more" if len(differ) > FILES else ""
        raise PublishError(
            f"{kept} was published with other content and must not change; these files differ: "
            f"{', '.join(differ[:FILES])}{more}; build with the same tools as then, or change a "
            "source so that this becomes a new edition"
        )


def _files(folder: Path) -> set[str]:
    return {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}


def _read(folder: Path) -> Manifest:
    """Return the addresses of a published edition; raise PublishError if they cannot be read."""
    try:
        return read_manifest(folder)
    except (OSError, msgspec.DecodeError) as error:
        fix = f"restore the folder, or remove the edition from {INDEX}"
        raise PublishError(f"{folder}: its addresses cannot be read: {error}; {fix}") from error


# --- The changes ----------------------------------------------------------------------------------


def _entry(own: Manifest, before: Manifest | None, today: date) -> Edition:
    return Edition(
        edition=own.edition,
        digest=own.digest,
        published=today.isoformat(),
        findings=_counts(own, "pattern", get_args(VerdictWord)),
        statements=_counts(own, "statements", (*get_args(StatedWord), NOT_OBSERVED)),
        **_changes(own, before),
    )


def _counts(own: Manifest, kind: PageKind, words: Iterable[str]) -> dict[str, int]:
    """Count the verdicts on pages of one kind by word, leaving out words with no verdict."""
    found = Counter(_verdicts(own, kind).values())
    return {word: found[word] for word in words if found[word]}


def _changes(own: Manifest, before: Manifest | None) -> dict[str, int]:
    """Count the findings that changed, appeared and went; a renamed finding stays the same."""
    now = _verdicts(own, "pattern")
    found = _verdicts(before, "pattern") if before else {}
    then = {own.renamed.get(address, address): verdict for address, verdict in found.items()}
    return {
        "changed": sum(then[address] != now[address] for address in then.keys() & now.keys()),
        "appeared": len(now.keys() - then.keys()),
        "went": len(then.keys() - now.keys()),
    }


def _verdicts(own: Manifest, kind: PageKind) -> dict[str, str]:
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
    before: Path | None,
    new: bool,
    title: str,
    index: Index,
    own: Manifest,
    earlier: Sequence[Manifest],
) -> None:
    """Write all new content into `stage`: folders, and files for the root.

    What the edition `before` has, too, is linked to it.
    """
    targets = redirects(own, earlier)
    if new:
        shutil.copytree(built, stage / "edition", copy_function=_linking(built, before))
    shutil.copytree(built, stage / LATEST)
    shared = built.parent / HISTORIES
    if shared.is_dir():
        shutil.copytree(shared, stage / HISTORIES)
    (stage / REDIRECTS).mkdir()
    for page, leads in targets.items():
        _write(stage / manifest.script_of(REDIRECTS, page), manifest.script(redirects=leads))
        if "" in leads:
            _write(stage / LATEST / page, _render("editions/went.html.j2", page, target=leads[""]))
    root = stage / "root"
    root.mkdir(exist_ok=True)
    for pattern in DATA:
        for path in built.glob(pattern):
            shutil.copy(path, root)
    for page in sorted(
        {page for edition in (own, *earlier) for page in edition.pages} - {"index.html"}
    ):
        _write(root / page, _render("editions/forward.html.j2", page, target=f"{LATEST}/{page}"))
    _write(
        root / "index.html",
        _render("editions/editions.html.j2", "index.html", title=title, index=index),
    )
    _write(root / "editions.js", manifest.script(editions=_told(index, own, sorted(targets))))
    _write(root / ".nojekyll", "")
    _write(stage / INDEX, msgspec.json.format(msgspec.json.encode(index), indent=1).decode() + "\n")


def _linking(built: Path, before: Path | None) -> Callable[[str, str], object]:
    """Return what copies a file of the built site, or links it to that of the edition before."""

    def copy(source: str, target: str) -> object:
        same = before / Path(source).relative_to(built) if before else None
        if same and same.is_file() and cmp(source, same, shallow=False):
            with contextlib.suppress(OSError):  # a file system may have no links
                os.link(same, target)
                return target
        return shutil.copy2(source, target)

    return copy


def _told(index: Index, own: Manifest, redirected: list[str]) -> dict[str, object]:
    """Return the facts for every page: the editions, and the pages that have scripts."""
    return {
        "latest": index.latest,
        "editions": [
            {"edition": edition.edition, "published": edition.published}
            for edition in index.editions
        ],
        "told": [page for page, held in own.pages.items() if manifest.told(held)],
        "redirects": redirected,
    }


def _put(stage: Path, public: Path, name: str) -> None:
    """Move each prepared file and folder to its place in one step."""
    shared = stage / HISTORIES  # before the pages that link to them
    for path in sorted(_files(shared)):
        (public / HISTORIES).mkdir(exist_ok=True)
        os.replace(shared / path, public / HISTORIES / path)
    if (stage / "edition").exists():
        os.rename(stage / "edition", public / name)
    os.replace(stage / INDEX, public / INDEX)
    for folder in (LATEST, REDIRECTS):
        files.swap(stage / folder, public / folder)
    for path in sorted(_files(stage / "root")):
        (public / path).parent.mkdir(parents=True, exist_ok=True)
        os.replace(stage / "root" / path, public / path)


def _render(name: str, page: str, **values: object) -> str:
    """Return a page that is not part of a build; its `up` leads to the root of its folder."""
    up = "../" * (len(PurePosixPath(page).parts) - 1)
    return template(name).render(up=up, **values)


def _write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
