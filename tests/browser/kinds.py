"""One page of each kind that the site has, and the ways in which each is looked at."""

import json

import pytest

from tests.conftest import CASEBOOK


def history(setting: str, pattern: str, experiment: str) -> str:
    """Return the address of the history that a cell names, which is another after each change."""
    record = CASEBOOK / "docs" / "results" / "session_scoping" / f"{setting}.json"
    (digest,) = (
        digest
        for cell in json.loads(record.read_text(encoding="utf-8"))["cells"]
        if (cell["pattern"], cell["experiment"]) == (pattern, experiment)
        for digest in cell["histories"]
    )
    return f"histories/{digest}.html"


PAGES = {
    "front": "index.html",
    "recommendations": "session_scoping/recommendations.html",
    "how it works": "session_scoping/how-it-works.html",
    "comparison": "session_scoping/comparison.html",
    "controls": "session_scoping/controls.html",
    "claims": "session_scoping/claims.html",
    "statements": "session_scoping/statements.html",
    "method": "session_scoping/method.html",
    "pattern": "session_scoping/patterns/session-at-import.html",
    "control": "session_scoping/patterns/begun-with-request.html",
    "backend": "session_scoping/backends/flask-sqlalchemy-lite.html",
    "history": history("flask-sqlalchemy.sqlite", "session", "operations"),
    "history of a failure": history(
        "flask-sqlalchemy-lite-beside-flask-sqlalchemy.sqlite",
        "session-at-import",
        "three-requests",
    ),
    "search": "search.html?q=request-scoped",
}

WIDTHS = (1280, 390)

every_kind = pytest.mark.parametrize("address", PAGES.values(), ids=PAGES.keys())
both_widths = pytest.mark.parametrize("width", WIDTHS)
both_schemes = pytest.mark.parametrize("scheme", ["light", "dark"])
