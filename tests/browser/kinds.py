"""One page of each kind that the site has, and the ways in which each is looked at."""

import json

import pytest

from tests.conftest import CASEBOOK


def history(setting: str, pattern: str, experiment: str) -> str:
    """Return the address of the history that a cell names, which is another after each change.

    Where nothing is recorded there is no such page, and only the tests that look at it fail.
    """
    record = CASEBOOK / "docs" / "results" / "session_scoping" / f"{setting}.json"
    text = record.read_text(encoding="utf-8") if record.exists() else '{"cells": []}'
    for cell in json.loads(text)["cells"]:
        if (cell["pattern"], cell["experiment"]) == (pattern, experiment):
            return f"histories/{cell['histories'][0]}.html"
    return f"histories/not-recorded-{pattern}-{experiment}.html"


PAGES = {
    "front": "index.html",
    "recommendations": "session_scoping/recommendations.html",
    "how it works": "session_scoping/how-it-works.html",
    "comparison": "session_scoping/comparison.html",
    "controls": "session_scoping/controls.html",
    "claims": "session_scoping/claims.html",
    "statements": "session_scoping/statements.html",
    "method": "session_scoping/method.html",
    "symptoms": "session_scoping/symptoms.html",
    "releases": "session_scoping/releases.html",
    "release": "session_scoping/releases/flask-sqlalchemy-at-flask-admin-2.0.1.html",
    "references": "session_scoping/references.html",
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
