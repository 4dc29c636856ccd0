"""Where links lead whose address went: to what it is called now, else to an edition that has it."""

from __future__ import annotations

from collections.abc import Sequence

from casebook import addresses
from casebook.edition import Addresses

Redirects = dict[str, dict[str, str]]
"""By page and id, "" for the page itself, the address that a link leads to."""


def redirects(latest: Addresses, earlier: Sequence[Addresses]) -> Redirects:
    """Return where what `earlier` editions had and the latest has not leads.

    `earlier` begins with the newest. Addresses are relative to the folder of all editions.
    """
    found: Redirects = {}
    known = _whole(latest)
    for edition in earlier:
        for page, ids in edition.pages.items():
            for id in ("", *ids.ids):
                address = f"{page}#{id}" if id else page
                if address not in known:
                    known.add(address)
                    found.setdefault(page, {})[id] = _target(latest, address, edition.edition)
    return found


def _whole(edition: Addresses) -> set[str]:
    own = {f"{page}#{id}" for page, held in edition.pages.items() for id in held.ids}
    return own | edition.pages.keys()


def _target(latest: Addresses, address: str, last: str) -> str:
    """Return where a link to an address that went leads; `last` is the last edition that has it."""
    now = latest.renamed.get(address)
    return f"{addresses.LATEST}/{now}" if now else f"{last}/{address}"
