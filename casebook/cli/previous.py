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
    """The result files of an investigation, name in its folder and content, at `since`."""

    since: str
    files: tuple[tuple[str, bytes], ...]

    @property
    def recorded(self) -> bool:
        """Whether there is a record among them: histories alone say nothing."""
        return any("/" not in name for name, _ in self.files)


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
        own = root / KEPT / investigation
        kept = sorted(file.relative_to(own) for file in own.rglob("*.json"))
        files = tuple((file.as_posix(), (own / file).read_bytes()) for file in kept)
        return Before("the last run", files)
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
                yield member.name.removeprefix(folder), content.read()


def _git(root: Path, *arguments: str) -> bytes:
    return subprocess.run(
        ["git", "-C", str(root), *arguments], check=True, capture_output=True
    ).stdout
