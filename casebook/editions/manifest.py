"""The manifest of an edition: its name, every address in it and the verdicts at these addresses.

Pages read the small scripts. Later editions read `addresses.json`, to redirect earlier links and to
see which verdicts turned.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

import msgspec

from casebook.editions import addresses
from casebook.editions.names import names_of, renamed
from casebook.judge.report import Report
from casebook.templates import template

SCRIPT = "edition.js"
"""The script at the site's root, which knows the edition and tells each page of it."""

ADDRESSES = "addresses.json"
"""The file at the site's root that lists every address."""

NOW = "now"
"""The folder of the scripts that hold the current verdicts of each page."""

ADDRESSES_SCHEMA = 1
"""The schema number of `addresses.json`."""

PageKind = Literal["prose", "claims", "statements", "pattern", "backend"]

PAGES_OF: dict[str, PageKind] = {
    "claim": "claims",
    "pattern": "pattern",
    "finding": "pattern",
    "statement": "statements",
    "symptom": "prose",
}
"""The kind of page that each kind of named thing stands on."""


@dataclass(frozen=True, slots=True)
class ListedPage:
    """A page and the ids on it, each with its verdict, or "" if it has none."""

    kind: PageKind = "prose"
    ids: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Manifest:
    """Every page of an edition by its address; `renamed` maps former addresses to present ones.

    Events are not listed: what was their id begins with that of their finding.
    """

    schema: int
    edition: str
    digest: str
    pages: dict[str, ListedPage]
    renamed: dict[str, str]


def manifest_of(reports: Sequence[Report], pages: Iterable[str]) -> Manifest:
    """Return the manifest of a site of these reports; `pages` are the addresses of its pages."""
    kinds: dict[str, PageKind] = dict.fromkeys(pages, "prose")
    ids: dict[str, dict[str, str]] = {page: {} for page in kinds}

    for named in names_of(reports):
        page, _, id = named.address.partition("#")
        if page in kinds:
            kinds[page] = PAGES_OF[named.kind]
            ids[page][id] = named.verdict
    for report in reports:
        for environment in report.investigation.swept:
            page = addresses.swept(report.investigation, environment.id)
            if page in kinds:
                kinds[page] = "prose"  # what it says decides no answer, so no edition counts it
        for backend in report.investigation.backends:
            page = addresses.backend(report.investigation, backend.id)
            if page in kinds:
                kinds[page] = "backend"
    return Manifest(
        schema=ADDRESSES_SCHEMA,
        edition="-".join(dict.fromkeys(report.edition for report in reports)),
        digest="-".join(dict.fromkeys(report.digest for report in reports)),
        pages={page: ListedPage(kinds[page], ids[page]) for page in sorted(kinds)},
        renamed=renamed(reports),
    )


# --- Files ----------------------------------------------------------------------------------------


def files(edition: Manifest) -> Iterator[tuple[str, str]]:
    """Yield the name and text of each file of the manifest."""
    values = script(edition=edition.edition, digest=edition.digest)
    yield SCRIPT, template("editions/edition.js.j2").render(values=values)
    text = msgspec.json.format(msgspec.json.encode(edition), indent=0).decode()
    yield ADDRESSES, f"{text}\n"
    for address, page in edition.pages.items():
        if told(page):
            yield now(address), script(verdicts=page.ids)


def told(page: ListedPage) -> bool:
    """Return whether any id on a page has a verdict."""
    return any(page.ids.values())


def now(page: str) -> str:
    """Return the path of the script that holds the current verdicts of a page."""
    return script_of(NOW, page)


def script_of(folder: str, page: str) -> str:
    """Return the path of a page's script in a folder of scripts."""
    return f"{folder}/{page.removesuffix('.html')}.js"


def script(**values: object) -> str:
    """Return a script that passes values to the page that loads it, also without a server.

    Each value is `casebook.<name>` until another script sets the same name.
    """
    text = json.dumps(values, indent=0, sort_keys=True)
    return f"window.casebook = Object.assign(window.casebook ?? {{}}, {text});\n"


def read_manifest(folder: Path) -> Manifest:
    """Return the manifest of the edition in this folder.

    Raises OSError if the file cannot be read, msgspec.DecodeError if it has another form.
    """
    return msgspec.json.decode((folder / ADDRESSES).read_bytes(), type=Manifest)


Redirects = dict[str, dict[str, str]]
"""The address that a link leads to, by page and id; the id "" stands for the page itself."""


def redirects(latest: Manifest, earlier: Sequence[Manifest]) -> Redirects:
    """Return redirects for the addresses that `earlier` editions have and the latest lacks.

    `earlier` begins with the newest. Targets are relative to the folder of all editions.
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


def _whole(edition: Manifest) -> set[str]:
    own = {f"{page}#{id}" for page, held in edition.pages.items() for id in held.ids}
    return own | edition.pages.keys()


def _target(latest: Manifest, address: str, last: str) -> str:
    """Return the target for an address that is gone; `last` is the last edition that has it."""
    now = latest.renamed.get(address)
    return f"{addresses.LATEST}/{now}" if now else f"{last}/{address}"
