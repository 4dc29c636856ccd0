"""The controls without Flask-Admin have none of it, as those that they are like have."""

import re

import pytest

from tests.committed import report_of
from tests.conftest import CASEBOOK


@pytest.fixture(scope="module")
def report():
    return report_of("session_scoping")


@pytest.fixture(scope="module")
def users(report):
    """What used a session under each control, in all histories of it."""
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


def test_the_method_names_the_claims_that_no_control_without_flask_admin_supports(report):
    without = {one.id for one in report.investigation.controls if one.without_subject_like}
    page = (CASEBOOK / "docs/session_scoping/method.md").read_text(encoding="utf-8")
    limit = re.search(r"\*\*Faults that all patterns share\.\*\*.*?\n- ", page, re.DOTALL)
    assert limit
    named = set(re.findall(r"\(#session_scoping\.([a-z-]+)\)", limit[0]))
    assert named == {one.id for one in report.claims if not without & set(one.supported_by)}
