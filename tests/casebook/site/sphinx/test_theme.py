"""What the theme and others' extensions leave out is there."""

import re
from queue import SimpleQueue
from types import SimpleNamespace
from typing import Any

import pytest
from jinja2 import Environment

from casebook.editions.manifest import read_manifest
from casebook.site.sphinx.theme import Repaired, bundle, list_all_pages, set_root, write_bundles
from tests.casebook.site.builders import built, sample


@pytest.mark.slow
def test_code_and_tables_can_be_scrolled_by_keyboard_and_each_sidebar_has_a_name(root):
    (root / "docs").mkdir(exist_ok=True)
    (root / "docs" / "table.md").write_text(
        "---\norphan: true\n---\n\n# A\n\n| a |\n| - |\n| b |\n"
    )
    site = built(root, sample())
    assert '<div tabindex="0" class="table-wrapper' in (site / "table.html").read_text()
    page = (site / "sample/patterns/right.html").read_text()
    assert '<pre tabindex="0"><span></span><span class="k">def</span>' in page
    assert "<pre>" not in page
    assert page.count("<aside ") == page.count("<aside aria-label=")


@pytest.mark.slow
def test_a_sitemap_lists_the_pages_of_the_latest_edition_and_no_search(editions):
    text = (editions.public / "sitemap.xml").read_text()
    listed = set(re.findall("<loc>https://tiny.example/latest/([^<]*)</loc>", text))
    assert listed == set(read_manifest(editions.public / "latest").pages)


@pytest.mark.slow
def test_the_page_for_missing_addresses_finds_the_site_from_anywhere(editions):
    text = (editions.public / "404.html").read_text()
    own = re.findall(r'(?:href|src)="([^"#:]*)"', text)
    assert own
    assert all(link.startswith("/") for link in own)
    assert 'data-content_root="/latest/"' in text


# --- Each repair by itself ------------------------------------------------------------------------


def test_furos_sidebars_get_names_and_its_search_a_heading():
    template = (
        '<aside class="sidebar-drawer"></aside><aside class="toc-drawer no-toc"></aside>'
        '<div id="search-results"></div>'
    )
    text = Repaired(Environment()).preprocess(template, "page.html")
    assert text == (
        '<aside aria-label="The site" class="sidebar-drawer"></aside>'
        '<aside aria-label="On this page" class="toc-drawer no-toc"></aside>'
        "<h1>{{ _('Search') }}</h1>\n\n<div id=\"search-results\"></div>"
    )


def app(**more):
    config = SimpleNamespace(
        notfound_pagename="404", notfound_urls_prefix="/latest/", sitemap_excludes=["search.html"]
    )
    return SimpleNamespace(config=config, **more)


def test_the_page_for_missing_addresses_begins_its_links_at_the_root():
    context = {"content_root": "./"}
    set_root(app(), "404", "page.html", context, None)
    assert context == {"content_root": "/latest/", "editions": "/", "pageurl": None}


def test_another_pages_links_stay_as_they_are():
    context = {"content_root": "../"}
    set_root(app(), "tiny/claims", "page.html", context, None)
    assert context == {"content_root": "../"}


def test_the_sitemap_lists_every_page_also_one_that_was_not_written_again():
    links: SimpleQueue[tuple[str, None]] = SimpleQueue()
    links.put(("stale.html", None))
    listing = app(sitemap_links=links, env=SimpleNamespace(found_docs={"b", "a", "search"}))
    list_all_pages(listing, None)
    assert [links.get() for _ in range(links.qsize())] == [("a.html", None), ("b.html", None)]


def test_a_page_begins_with_the_policy_and_has_furos_script_in_a_file():
    inline = '<script>\n  document.body.dataset.theme = localStorage.getItem("theme");\n</script>'
    text = Repaired(Environment()).preprocess(f'<meta charset="utf-8">\n{inline}', "base.html")
    policy = "script-src 'self' file:; object-src 'none'; base-uri 'self'"
    assert text == (
        '<meta charset="utf-8">\n'
        f'    <meta http-equiv="Content-Security-Policy" content="{policy}">\n'
        "<script src=\"{{ pathto('_static/theme.js', 1) }}\"></script>"
    )


def test_pages_ask_for_one_style_sheet_and_one_script_that_hold_all_parts(tmp_path):
    class Asset:
        def __init__(self, filename, priority=500):
            self.filename, self.priority = filename, priority

    (tmp_path / "_static").mkdir()
    for name in ("a.css", "b.css", "a.js", "b.js"):
        (tmp_path / "_static" / name).write_text(f"/* {name} */")
    outside = Asset("https://example.org/c.css")
    files = {
        "css_files": [Asset("_static/b.css"), outside, Asset("_static/a.css", 200)],
        "script_files": [Asset("_static/a.js"), Asset("_static/b.js")],
    }
    app: Any = SimpleNamespace(outdir=tmp_path, builder=SimpleNamespace(globalcontext=files))
    context = dict(files)
    bundle(app, "page", "page.html", context, None)
    assert [one.filename for one in context["css_files"]] == ["_static/site.css", outside.filename]
    assert [one.filename for one in context["script_files"]] == ["_static/site.js"]

    (tmp_path / "_static/a.css").write_text("/* written late */")
    write_bundles(app, None)
    assert (tmp_path / "_static/site.css").read_text() == "/* written late */\n/* b.css */"
    assert (tmp_path / "_static/site.js").read_text() == "/* a.js */\n;\n/* b.js */"
