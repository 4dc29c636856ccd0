"""One page of each kind that the site has, and the ways in which each is looked at."""

import pytest

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
    "search": "search.html?q=request-scoped",
}

WIDTHS = (1280, 390)

every_kind = pytest.mark.parametrize("address", PAGES.values(), ids=PAGES.keys())
both_widths = pytest.mark.parametrize("width", WIDTHS)
both_schemes = pytest.mark.parametrize("scheme", ["light", "dark"])
