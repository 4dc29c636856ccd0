"""Editions: what was published stays, and every link into an earlier one leads somewhere."""

import filecmp
import json
import os
import re
import shutil
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from html import unescape
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest

from casebook import edition, editions, plan, renames, swap
from casebook.edition import Addresses, Page
from casebook.editions import PublishError, publish
from casebook.investigation import Renamed
from casebook.redirects import redirects
from tests.casebook.test_judge import INVESTIGATION, judged

TODAY = date(2026, 11, 20)

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
    _, name, value = re.split(r"\?\? \{\}, \{(\w+): ", text.removesuffix("});\n"), maxsplit=1)
    return {name: json.loads(value)}


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


# --- Publishing, on a site made by hand ----------------------------------------------------------


def site(folder: Path, name: str, pages: dict[str, dict[str, str]], **more: dict) -> Path:
    """Write what of a built site publishing reads; return its folder."""
    own = Addresses(
        1, name, f"digest of {name}",
        {page: Page("pattern", ids) for page, ids in pages.items()}, more.get("renamed", {}),
    )  # fmt: skip
    built = folder / f"built-{name}"
    for page in pages:
        (built / page).parent.mkdir(parents=True, exist_ok=True)
        (built / page).write_text(f"{page} of {name}")
    for file, text in edition.files(own):
        (built / file).parent.mkdir(parents=True, exist_ok=True)
        (built / file).write_text(text)
    (built / "404.html").write_text(f"none in {name}")
    return built


def contents(folder: Path) -> dict[str, bytes]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


@pytest.fixture
def one(tmp_path):
    return site(tmp_path, "one", {"index.html": {}, "a/x.html": {"f": "supported", "g": "refuted"}})


@pytest.fixture
def two(tmp_path):
    return site(tmp_path, "two", {"index.html": {}, "a/x.html": {"f": "refuted"}})


def test_publishing_again_changes_nothing(tmp_path, one):
    public = tmp_path / "public"
    assert "published, the latest of 1" in publish(one, public, "T", TODAY)
    before = contents(public)
    assert "still the latest" in publish(one, public, "T", date(2027, 1, 1))
    assert contents(public) == before


def test_another_content_under_the_same_name_is_refused_and_nothing_is_changed(tmp_path, one):
    public = tmp_path / "public"
    publish(one, public, "T", TODAY)
    before = contents(public)
    (one / "a/x.html").write_text("another")
    (one / "more.html").write_text("more")
    with pytest.raises(PublishError, match=r"differ: a/x.html, more.html"):
        publish(one, public, "T", TODAY)
    assert contents(public) == before


def test_an_earlier_edition_becomes_the_latest_again(tmp_path, one, two):
    public = tmp_path / "public"
    publish(one, public, "T", TODAY)
    publish(two, public, "T", TODAY)
    assert "now the latest" in publish(one, public, "T", TODAY)
    index = editions.read_index(public)
    assert index.latest == "one"
    assert [entry.edition for entry in index.editions] == ["two", "one"]
    assert (public / "latest" / "index.html").read_text() == "index.html of one"
    assert not list((public / "redirects").rglob("*.js"))


def test_a_folder_of_something_else_is_left_alone(tmp_path, one):
    public = tmp_path / "public"
    (public / "docs").mkdir(parents=True)
    with pytest.raises(PublishError, match=r"docs is there, and no editions.json"):
        publish(one, public, "T", TODAY)
    assert [path.name for path in public.iterdir()] == ["docs"]


def test_what_a_branch_holds_that_is_served_may_stay(tmp_path, one):
    public = tmp_path / "public"
    (public / ".git").mkdir(parents=True)
    (public / "CNAME").write_text("casebook.example\n")
    publish(one, public, "T", TODAY)
    assert (public / "CNAME").read_text() == "casebook.example\n"


def test_an_index_that_cannot_be_read_is_named(tmp_path, one):
    public = tmp_path / "public"
    public.mkdir()
    (public / "editions.json").write_text('{"schema": 1, "latest": 3}')
    with pytest.raises(PublishError, match=r"editions.json: .*\$.latest"):
        publish(one, public, "T", TODAY)


def test_an_edition_whose_folder_is_gone_is_named(tmp_path, one, two):
    public = tmp_path / "public"
    publish(one, public, "T", TODAY)
    shutil.rmtree(public / "one")
    with pytest.raises(PublishError, match=r"one: its addresses cannot be read"):
        publish(two, public, "T", TODAY)
    assert not (public / "two").exists()


STEPS = 40
"""More steps than publishing two small editions takes."""


def killed_at(step: int, built: Path, public: Path) -> bool:
    """Publish in a process that ends at a step on the file system; return whether it got there."""
    child = os.fork()
    if not child:
        left = step

        def counted(work):
            def counting(*arguments, **options):
                nonlocal left
                left -= 1
                if left < 0:
                    os._exit(9)
                return work(*arguments, **options)

            return counting

        try:
            for owner, name in (
                (os, "rename"), (os, "replace"), (shutil, "copytree"), (shutil, "copy"),
                (swap, "_exchange"), (editions, "_write"),
            ):  # fmt: skip
                setattr(owner, name, counted(getattr(owner, name)))
            publish(built, public, "T", TODAY)
            os._exit(0)
        finally:
            os._exit(1)
    code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    assert code in (0, 9)
    return code == 9


def test_a_killed_publishing_leaves_whole_editions_and_the_next_one_mends_the_rest(
    tmp_path, one, two
):
    whole = tmp_path / "whole"
    publish(one, whole, "T", TODAY)
    publish(two, whole, "T", TODAY)
    at = 0
    for at in range(STEPS):
        public = tmp_path / f"public-{at}"
        publish(one, public, "T", TODAY)
        killed = killed_at(at, two, public)
        assert contents(public / "one") == contents(one)
        assert (public / "two").exists() <= (contents(public / "two") == contents(two))
        latest = contents(public / "latest")
        assert latest in (contents(one), contents(two))
        publish(two, public, "T", TODAY)
        assert contents(public) == contents(whole)
        if not killed:
            break
    assert 10 < at < STEPS - 1


def test_where_folders_cannot_be_exchanged_one_takes_the_place_of_the_other(tmp_path, monkeypatch):
    monkeypatch.setattr(swap, "_exchange", lambda one, other: False)
    for name in ("new", "old"):
        (tmp_path / name).mkdir()
        (tmp_path / name / name).touch()
    swap.swap(tmp_path / "new", tmp_path / "old")
    assert (tmp_path / "old" / "new").exists()


# --- Redirects ------------------------------------------------------------------------------------


def addresses_with(name: str, pages: dict[str, list[str]], renamed: dict | None = None):
    found = {page: Page("pattern", dict.fromkeys(ids, "supported")) for page, ids in pages.items()}
    return Addresses(1, name, name, found, renamed or {})


def test_what_went_leads_to_the_last_edition_that_had_it():
    latest = addresses_with("c", {"p": ["x"]})
    earlier = [
        addresses_with("b", {"p": ["x", "y"]}),
        addresses_with("a", {"p": ["y", "z"], "q": []}),
    ]
    assert redirects(latest, earlier) == {"p": {"y": "b/p#y", "z": "a/p#z"}, "q": {"": "a/q"}}


def test_what_was_renamed_leads_to_the_latest():
    latest = addresses_with("b", {"p": ["x"]}, {"p#old": "p#x"})
    assert redirects(latest, [addresses_with("a", {"p": ["old"]})]) == {"p": {"old": "latest/p#x"}}


def test_a_claim_that_was_renamed_twice_takes_its_findings_along_from_both_names():
    report = judged()
    claim = report.claims[0].id
    moved = (Renamed("claim", "first", "second"), Renamed("claim", "second", claim))
    report = replace(report, investigation=replace(INVESTIGATION, renamed=moved))
    found = renames.renamed([report])
    for name in ("first", "second"):
        assert found[f"tiny/claims.html#{name}"] == f"tiny/claims.html#{claim}"
        for finding in report.findings:
            if finding.claim == claim:
                page = f"tiny/patterns/{finding.pattern}.html"
                former = f"{page}#{finding.id.replace(claim, name, 1)}"
                assert found[former] == f"{page}#{finding.id}"


RENAMED = '\n[[renamed]]\nkind = "{}"\nfrom = "{}"\nto = "{}"\n'


@pytest.mark.parametrize(
    ("tables", "error"),
    [
        ([("patern", "a", "b")], r"renamed\[1\].kind: 'patern' is not \"claim\", "),
        ([("pattern", "A b", "counts-by-name")], r"renamed\[1\].from: 'A b' cannot be an id"),
        ([("pattern", "one-global", "counts-by-name")], r"'one-global' is still declared"),
        ([("pattern", "old", "counts-by-nam")], r"renamed\[1\].to: .*: write 'counts-by"),
        ([("environment", "old", "nowhere")], r"'nowhere' is not a declared environment"),
        ([("claim", "old", "wire")], r"'wire' is not a declared claim: write 'wires'"),
        ([("statement", "old", "none")], r"'none' is not a declared statement"),
        ([("claim", "a", "wires"), ("claim", "a", "wires")], r"renamed\[2\].from: two of"),
        ([("claim", "a", "b"), ("claim", "b", "a")], r"claim 'a' becomes itself again"),
    ],
)  # fmt: skip
def test_a_wrong_rename_names_its_place(tiny, tables, error):
    text = tiny.path("conf/tiny.toml").read_text()
    tiny.write("conf/tiny.toml", text + "".join(RENAMED.format(*table) for table in tables))
    from casebook.judge import report

    with pytest.raises(plan.PlanError, match=error):
        report(tiny.root, "tiny")
