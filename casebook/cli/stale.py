"""Asks the package index which releases are newer than the locked ones, and which were yanked."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

from casebook.cite.compared import table
from casebook.judge.newer import (
    SCHEMA,
    KnownPackage,
    KnownReleases,
    newer,
    read_known,
    write_known,
)
from casebook.plan.axes import PYTHON
from casebook.plan.investigation import Investigation
from casebook.releases.index import Listed, NotListed, eligible, listed, listed_over
from casebook.releases.uv import index_url


@dataclass(frozen=True, slots=True)
class Asked:
    """What came of asking: the lines that say so, and whether the index answered."""

    lines: tuple[str, ...]
    answered: bool


def ask(root: Path, investigation: Investigation, today: date) -> Asked:
    """Ask the index for the investigation's packages, keep what it says, and put it into lines.

    Where it could not be asked nothing is changed, and what was known before is shown.
    """
    known, problems = [], []
    axes = {axis.package: axis for axis in investigation.axes if axis.package != PYTHON}
    for package in dict.fromkeys([*investigation.packages, *axes]):
        try:
            over = listed_over(axes[package], package) if package in axes else ()
            known.append(_known(package, listed(package), over))
        except NotListed as error:
            if error.out_of_reach:
                return _not_asked(root, investigation, str(error))
            problems.append(str(error))
    found = KnownReleases(SCHEMA, today.isoformat(), _shown(index_url()), tuple(known))
    write_known(root, investigation.id, found)
    return Asked((*_lines(investigation, found), *problems), answered=True)


def _not_asked(root: Path, investigation: Investigation, why: str) -> Asked:
    before, _ = read_known(root, investigation.id)
    lines = (f"{investigation.title}: not asked, and nothing is changed: {why}",)
    if before is None:
        return Asked(lines, answered=False)
    return Asked((*lines, *_lines(investigation, before)), answered=False)


def _known(package: str, releases: tuple[Listed, ...], over: tuple[Listed, ...]) -> KnownPackage:
    newest = next(iter(reversed(eligible(releases))), None)
    return KnownPackage(
        package,
        newest.release if newest else "",
        newest.uploaded if newest else "",
        tuple(one.release for one in releases if one.yanked),
        tuple(one.release for one in eligible(over)),
    )


def _lines(investigation: Investigation, known: KnownReleases) -> Iterator[str]:
    """Yield a table of the packages, with a row for each release that is locked somewhere."""
    yield f"{investigation.title}: as {known.index} had it on {known.asked}"
    rows = [("package", "locked", "newest", "since", "in")]
    for one in known.packages:
        for release, ids in _locked(investigation, one.package).items():
            behind = {
                id: newer(known, {one.package: release}, investigation.environment(id))
                for id in ids
            }
            held = [id for id, found in behind.items() if not found and release != one.newest]
            gone = "yanked" if release in one.yanked else ""
            exact = "as declared" if len(held) == len(ids) else ""
            words = ", ".join(filter(None, (_some(ids), exact)))
            rows.append(
                (one.package, f"{release} {gone}".rstrip(), one.newest, one.uploaded, words)
            )
    yield from table(rows)
    stale = sorted(set(_stale(investigation, known)))
    if stale:
        yield f"Newer: {', '.join(stale)}. `nox -s lock` takes them, `nox -s report` observes them."
    else:
        yield "Nothing is newer than what is locked, save where a release is asked for."


def _locked(investigation: Investigation, package: str) -> Mapping[str, list[str]]:
    """Return the declared environments by the release of a package that their locks have."""
    found: dict[str, list[str]] = {}
    for environment in investigation.environments:
        if release := environment.locked.get(package):
            found.setdefault(release, []).append(environment.id)
    return found


def _stale(investigation: Investigation, known: KnownReleases) -> Iterator[str]:
    for environment in investigation.environments:
        for one in newer(known, environment.locked, environment):
            yield one.words


def _shown(url: str) -> str:
    """Return an index's address without the name and the password that may stand in it."""
    parts = urlsplit(url)
    return urlunsplit(parts._replace(netloc=parts.netloc.rpartition("@")[2]))


def _some(ids: list[str]) -> str:
    return ids[0] if len(ids) == 1 else f"{len(ids)} environments"
