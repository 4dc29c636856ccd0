"""The records from before this run: those at HEAD or, without git, the copies on disk."""

from __future__ import annotations

import io
import shutil
import subprocess
import tarfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from casebook.stored import HISTORIES

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
        commit_of(root, "HEAD")
    except (OSError, subprocess.CalledProcessError):
        return Before("the last run", files_in(root / KEPT / investigation))
    return Before("HEAD", committed(root, "HEAD", investigation))


def files_in(folder: Path) -> tuple[tuple[str, bytes], ...]:
    """Return name and content of the result files in an investigation's folder."""
    return tuple(
        (file.relative_to(folder).as_posix(), file.read_bytes())
        for file in sorted([*folder.glob("*.json"), *(folder / HISTORIES).glob("*.json")])
    )


def commit_of(root: Path, name: str) -> str:
    """Return a commit's hash; raise CalledProcessError if there is none of this name."""
    found = _git(root, "rev-parse", "--verify", "--quiet", "--end-of-options", f"{name}^{{commit}}")
    return found.decode().strip()


def committed(root: Path, commit: str, investigation: str) -> tuple[tuple[str, bytes], ...]:
    """Return name and content of an investigation's result files at a commit."""
    return tuple(_committed(root, commit, f"{RESULTS}/{investigation}/"))


def _committed(root: Path, commit: str, folder: str) -> Iterator[tuple[str, bytes]]:
    try:
        archive = _git(root, "archive", "--format=tar", commit, folder)
    except subprocess.CalledProcessError:  # it holds no such folder
        return
    with tarfile.open(fileobj=io.BytesIO(archive)) as files:
        for member in files:
            content = files.extractfile(member)
            name = PurePosixPath(member.name.removeprefix(folder))
            if content and name.suffix == ".json" and str(name.parent) in (".", HISTORIES):
                yield name.as_posix(), content.read()


def _git(root: Path, *arguments: str) -> bytes:
    return subprocess.run(
        ["git", "-C", str(root), *arguments], check=True, capture_output=True
    ).stdout
