"""What an edition tells of itself: its name, every address in it and the verdicts found there.

Pages read the small scripts; later editions read `addresses.json`, by which they know what earlier
links lead to and which verdicts turned.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

import msgspec

from casebook import addresses, renames
from casebook.report import Report

SCRIPT = "edition.js"
"""The script at the site's root that tells each page its edition."""

ADDRESSES = "addresses.json"
"""The file at the site's root that lists every address."""

NOW = "now"
"""The folder of the scripts that tell the verdicts of a page."""

ADDRESSES_SCHEMA = 1
"""The number of the form of `addresses.json`."""

PageKind = Literal["prose", "claims", "statements", "pattern", "backend"]


@dataclass(frozen=True, slots=True)
class Page:
    """A page and the ids on it, each with its verdict in a word, "" for what has none."""

    kind: PageKind = "prose"
    ids: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Addresses:
    """Every page of an edition by its address, and what was published under another address.

    Events are not listed: their ids begin with that of their finding; see `addresses.event`.
    """

    schema: int
    edition: str
    digest: str
    pages: dict[str, Page]
    renamed: dict[str, str]


def of_edition(reports: Sequence[Report], pages: Iterable[str]) -> Addresses:
    """Return the addresses of a site of these reports; `pages` are the addresses of its pages."""
    kinds: dict[str, PageKind] = dict.fromkeys(pages, "prose")
    ids: dict[str, dict[str, str]] = {page: {} for page in kinds}

    def put(kind: PageKind, address: str, verdict: str = "") -> None:
        page, _, id = address.partition("#")
        if page in kinds:
            kinds[page] = kind
            ids[page] |= {id: verdict} if id else {}

    for report in reports:
        investigation = report.investigation
        for claim in report.claims:
            put("claims", addresses.claim(investigation, claim))
        for pattern in investigation.patterns:
            put("pattern", f"{addresses.pattern(investigation, pattern.id)}#{pattern.id}")
        for backend in investigation.backends:
            put("backend", addresses.backend(investigation, backend.id))
        for finding in report.findings:
            put("pattern", addresses.finding(investigation, finding), finding.verdict)
        for stated in report.stated:
            address = addresses.statement(investigation, stated.statement)
            put("statements", address, stated.outcome)
    return Addresses(
        schema=ADDRESSES_SCHEMA,
        edition="-".join(dict.fromkeys(report.edition for report in reports)),
        digest="-".join(dict.fromkeys(report.digest for report in reports)),
        pages={page: Page(kinds[page], ids[page]) for page in sorted(kinds)},
        renamed=renames.renamed(reports),
    )


# --- Files ----------------------------------------------------------------------------------------


def files(edition: Addresses) -> Iterator[tuple[str, str]]:
    """Yield name and text of each file by which an edition tells what it is."""
    yield SCRIPT, script(edition=edition.edition, digest=edition.digest)
    text = msgspec.json.format(msgspec.json.encode(edition), indent=1).decode()
    yield ADDRESSES, f"{text}\n"
    for address, page in edition.pages.items():
        if told(page):
            yield now(address), script(verdicts=page.ids)


def told(page: Page) -> bool:
    """Return whether a page holds verdicts."""
    return any(page.ids.values())


def now(page: str) -> str:
    """Return the script that tells the verdicts of a page."""
    return script_of(NOW, page)


def script_of(folder: str, page: str) -> str:
    """Return the script in a folder of scripts that belongs to a page."""
    return f"{folder}/{page.removesuffix('.html')}.js"


def script(**values: object) -> str:
    """Return a script that hands values to the page that loads it, which works from a file, too.

    Each is `casebook.<name>` until another script hands over one of that name.
    """
    text = json.dumps(values, indent=0, sort_keys=True)
    return f"window.casebook = Object.assign(window.casebook ?? {{}}, {text});\n"


def read(folder: Path) -> Addresses:
    """Return the addresses of the edition in this folder.

    Raises OSError without the file, msgspec.DecodeError where it has another form.
    """
    return msgspec.json.decode((folder / ADDRESSES).read_bytes(), type=Addresses)
