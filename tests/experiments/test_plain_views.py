"""The controls without Flask-Admin have none of it, as those that they are like have."""

import pytest

from casebook.judge.project import read_report
from tests.conftest import CASEBOOK


@pytest.fixture(scope="module")
def users():
    """What used a session under each control, in all histories of it."""
    report = read_report(CASEBOOK, "session_scoping")
    found: dict[str, set[str]] = {pattern.id: set() for pattern in report.investigation.controls}
    for record in report.records.values():
        for cell in record.cells:
            for history in report.histories_of(cell) if cell.pattern in found else ():
                used = history.of("session-used")
                found[cell.pattern] |= {str(event["by"]).partition(".")[0] for event in used}
    return found


@pytest.mark.slow
@pytest.mark.parametrize(
    ("plain", "like"),
    [
        ("plain-views", "scoped-session-removed"),
        ("plain-views-by-context", "scoped-session-by-context"),
    ],
)
def test_plain_views_use_no_flask_admin(users, plain, like):
    assert "flask_admin" in users[like]
    assert "plain_views" in users[plain]
    assert "flask_admin" not in users[plain]
