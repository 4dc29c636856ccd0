"""The settings that all investigations share, from `conf/site.toml`."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from casebook.plan.investigation import Investigation
from casebook.plan.mistakes import PlanError, one_of
from casebook.plan.toml_reader import TEXT, TEXTS, URL, Key, Reader

FILE = "conf/site.toml"
"""The file of the settings, relative to the project."""


@dataclass(frozen=True, slots=True)
class Site:
    """What the site is called, its address, and the environments that tests drive besides."""

    title: str
    url: str
    tests_drive: tuple[str, ...]


_KEYS = {
    "title": Key(TEXT, "", says="what the site is called; without it like the project's folder"),
    "site_url": Key(
        URL, says="what links in citations begin with; `CASEBOOK_SITE_URL` overrides it"
    ),
    "tests_drive": Key(
        TEXTS, [], says="environments that `nox -s tests` installs beside those of the faults"
    ),
}


def read_site(root: Path) -> Site:
    """Return the settings of a project; raise PlanError for the first mistake in their file."""
    reader = Reader(root, FILE)
    values = reader.table("", reader.document("site"), _KEYS)
    return Site(values["title"] or root.name, values["site_url"], values["tests_drive"])


def driven_by_tests(root: Path, investigations: Iterable[Investigation]) -> tuple[str, ...]:
    """Return the environments that tests drive besides; raise PlanError for one that is none."""
    known = [one.id for each in investigations for one in each.installed]
    named = read_site(root).tests_drive
    for id in named:
        if id not in known:
            raise PlanError(FILE, "tests_drive", f"unknown environment {id!r}", one_of(id, known))
    return named


KEYS = {"": _KEYS}
"""The keys of the file, for the reference."""
