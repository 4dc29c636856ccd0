"""What was published of session scoping is still there, or leads on."""

import pytest

from tests.browser.markup import parse

pytestmark = pytest.mark.slow


@pytest.mark.parametrize(
    ("anchor", "leads_on_to"),
    [  # what stood there when it was published, and where it stands now
        ("method.html#controls", "controls.html"),
        ("method.html#faults", ""),
        ("method.html#not-tested", ""),
        ("method.html#what-was-not-tested-and-why", ""),
        ("method.html#environments", ""),
        ("method.html#limits", ""),
        ("comparison.html#flask-admin-with-flask-sqlalchemy", ""),
        ("comparison.html#flask-admin-2-0-2-with-flask-sqlalchemy-lite", ""),
    ],
)
def test_an_anchor_that_was_published_is_there_and_leads_on(checkout_site, anchor, leads_on_to):
    page, _, id = anchor.partition("#")
    parsed = parse(checkout_site / "session_scoping" / page)
    assert id in parsed.ids
    assert not leads_on_to or leads_on_to in parsed.links
