"""Every page of the site, without a browser: its text, its links, its names."""

from collections import Counter
from pathlib import Path
from posixpath import join, normpath
from urllib.parse import unquote, urldefrag

import pytest

from tests.browser.kinds import PAGES, each_site
from tests.browser.markup import parse

pytestmark = pytest.mark.slow

PUBLISHED = "/latest/"
"""How links begin on 404.html, which is shown at any address: where the site is published."""


def found(pages, wrong):
    """Return what `wrong` finds in each page, where it finds something."""
    return {address: few for address, page in pages.items() if (few := list(wrong(page))[:5])}


@each_site
def test_every_page_is_valid_html(pages):
    assert not found(pages, lambda page: page.errors)


@each_site
def test_every_page_says_its_language(pages):
    assert {page.lang for page in pages.values()} == {"en"}


@each_site
def test_every_id_stands_once_on_its_page(pages):
    assert not found(
        pages, lambda page: (id for id, count in Counter(page.ids).items() if count > 1)
    )


@each_site
def test_every_picture_has_a_name(pages):
    assert not found(pages, lambda page: page.unnamed)


@each_site
def test_every_page_has_one_first_heading(pages):
    assert not found(pages, lambda page: [page.headings] if page.headings.count(1) != 1 else [])


@each_site
def test_no_heading_skips_a_level(pages):
    assert not found(
        pages,
        lambda page: (
            f"h{above}, h{below}"
            for above, below in zip(page.headings, page.headings[1:], strict=False)
            if below > above + 1
        ),
    )


@each_site
def test_every_link_leads_to_a_file_or_an_anchor_of_the_site(pages, site):
    ids = {address: {"", "top", *page.ids} for address, page in pages.items()}
    broken: dict[str, set[str]] = {}
    for address, page in pages.items():
        for link in page.links:
            path, fragment = urldefrag(link)
            path = path.partition("?")[0]
            path = "index.html" if path == "/" else path.removeprefix(PUBLISHED)
            target = normpath(join(address, "..", unquote(path))) if path else address
            if target in ids:
                if unquote(fragment) not in ids[target]:
                    broken.setdefault(address, set()).add(f"{link}: no such anchor")
            elif not (site / target).is_file():
                broken.setdefault(address, set()).add(f"{link}: no such file")
    assert not {address: sorted(links)[:5] for address, links in broken.items()}


def test_what_is_wrong_with_a_page_is_seen(tmp_path: Path):
    page = tmp_path / "page.html"
    page.write_text("<!doctype html><html><p id=a><p id=a></b><img src=x><h1>A</h1><h3>B</h3>")
    parsed = parse(page)
    assert parsed.errors
    assert parsed.lang == ""
    assert parsed.ids == ["a", "a"]
    assert parsed.links == ["x"]
    assert len(parsed.unnamed) == 1
    assert parsed.headings == [1, 3]


@pytest.mark.parametrize(
    ("id", "leads_on_to"),
    [  # what stood there when it was published, and where it stands now
        ("controls", "controls.html"),
        ("not-tested", ""),
        ("what-was-not-tested-and-why", ""),
        ("environments", ""),
    ],
)
def test_an_anchor_that_was_published_is_there_and_leads_on(pages, id, leads_on_to):
    parsed = pages[PAGES["method"]]
    assert id in parsed.ids
    assert not leads_on_to or leads_on_to in parsed.links


def test_an_event_that_is_told_with_others_leads_to_its_statement(visit):
    statement = "dictionaries-count-from-zero"
    page = visit(f"{PAGES['statements']}#{statement}.dictionary.ledger.in-turn.1.4")
    page.wait_for_url(f"**/statements.html#{statement}")
