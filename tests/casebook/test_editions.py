"""Editions: what was published stays, and every link into an earlier one leads somewhere."""

import filecmp
import json
import os
import re
import shutil
from collections.abc import Iterator
from html import unescape
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest

from casebook import edition
from casebook import site as casebook_site
from casebook.__main__ import main
from tests.conftest import Project

# --- Following links, as a browser does ----------------------------------------------------------


class Ids(HTMLParser):
    """The ids and the links of a page."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.ids: set[str] = set()
        self.links: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        for name, value in attributes:
            if name == "id" and value:
                self.ids.add(value)
            if name == "href" and value and tag == "a":
                self.links.append(value)


class Reader:
    """Follows addresses in a folder of editions; what scripts do is done as they say."""

    def __init__(self, public: Path) -> None:
        self.public = public
        self.pages: dict[str, Ids] = {}

    def page(self, address: str) -> Ids:
        if address not in self.pages:
            text = (self.public / address).read_text(encoding="utf-8")
            self.pages[address] = Ids(text)
        return self.pages[address]

    def arrive(self, address: str, steps: int = 6) -> str:
        """Return where a reader ends who opens an address, relative to the folder."""
        assert steps, f"{address} leads round in circles"
        page, _, id = address.partition("#")
        text = (self.public / page).read_text(encoding="utf-8")
        forward = re.search(r'location.replace\("([^"]*)" \+', text)
        if forward:
            return self.arrive(
                self.joined(page, f"{forward[1]}#{id}" if id else forward[1]), steps - 1
            )
        if (not id and "data-went" not in text) or id in self.page(page).ids:
            return address
        leads = self.redirects(page)
        beginnings = [id[:end] for end in range(len(id), 0, -1) if end == len(id) or id[end] == "."]
        for one in beginnings:
            if one in self.page(page).ids:
                return f"{page}#{one}"
            if one in leads:
                return self.arrive(leads[one] + id[len(one) :], steps - 1)
        if "data-went" in text:
            return self.arrive(f"{leads['']}#{id}" if id else leads[""], steps - 1)
        raise AssertionError(f"{address} leads nowhere")

    def redirects(self, page: str) -> dict[str, str]:
        folder, _, own = page.partition("/")
        if folder != "latest":
            return {}
        if own not in said(self.public / "editions.js")["editions"]["redirects"]:
            return {}
        return said(self.public / edition.script_of("redirects", own))["redirects"]

    def joined(self, page: str, link: str) -> str:
        address, _, id = link.partition("#")
        own = self.public / page
        path = os.path.normpath(own.parent / unquote(address) if address else own)
        whole = os.path.relpath(path, self.public)
        return f"{whole}#{id}" if id else whole


def said(script: Path) -> dict:
    """Return what a script of ours hands over."""
    text = script.read_text(encoding="utf-8")
    return json.loads(text[text.index("{", text.index("?? {}") + 5) : -3])


@pytest.fixture(scope="module")
def reader(request: pytest.FixtureRequest) -> Reader:
    return Reader(request.getfixturevalue("editions").public)


def addresses_of(public: Path, name: str) -> Iterator[str]:
    for page, held in edition.read(public / name).pages.items():
        yield page
        yield from (f"{page}#{id}" for id in held.ids)


@pytest.mark.slow
def test_every_address_of_an_edition_is_there(editions, reader):
    for name in (editions.first, editions.second, "latest"):
        for address in addresses_of(editions.public, name):
            assert reader.arrive(f"{name}/{address}") == f"{name}/{address}"


@pytest.mark.slow
def test_every_old_address_leads_somewhere_in_the_latest_and_without_an_edition(editions, reader):
    for address in addresses_of(editions.public, editions.first):
        ended = reader.arrive(f"latest/{address}")
        assert ended.startswith(("latest/", f"{editions.first}/"))
        if address != "index.html":  # that is the index of editions
            assert reader.arrive(address) == ended
        assert bool("#" in address) == bool("#" in ended)


@pytest.mark.slow
def test_every_link_that_verdicts_json_published_leads_to_its_finding(editions, reader):
    for name in (editions.first, editions.second):
        published = json.loads((editions.public / name / "verdicts.json").read_text())
        for one in (*published["findings"], *published["statements"]):
            address = one["url"].removeprefix("https://tiny.example/")
            assert "#" in reader.arrive(address)


@pytest.mark.slow
def test_every_link_on_an_old_page_leads_somewhere_also_where_it_was_copied_from_latest(
    editions, reader
):
    listed = set(addresses_of(editions.public, editions.first))
    followed = 0
    for page in edition.read(editions.public / editions.first).pages:
        for link in map(unescape, reader.page(f"{editions.first}/{page}").links):
            if urlsplit(link).scheme or link == "#":
                continue
            own = reader.joined(f"{editions.first}/{page}", link)
            assert reader.arrive(own) == own
            # A heading's anchor may go, and leaves the reader on the page.
            there = own.removeprefix(f"{editions.first}/")
            there = there if there in listed else there.partition("#")[0]
            if there.endswith(".html") or "#" in there:
                assert reader.arrive(f"latest/{there}")
            followed += 1
    assert followed > 500


@pytest.mark.slow
@pytest.mark.parametrize(
    ("before", "now"),
    [  # of the folder `tiny`
        ("patterns/counter-per-name.html", "latest/patterns/one-counter-each.html"),
        ("patterns/counter-per-name.html#source", "latest/patterns/one-counter-each.html#source"),
        ("claims.html#no-warnings", "latest/claims.html#warns-of-nothing"),
        (
            "patterns/counter-per-name.html"
            "#no-warnings.counter-per-name.closure-not-importable.sqlite",
            "latest/patterns/one-counter-each.html"
            "#warns-of-nothing.one-counter-each.closure-without-library.sqlite",
        ),
        (
            "patterns/counts-by-name.html#no-warnings.counts-by-name.dictionary.sqlite",
            "latest/patterns/counts-by-name.html"
            "#warns-of-nothing.counts-by-name.dictionary.sqlite",
        ),
        (
            "statements.html#dictionaries-keep-counts-apart",
            "latest/statements.html#counts-are-apart",
        ),
        ("statements.html#dictionaries-are-best", "FIRST/statements.html#dictionaries-are-best"),
        ("patterns/one-global.html", "FIRST/patterns/one-global.html"),
        (
            "patterns/one-global.html#wires.one-global.module-global.sqlite",
            "FIRST/patterns/one-global.html#wires.one-global.module-global.sqlite",
        ),
    ],
)  # fmt: skip
def test_what_was_renamed_leads_to_what_it_is_now_and_what_went_to_where_it_was(
    editions, reader, before, now
):
    folder, _, page = now.partition("/")
    name = editions.first if folder == "FIRST" else folder
    assert reader.arrive(f"tiny/{before}") == f"{name}/tiny/{page}"


@pytest.mark.slow
def test_an_event_that_went_leads_to_its_finding(editions, reader):
    finding = "counts-apart.counts-by-name.dictionary.sqlite"
    page = "tiny/patterns/counts-by-name.html"
    (event, *_) = sorted(
        id
        for id in reader.page(f"{editions.first}/{page}").ids
        if id.startswith(f"{finding}.in-turn.") and id not in reader.page(f"latest/{page}").ids
    )
    assert reader.arrive(f"{page}#{event}") == f"latest/{page}#{finding}"


def contents(folder: Path) -> dict[str, bytes]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


# --- What publishing leaves -----------------------------------------------------------------------


@pytest.mark.slow
def test_what_an_edition_brought_is_counted_and_a_renamed_finding_is_the_same(editions):
    second, first = json.loads((editions.public / "editions.json").read_text())["editions"]
    assert (first["changed"], first["went"]) == (0, 0)
    assert first["appeared"] == sum(first["findings"].values())
    # counts-by-name counts from 0 now; one-global, with three claims, went.
    assert (second["changed"], second["appeared"], second["went"]) == (1, 0, 3)
    assert second["statements"] == {"upheld": 1, "overturned": 1}


@pytest.mark.slow
def test_latest_is_the_edition_and_what_leads_on_from_pages_that_went(editions):
    compared = filecmp.dircmp(editions.public / editions.second, editions.public / "latest")
    assert not compared.left_only
    assert not compared.diff_files
    there = {"counter-per-name.html", "one-global.html"}
    patterns = compared.subdirs["tiny"].subdirs["patterns"]
    assert set(patterns.right_only) == there
    assert not patterns.diff_files


@pytest.mark.slow
def test_programs_and_servers_find_what_they_ask_for_at_the_root(editions):
    for name in ("verdicts.json", "verdicts.schema.json", "objects.inv", "404.html", "sitemap.xml"):
        own = editions.public / editions.second / name
        assert (editions.public / name).read_bytes() == own.read_bytes()
    assert (editions.public / ".nojekyll").exists()


@pytest.mark.slow
def test_the_index_of_editions_names_them_newest_first_and_links_to_each(editions):
    text = (editions.public / "index.html").read_text()
    links = [link for link in Ids(text).links if link.endswith("/index.html")]
    assert links == ["latest/index.html"] * 2 + [
        f"{name}/index.html" for name in (editions.second, editions.first)
    ]


@pytest.mark.slow
def test_a_sitemap_lists_the_pages_of_the_latest_edition_and_no_search(editions):
    text = (editions.public / "sitemap.xml").read_text()
    listed = set(re.findall("<loc>https://tiny.example/latest/([^<]*)</loc>", text))
    assert listed == set(edition.read(editions.public / "latest").pages)


@pytest.mark.slow
def test_each_page_says_its_verdict_where_it_is_linked(editions):
    def says(page: str) -> str:
        text = (editions.public / "latest" / page).read_text(encoding="utf-8")
        found = re.search(r'<meta property="og:description" content="([^"]*)"', text)
        plain = re.search(r'<meta content="([^"]*)" name="description"', text)
        assert found is not None
        assert plain is not None
        assert unescape(found[1]) == unescape(plain[1])
        return unescape(found[1])

    assert says("tiny/patterns/counts-by-name.html") == (
        "Desk(Counts().next): don't in dictionary (counts-apart refuted)."
    )
    assert "With Dictionary nothing that was tried works" in says("index.html")
    assert says("tiny/statements.html") == (
        "2 statements of 2 earlier reports: 1 upheld, 1 overturned."
    )


@pytest.mark.slow
def test_the_page_for_missing_addresses_finds_the_site_from_anywhere(editions):
    text = (editions.public / "404.html").read_text()
    own = re.findall(r'(?:href|src)="([^"#:]*)"', text)
    assert own
    assert all(link.startswith("/") for link in own)
    assert 'data-content_root="/latest/"' in text


@pytest.mark.slow
def test_the_same_tree_built_elsewhere_gives_the_same_bytes(editions, tmp_path, monkeypatch):
    elsewhere = Project(tmp_path / "another folder" / "deeper")
    ignored = shutil.ignore_patterns("public", "build", "__pycache__")
    shutil.copytree(editions.public.parent, elsewhere.root, ignore=ignored)
    monkeypatch.setenv("PYTHONHASHSEED", "7")
    monkeypatch.setenv("TZ", "Asia/Tokyo")
    elsewhere.command("casebook", "--root", str(elsewhere.root), "publish", "kept")
    there = elsewhere.path(f"kept/{editions.second}")
    assert contents(there) == contents(editions.public / editions.second)


def test_where_the_harness_failed_nothing_is_published(tiny, monkeypatch, capsys):
    def failed(root, folder=""):
        raise casebook_site.SiteError("Sphinx failed")

    assert tiny.run("dictionary").returncode == 0
    monkeypatch.setattr(casebook_site, "build", failed)
    assert main(["--root", str(tiny.root), "publish"]) == 1
    tiny.replace("experiments/tiny/claims.py", "    ended = history.", "    ended = nothing.")
    assert main(["--root", str(tiny.root), "publish"]) == 1
    assert "nothing is published: a checker failed" in capsys.readouterr().err
    assert not tiny.path("public").exists()
