"""The releases of a package on the package index, by its simple API in JSON (PEP 691)."""

from __future__ import annotations

import json
import platform
import urllib.error
import urllib.request
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from packaging.specifiers import InvalidSpecifier, SpecifierSet
from packaging.utils import (
    InvalidSdistFilename,
    InvalidWheelFilename,
    parse_sdist_filename,
    parse_wheel_filename,
)
from packaging.version import InvalidVersion, Version

from casebook.plan.axes import Axis
from casebook.releases.uv import index_url
from casebook.text import one_line

JSON = "application/vnd.pypi.simple.v1+json"

TIMEOUT = 30
"""Seconds that the index may take to answer."""


class NotListed(Exception):
    """The index has no such package, or could not be asked; the text says which and why.

    `out_of_reach` says that it could not be asked.
    """

    def __init__(self, text: str, *, out_of_reach: bool = False) -> None:
        super().__init__(text)
        self.out_of_reach = out_of_reach


@dataclass(frozen=True, slots=True)
class Listed:
    """A release on the index.

    `yanked` says that all its files were withdrawn, `pythons` what each file says of the Pythons
    that it runs on, `uploaded` the day of its first file, or "".
    """

    release: str
    yanked: bool = False
    pythons: tuple[str, ...] = ()
    uploaded: str = ""

    @property
    def version(self) -> Version:
        """The release as a version that can be compared."""
        return Version(self.release)

    def runs_on(self, python: str) -> bool:
        """Return whether a file of the release says that it runs on this release of Python."""
        return any(_allows(one, python) for one in self.pythons) or not self.pythons


def listed(package: str) -> tuple[Listed, ...]:
    """Return every release of a package that the index lists, the oldest first.

    Raises NotListed where there is none, or the index cannot be asked.
    """
    return releases_in(package, _document(package))


def listed_over(axis: Axis | None, package: str) -> tuple[Listed, ...]:
    """Return every release of a package, also those under names that its axis calls former.

    A release counts under the name that the last listed one before it has. Raises NotListed.
    """
    if axis is None:
        return listed(package)
    return tuple(
        sorted(
            (
                one
                for name in axis.names
                for one in listed(name)
                if axis.name_at(like_which(axis.releases, one.release)) == name
            ),
            key=lambda one: one.version,
        )
    )


def like_which(listed: Sequence[str], release: str) -> str:
    """Return the last of the listed releases that is not newer than a release, else the oldest."""
    version = Version(release)
    return next((one for one in reversed(listed) if Version(one) <= version), listed[0])


def eligible(
    releases: Iterable[Listed],
    *,
    pre: bool = False,
    yanked: bool = False,
    python: str = platform.python_version(),
) -> tuple[Listed, ...]:
    """Return the releases that run on a Python: pre-releases and yanked ones only if asked for."""
    return tuple(
        one
        for one in releases
        if one.runs_on(python)
        and (pre or not one.version.is_prerelease)
        and (yanked or not one.yanked)
    )


def releases_in(package: str, document: dict[str, Any]) -> tuple[Listed, ...]:
    """Return the releases that the index's answer lists, the oldest first."""
    files: dict[Version, list[dict[str, Any]]] = {}
    for file in document.get("files", ()):
        if (version := _version(file.get("filename", ""))) is not None:
            files.setdefault(version, []).append(file)
    if not files:
        raise NotListed(f"{package}: the index {index_url()} lists no release")
    return tuple(
        Listed(
            str(version),
            all(file.get("yanked") for file in own),
            tuple(dict.fromkeys(file.get("requires-python") or "" for file in own)),
            min((file.get("upload-time") or "" for file in own), default="")[:10],
        )
        for version, own in sorted(files.items())
    )


def _document(package: str) -> dict[str, Any]:
    address = f"{index_url()}/{package}/"
    asked = urllib.request.Request(address, headers={"Accept": JSON})
    try:
        with urllib.request.urlopen(asked, timeout=TIMEOUT) as answer:
            found = json.load(answer)
    except urllib.error.HTTPError as error:
        if error.code == 404:
            raise NotListed(f"{package}: no such package on {index_url()}") from None
        raise NotListed(f"{address}: {error}", out_of_reach=True) from None
    except (urllib.error.URLError, OSError) as error:
        why = one_line(str(getattr(error, "reason", error)))
        raise NotListed(f"{address}: cannot be asked: {why}", out_of_reach=True) from None
    except ValueError:
        raise NotListed(f"{address}: its answer is no JSON (PEP 691)", out_of_reach=True) from None
    return found if isinstance(found, dict) else {}


def _version(filename: str) -> Version | None:
    """Return the version in a file's name, or None where it is no wheel or source distribution."""
    try:
        if filename.endswith(".whl"):
            return parse_wheel_filename(filename)[1]
        return parse_sdist_filename(filename)[1]
    except (InvalidSdistFilename, InvalidWheelFilename, InvalidVersion):
        return None


def _allows(specifier: str, python: str) -> bool:
    try:
        return SpecifierSet(specifier).contains(python, prereleases=True)
    except InvalidSpecifier:
        return True
