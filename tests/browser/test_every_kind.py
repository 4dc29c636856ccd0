"""Every kind of page, in a browser: open to everyone, calm, and alone on its site."""

import pytest
from axe_playwright_python.sync_playwright import Axe

from tests.browser.kinds import both_schemes, both_widths, every_kind, every_look

OPTIONS = {
    "resultTypes": ["violations"],
    "preload": False,
}  # preloading asks for style sheets again

COLOURS = {"runOnly": ["color-contrast", "link-in-text-block"], **OPTIONS}
"""The rules of axe whose answer depends on the scheme; the others are asked once for each width."""

LEAN = {"exclude": [["tbody tr:nth-child(n+4):not(:has(.inconclusive))"]]}
"""Without rows of long tables that are made as those above them are: they are looked at once."""

SHIFTS = """
window.shifts = [];
new PerformanceObserver((list) => {
  for (const entry of list.getEntries()) window.shifts.push(entry.value);
}).observe({ type: "layout-shift", buffered: true });
"""

PAINTED = "() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))"


@pytest.mark.slow
@every_look
def test_axe_finds_nothing(visit, address, width, scheme):
    page = visit(address, width, scheme)
    every_row = (width, scheme) == (1280, "light")
    options = OPTIONS if scheme == "light" else COLOURS
    found = Axe().run(page, context=None if every_row else LEAN, options=options).response
    assert not {
        one["id"]: [node["html"][:200] for node in one["nodes"][:3]] for one in found["violations"]
    }


@both_schemes
@both_widths
def test_axe_finds_nothing_where_nothing_is_found(visit, published, width, scheme):
    # 404.html is shown at any address, so its links begin with a slash: a file has none.
    page = visit("404.html", width, scheme, at=published)
    assert page.locator("h1").count() == 1
    found = Axe().run(page, options=OPTIONS).response
    assert not {one["id"]: one["nodes"][0]["html"][:200] for one in found["violations"]}


@both_widths
@every_kind
def test_nothing_moves_while_a_page_loads(visit, address, width):
    page = visit(address.partition("?")[0], width, scripts=(SHIFTS,))
    page.evaluate(PAINTED)
    assert sum(page.evaluate("window.shifts")) < 0.001


@both_widths
@every_kind
def test_a_page_is_as_wide_as_its_window(visit, address, width):
    page = visit(address, width)
    assert page.evaluate("document.documentElement.scrollWidth") <= width


@every_kind
def test_a_page_asks_for_nothing_off_the_site_and_logs_no_error(visit, served, address):
    # `visit` looks at the requests and at the console, here of a page that has an address.
    assert visit(address, at=served).title()
