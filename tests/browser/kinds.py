"""One page of each kind that a site has, and the ways in which each is looked at."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from casebook.plan.conf import investigation_ids, read_investigation
from casebook.stored import HISTORIES
from tests.conftest import CASEBOOK

PAGES = {
    "index": "index.html",
    "investigation": "tiny/index.html",
    "recommendations": "tiny/recommendations.html",
    "prose": "tiny/how-it-works.html",
    "comparison": "tiny/comparison.html",
    "controls": "tiny/controls.html",
    "claims": "tiny/claims.html",
    "statements": "tiny/statements.html",
    "symptoms": "tiny/symptoms.html",
    "references": "tiny/references.html",
    "method": "tiny/method.html",
    "releases": "tiny/releases.html",
    "swept": "tiny/releases/dictionary-at-tally-1.4.html",
    "swept that cannot be imported": "tiny/releases/dictionary-at-tally-1.2.html",
    "pattern": "tiny/patterns/counts-with-tally.html",
    "control": "tiny/patterns/warns-when-wired.html",
    "backend": "tiny/backends/dictionary.html",
    "history": "tiny: completed",
    "history of a failure": "tiny: raised",
    "search": "search.html?q=counts-apart",
}
"""Those of the miniature, each named like the template that it is made of."""


def kinds_of(id: str) -> Iterator[tuple[str, str]]:
    """Yield the name and the address of each kind of page that an investigation here has."""
    asked = read_investigation(CASEBOOK, id)
    prose = (file.stem for file in (CASEBOOK / "docs" / id).glob("*.md"))
    axes = ("releases",) if asked.axes else ()
    results = CASEBOOK / "docs" / "results" / id
    for name in dict.fromkeys(("index", "controls", *asked.chapters, *sorted(prose), *axes)):
        yield name, f"{id}/{name}.html"
    folders = {
        "pattern": [f"patterns/{one.id}" for one in asked.patterns if not one.control],
        "control": [f"patterns/{one.id}" for one in asked.patterns if one.control],
        "backend": [f"backends/{one.id}" for one in asked.backends],
        "swept": [f"releases/{one.id}" for one in asked.swept if any(results.glob(f"{one.id}.*"))],
    }
    for name, addresses in folders.items():
        if addresses:
            yield name, f"{id}/{addresses[-1]}.html"
    yield "history", f"{id}: completed"
    yield "history of a failure", f"{id}: raised"
    yield "search", f"search.html?q={asked.patterns[0].id}"


def found(site: Path, address: str) -> str:
    """Return an address on a site; "ID: OUTCOME" is a history that ended so, named by its digest.

    It is one that is drawn, the first in the order of the records.
    """
    id, colon, outcome = address.partition(": ")
    if not colon:
        return address
    root = site.parent.parent
    diagram = read_investigation(root, id).diagram
    for record in sorted((root / "docs" / "results" / id).glob("*.json")):
        for cell in json.loads(record.read_bytes())["cells"]:
            name = cell["histories"][0]
            history = json.loads((record.parent / HISTORIES / f"{name}.json").read_bytes())
            drawn = diagram is None or cell["experiment"] in diagram.experiments
            if drawn and history["outcome"] == outcome:
                return f"histories/{name}.html"
    pytest.skip(f"no history that is drawn {outcome}")


def kinds_here() -> Iterator[tuple[str, str]]:
    """Yield a page of each kind that the checkout has, whatever investigations it has.

    Pages of one kind are made of the same templates: that of the first investigation is looked at.
    """
    seen: set[str] = set()
    for id in investigation_ids(CASEBOOK):
        new = [(name, address) for name, address in kinds_of(id) if name not in seen]
        yield from ((f"{id} {name}", address) for name, address in new)
        seen |= {name for name, _ in new}


HERE = {"front": "index.html", **dict(kinds_here())}
"""Those of the checkout."""

WIDTHS = (1280, 390)

every_kind = pytest.mark.parametrize(
    ("site", "address"),
    [
        *(pytest.param("miniature", one, id=f"miniature {name}") for name, one in PAGES.items()),
        *(pytest.param("checkout", one, id=name) for name, one in HERE.items()),
    ],
    indirect=["site"],
)
every_look = pytest.mark.parametrize(
    ("site", "address", "width", "scheme"),
    [
        pytest.param(site, address, width, scheme, id=f"{name}-{width}-{scheme}")
        for site, name, address in (
            *(("miniature", f"miniature {name}", one) for name, one in PAGES.items()),
            *(("checkout", name, one) for name, one in HERE.items()),
        )
        for width in WIDTHS
        for scheme in ("light", "dark")
        if site == "miniature" or (width, scheme) in ((1280, "light"), (390, "dark"))
    ],
    indirect=["site"],
)
"""Every kind of page at each width in each scheme; those of the checkout in two of the four.

They are made of the same templates and styles, and are longer.
"""
each_site = pytest.mark.parametrize("site", ["miniature", "checkout"], indirect=True)
both_widths = pytest.mark.parametrize("width", WIDTHS)
both_schemes = pytest.mark.parametrize("scheme", ["light", "dark"])
