"""By what a reader finds something in a long list: its backends, claims and releases."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from casebook.book import Book
from casebook.places import Place


@dataclass(frozen=True, slots=True)
class Facets:
    """Ids of backends and of claims, and releases as "flask 3.1.3", each once and in order."""

    backends: tuple[str, ...]
    claims: tuple[str, ...]
    releases: tuple[str, ...]


def facets(book: Book, places: Iterable[Place], claims: Iterable[str] = ()) -> Facets:
    """Return by what findings of these places and claims are found."""
    places, named = tuple(places), set(claims)
    backends = {place.environment.backend for place in places}
    releases: dict[str, dict[str, None]] = {}
    for place in places:
        for package, release in place.headline.items():
            releases.setdefault(package, {})[release] = None
    return Facets(
        tuple(one.id for one in book.investigation.backends if one.id in backends),
        tuple(id for id in book.claims if id in named),
        tuple(f"{package} {release}" for package, found in releases.items() for release in found),
    )
