"""What was recorded before a run: by `HEAD`, or without git by the files on disk."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

RESULTS = "docs/results"

KEPT = "build/before"
"""The folder of the records as they were before the last run."""


@dataclass(frozen=True, slots=True)
class Before:
    """The result files of an investigation, name and content, at the moment `since`."""

    since: str
    files: tuple[tuple[str, bytes], ...]


def keep(root: Path) -> None:
    """Copy the records, since the run that comes will replace them."""
    shutil.rmtree(root / KEPT, ignore_errors=True)
    if (root / RESULTS).is_dir():
        shutil.copytree(root / RESULTS, root / KEPT)


def before(root: Path, investigation: str) -> Before:
    """Return what `HEAD` holds, or without git or a commit what was kept; it may be no file."""
    try:
        _git(root, "rev-parse", "--verify", "--quiet", "HEAD")
    except (OSError, subprocess.CalledProcessError):
        kept = sorted((root / KEPT / investigation).glob("*.json"))
        return Before("the last run", tuple((file.name, file.read_bytes()) for file in kept))
    return Before("HEAD", tuple(_committed(root, f"{RESULTS}/{investigation}/")))


def _committed(root: Path, folder: str) -> Iterator[tuple[str, bytes]]:
    """Yield name and content of the JSON files that `HEAD` holds in this folder."""
    names = {}
    for entry in filter(None, _git(root, "ls-tree", "-z", "HEAD", folder).decode().split("\0")):
        kind_and_object, _, path = entry.partition("\t")
        _, kind, object_name = kind_and_object.split(" ")
        if kind == "blob" and path.endswith(".json"):
            names[Path(path).name] = object_name
    contents = _git(root, "cat-file", "--batch", told="\n".join(names.values()))
    for name in names:
        head, _, rest = contents.partition(b"\n")
        size = int(head.split()[-1])
        yield name, rest[:size]
        contents = rest[size + 1 :]


def _git(root: Path, *arguments: str, told: str = "") -> bytes:
    command = ["git", "-C", str(root), *arguments]
    return subprocess.run(command, check=True, capture_output=True, input=told.encode()).stdout
