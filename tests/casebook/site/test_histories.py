"""The pages of histories: one for each, which is the stored file with its events numbered."""

import json
import re
from dataclasses import replace
from html.parser import HTMLParser

import pytest

from casebook import ENGINE
from casebook.editions import addresses
from casebook.files import digest
from casebook.plan.investigation import Setting
from casebook.record import History
from casebook.site import pages
from casebook.site.book import Book
from casebook.site.histories import BESIDE, history_pages
from casebook.stored import Cell, digest_of, dump_history
from tests.casebook.judge.builders import named
from tests.casebook.site.builders import (
    CLOSED,
    HOSTILE,
    INVESTIGATION,
    KEPT,
    OVERLAP,
    SHARED,
    another,
    record,
    sample,
    written,
)

EMPTY = History("crashed", "killed by SIGSEGV", ())

EVERY = (CLOSED, KEPT, OVERLAP, SHARED)
"""The histories of the sample; several cells ran like CLOSED and OVERLAP."""


class Lines(HTMLParser):
    """The text of a page's history, and the text of each item there."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.text = ""
        self.anchors: dict[str, str] = {}
        self.inside = False
        self.anchor = ""
        self.feed(page.partition('<div class="history">')[2])

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        self.inside |= ("class", "lines") in attributes
        if tag == "li" and self.inside:
            self.anchor = dict(attributes)["id"] or ""
            assert self.anchor not in self.anchors
            self.anchors[self.anchor] = ""

    def handle_endtag(self, tag: str) -> None:
        self.inside &= tag != "div"
        if tag == "ol":
            self.anchor = ""

    def handle_data(self, data: str) -> None:
        if self.inside:
            self.text += data
            if self.anchor:
                self.anchors[self.anchor] += data


def offered(root, *reports):
    """Return what is yielded, a list so that what is there twice is seen."""
    return list(history_pages([Book(root, report) for report in reports], "A site"))


def page_of(root, history, *reports):
    found = dict(offered(root, *(reports or [sample()])))
    return found[addresses.history(digest_of(history))]


def recording(*histories, pattern="right"):
    """Return the sample, in which one cell ran so."""
    cell = Cell(pattern, "three-requests", 2, named(*histories))
    records = {Setting("library", "sqlite"): record("library", {"app": "2.0"}, [cell])}
    return replace(sample(), records=records)


# --- Which pages there are ------------------------------------------------------------------------


def test_a_history_has_one_page_however_many_cells_and_investigations_share_it(root):
    names = [name for name, _ in offered(root, sample(), another())]
    assert len(names) == len(set(names))
    assert {name for name in names if name.endswith(".html")} == {
        f"histories/{digest_of(one)}.html" for one in EVERY
    }


def test_a_history_that_no_cell_names_has_no_page(root):
    unnamed = replace(CLOSED, reason="of no cell")
    named(unnamed)
    report = sample()
    assert digest_of(unnamed) in report.histories
    assert addresses.history(digest_of(unnamed)) not in dict(offered(root, report))


def test_the_page_of_a_history_that_is_gone_is_removed(root):
    name = f"extra/{addresses.history(digest_of(KEPT))}"
    assert name in written(root)
    assert name not in written(root, recording(CLOSED))


def test_beside_the_pages_lies_what_they_load(root):
    found = dict(offered(root, sample()))
    for name in BESIDE:
        text = (ENGINE / "static" / name).read_text(encoding="utf-8")
        assert found[f"histories/{name}"] == text
    assert '"title": "StoredHistory"' in found["histories/history.schema.json"]
    shown = {name: text for name, text in found.items() if name.endswith(".html")}
    assert shown
    for text in shown.values():
        links = re.findall(r'(?:href|src)="([^"#/]*)["#]', text)
        assert {f"histories/{link}" for link in links} == found.keys() - shown.keys()


def test_published_pages_lie_beside_the_editions_which_link_to_them_there(root):
    pages.render(root, [sample()], root / "build", published=True)
    docs = root / "build" / "docs"
    name = f"{digest_of(CLOSED)}.html"
    assert (root / "build" / "histories" / name).is_file()
    assert (root / "build" / "histories" / "history.css").is_file()
    assert not (docs / "extra" / "histories").exists()
    page = (docs / "sample" / "patterns" / "right.md").read_text(encoding="utf-8")
    assert f'href="../../../histories/{name}#2"' in page
    assert f'"../../histories/{name}' not in page


# --- What a page shows ----------------------------------------------------------------------------


@pytest.mark.parametrize("history", [CLOSED, OVERLAP, EMPTY], ids=["requests", "overlap", "empty"])
def test_the_lines_are_the_stored_file_whose_digest_is_the_page_s_name(root, history):
    text = Lines(page_of(root, history, recording(history))).text
    assert text == dump_history(history)
    assert addresses.history(digest(text.encode())) == addresses.history(digest_of(history))


def test_each_event_is_an_anchor_that_its_number_names(root):
    for history in (*EVERY, EMPTY):
        anchors = Lines(page_of(root, history, recording(history))).anchors
        numbers = [str(number) for number in range(1, len(history.events) + 1)]
        assert list(anchors) == numbers
        for event, line in zip(history.events, anchors.values(), strict=True):
            kind, labels, details = json.loads(line.strip().removesuffix(","))
            assert (kind, tuple(labels), details) == (event.kind, event.labels, event.details)


def test_a_page_is_named_for_what_ran_in_words_and_leads_to_its_investigation(root):
    page = page_of(root, CLOSED)
    assert "<h1>Three requests: View(User, db), and 1 more</h1>" in page
    assert '<a href="../sample/index.html">A sample</a>' in page


def test_a_page_says_how_the_history_ended_and_what_it_left_open(root):
    assert '<strong class="completed">completed</strong>, 30 events.' in page_of(root, CLOSED)
    assert "2 things left open" in page_of(root, KEPT)
    crashed = page_of(root, EMPTY, recording(EMPTY))
    assert '<strong class="crashed">crashed</strong>: <span class="untrusted">killed by' in crashed
    assert ", 0 events." in crashed


def test_a_page_names_the_cells_that_ran_so_and_leads_to_their_patterns(root):
    page = page_of(root, CLOSED, sample(), another())
    assert "<summary>6 cells ran like this</summary>" in page
    ran = page.partition("ran like this</summary>")[2].partition("</ul>")[0]
    lines = re.findall('<li><a href="([^"]*)">([^<]*)</a>, (.*)</li>', ran)
    both = "three-requests: library, sqlite; plain-beside-library, sqlite"
    assert lines == [
        (f"../{id}/patterns/{pattern}.html", pattern, settings)
        for id in ("sample", "other")
        for pattern, settings in (("right", "three-requests: library, sqlite"), ("control", both))
    ]


def test_a_page_says_of_which_run_it_is_where_the_runs_differed(root):
    report = recording(CLOSED, KEPT)
    for number, history in enumerate((CLOSED, KEPT), 1):
        page = page_of(root, history, report)
        assert f"three-requests, run {number}: library, sqlite" in page
    assert ", run " not in page_of(root, CLOSED)


def test_beside_the_lines_stands_what_was_open(root):
    page = page_of(root, CLOSED)
    assert '<div class="history"><svg class="margin narrow"' in page
    assert '<span class="b2">S session</span>' in page
    assert "never closed" not in page
    assert '<span class="open">never closed</span>' in page_of(root, KEPT)


def test_without_a_diagram_there_are_the_lines_alone(root):
    report = replace(sample(), investigation=replace(INVESTIGATION, diagram=None))
    page = page_of(root, CLOSED, report)
    assert '<div class="history"><div class="lines">' in page
    assert "<svg" not in page
    assert "legend" not in page


# --- Untrusted text -------------------------------------------------------------------------------


def test_what_libraries_printed_is_only_text_and_what_hides_is_shown(root):
    failed = replace(KEPT, outcome="raised", reason=HOSTILE)
    page = page_of(root, failed, recording(failed))
    assert "<script>" not in page
    assert "\x1b" not in page
    assert "\u202e" not in page
    assert page.count("&lt;script&gt;alert(1)&lt;/script&gt;") == 3  # reason, its line, event
    lines = Lines(page)
    assert "\\u001b[31m \\u202e #" in lines.text
    assert json.loads(lines.text) == json.loads(dump_history(failed))


def test_a_long_reason_is_whole_below_its_beginning(root):
    reason = "E: " + "long " * 100 + "\nand the end"
    failed = replace(EMPTY, reason=reason)
    page = page_of(root, failed, recording(failed))
    assert f'<pre class="untrusted">{reason}</pre>' in page
