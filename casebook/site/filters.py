"""By what a reader finds something in a long list: its backends, claims and releases."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from casebook.judge.settings import ShownSetting
from casebook.site.book import Book


@dataclass(frozen=True, slots=True)
class Filters:
    """Ids of backends and of claims, and releases as "library 3.1.3", each once and in order."""

    backends: tuple[str, ...]
    claims: tuple[str, ...]
    releases: tuple[str, ...]


def filters(book: Book, settings: Iterable[ShownSetting], claims: Iterable[str] = ()) -> Filters:
    """Return by what findings of these settings and claims are found."""
    settings, named = tuple(settings), set(claims)
    backends = {setting.environment.backend for setting in settings}
    releases: dict[str, dict[str, None]] = {}
    for setting in settings:
        for package, release in setting.headline.items():
            releases.setdefault(package, {})[release] = None
    return Filters(
        tuple(one.id for one in book.investigation.backends if one.id in backends),
        tuple(id for id in book.claims if id in named),
        tuple(f"{package} {release}" for package, found in releases.items() for release in found),
    )
