"""Writes a new investigation, complete and small, and the project around it where there is none."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from importlib.metadata import PackageNotFoundError, distribution
from keyword import iskeyword
from pathlib import Path

from casebook import DISTRIBUTION, ENGINE, __version__
from casebook.files import write_whole

SCAFFOLD = ENGINE / "scaffold"
"""The folder of what is written: `project` where no project is, and `investigation`.

Its files end with `.new`, so that no tool takes them for the engine's own.
"""

RESERVED = ("requirements", "results", "rigs", "site", "test")
"""What means something else in a project, such as `conf/site.toml`."""

_PERMITTED = re.compile(r"[a-z][a-z0-9-]*")


class Taken(Exception):
    """A new investigation cannot be written; the message says why, and what to do."""


def write_new(root: Path, id: str) -> list[Path]:
    """Write an investigation of this id into a project, and return the files that are new.

    Raises Taken for an id that cannot be one, and where a file of it exists; nothing is written
    then. Of the project around it, the files that exist stay as they are.
    """
    if id in RESERVED or iskeyword(id):  # nothing can be imported by a keyword's name
        raise Taken(f"{id!r} cannot be the id of an investigation: choose another")
    if not _PERMITTED.fullmatch(id):
        fix = "begin with a small letter, and use small letters, digits and hyphens"
        raise Taken(f"{id!r} cannot be the id of an investigation: {fix}")
    own = dict(_filled("investigation", id))
    if taken := sorted(name for name in own if (root / name).exists()):
        raise Taken(f"{taken[0]} exists: choose another id than {id!r}, or remove it")
    around = {name: text for name, text in _filled("project", id) if not (root / name).exists()}
    for name, text in (around | own).items():
        write_whole(root / name, text)
    return [root / name for name in sorted(around | own)]


def installed_from() -> str:
    """Return the address that the engine was installed from, "" for a release of the index.

    It names this very engine as far as the installer noted that: a commit, a file's digest. What
    is installed nowhere is a checkout.
    """
    try:
        noted = distribution(DISTRIBUTION).read_text("direct_url.json")
    except PackageNotFoundError:
        return ENGINE.parent.as_uri()
    if not noted:
        return ""
    source = json.loads(noted)
    address, kept = source["url"], source.get("vcs_info")
    if kept:
        address = f"{kept['vcs']}+{address}@{kept['commit_id']}"
    hashes = source.get("archive_info", {}).get("hashes", {})
    parts = [f"sha256={hashes['sha256']}"] if "sha256" in hashes else []
    parts += [f"subdirectory={folder}"] if (folder := source.get("subdirectory")) else []
    return "#".join([address, *(["&".join(parts)] if parts else [])])


def _requirement(address: str) -> str:
    """Return the lines of `requirements.txt` that install the engine again, and nobody else's."""
    if not address:
        return f"{DISTRIBUTION}=={__version__}"
    lines = [f"{DISTRIBUTION} @ {address}"]
    if address.startswith("file:"):
        lines[:0] = [
            "# This is a place on one machine. Before the workflow can install it, write where",
            "# the engine can be had from everywhere: the address of a wheel, or git+https://...",
        ]
    return "\n".join(lines)


def _filled(part: str, id: str) -> Iterator[tuple[str, str]]:
    """Yield the name and the text of each file, with the words of this investigation."""
    words = {
        "@id@": id,
        "@module@": id.replace("-", "_"),
        "@title@": id.replace("-", " ").capitalize(),
        "@requirement@": _requirement(installed_from()),
    }

    def filled(text: str) -> str:
        return re.sub("|".join(words), lambda found: words[found[0]], text)

    for path in sorted((SCAFFOLD / part).rglob("*.new")):
        name = path.relative_to(SCAFFOLD / part).as_posix().removesuffix(".new")
        yield filled(name), filled(path.read_text(encoding="utf-8"))
