"""The records from before this run: those at HEAD or, without git, the copies on disk."""

from __future__ import annotations

import io
import shutil
import subprocess
import tarfile
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


def keep_records(root: Path) -> None:
    """Copy the records, since the coming run replaces them."""
    shutil.rmtree(root / KEPT, ignore_errors=True)
    if (root / RESULTS).is_dir():
        shutil.copytree(root / RESULTS, root / KEPT)


def kept_records(root: Path, investigation: str) -> Before:
    """Return the records at `HEAD` or, without git or a commit, the copies; there may be none."""
    try:
        _git(root, "rev-parse", "--verify", "--quiet", "HEAD")
    except (OSError, subprocess.CalledProcessError):
        kept = sorted((root / KEPT / investigation).glob("*.json"))
        return Before("the last run", tuple((file.name, file.read_bytes()) for file in kept))
    return Before("HEAD", tuple(_committed(root, f"{RESULTS}/{investigation}/")))


def _committed(root: Path, folder: str) -> Iterator[tuple[str, bytes]]:
    """Yield name and content of the JSON files that `HEAD` holds in this folder."""
    try:
        archive = _git(root, "archive", "--format=tar", "HEAD", folder)
    except subprocess.CalledProcessError:  # it holds no such folder
        return
    with tarfile.open(fileobj=io.BytesIO(archive)) as files:
        for member in files:
            content = files.extractfile(member)
            if content and member.name.endswith(".json"):
                yield Path(member.name).name, content.read()


def _git(root: Path, *arguments: str) -> bytes:
    return subprocess.run(
        ["git", "-C", str(root), *arguments], check=True, capture_output=True
    ).stdout
