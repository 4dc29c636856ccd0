"""The page of an older release: what is other than where its axis starts."""

import re
from dataclasses import replace

import pytest

from casebook.claim import VerdictWord
from casebook.record import History
from casebook.site.book import Book
from casebook.site.swept import Apart, swept_pages
from casebook.stored import digest_of
from tests.casebook.judge.builders import BAD, NOTHING, RAISED
from tests.casebook.judge.over_releases import at, over
from tests.casebook.site.builders import written
from tests.casebook.site.over_releases import (
    SINCE_2_1,
    UNAVAILABLE,
    drawn,
    page,
    shown,
    small_project,
)


@pytest.fixture
def root(tmp_path):
    """Return a folder with what the pages of the smallest investigation are made of."""
    return small_project(tmp_path)


def test_the_page_of_a_release_tells_what_is_other_than_at_the_start(root):
    text = page(root, *SINCE_2_1, name="releases/now-at-admin-1.0.md")
    assert 'id="good.used.now-at-admin-1.0.sqlite"' in text.partition("<table")[0]
    assert 'href="../patterns/used.html#good.used.now.sqlite"' in text
    assert "1 with another verdict" in text


def test_the_page_of_a_release_begins_with_what_to_write_and_what_to_avoid_there(root):
    bad, good = (
        page(root, *SINCE_2_1, name=f"releases/now-at-admin-{release}.md").partition("<article")[0]
        for release in ("1.0", "2.1")
    )
    assert re.search(r'class="grade avoid">.*</span> avoid</span> <a .*patterns/used\.html', bad)
    assert re.search(r'class="grade recommended">.*patterns/used\.html', good)


def test_what_is_refuted_on_a_release_is_told_before_what_is_open(root):
    shown = next(swept_pages(Book(root, drawn(over(*SINCE_2_1)))))
    words: tuple[VerdictWord, ...] = ("inconclusive", "supported", "refuted")
    found = [replace(shown.findings[0], verdict=word, reason=word) for word in words]
    vars(shown)["apart"] = tuple(Apart(one, None) for one in found)
    told = [alike[0].finding.verdict for alike in shown.told]
    assert told == ["refuted", "supported", "inconclusive"]


def test_the_controls_of_a_release_share_the_last_column(root):
    text = page(root, *SINCE_2_1, name="releases/now-at-admin-1.0.md")
    head, body = text.partition("<table")[2].split("<tbody>")
    assert re.findall(r'<th scope="col">(?:<a [^>]*>)?([\w-]+)', head) == [
        "Claim",
        "used",
        "Controls",
    ]
    last = body.partition("</tr>")[0].rpartition("<td>")[2]
    assert re.findall(r'href="../patterns/([\w-]+)', last) == ["right", "unwired"]


def test_the_page_of_a_release_counts_what_is_the_same_and_what_could_not_be_tested(root):
    record = at("1.0", {("used", "wire"): RAISED, ("used", "use"): None})
    text = page(root, record, name="releases/now-at-admin-1.0.md")
    assert re.search(r"6 findings; .*: 4 the same, 1 with another verdict, 1 not tested", text)


def test_the_page_of_a_release_counts_what_is_so_for_another_reason_apart(root):
    raised = {("used", "wire"): RAISED, ("used", "use"): None}
    another = {**raised, ("used", "wire"): History("raised", "ValueError: another", ())}
    text = page(root, at("1.0", another), now=raised, name="releases/now-at-admin-1.0.md")
    assert re.search(
        r"6 findings; .*: 4 the same, 1 with the same verdict for another reason", text
    )
    assert "with another verdict" not in text
    told = text.partition("The same verdict for another reason: 1")[2].partition("</details>")[0]
    assert shown(told.partition("<ul>")[2]) == "refuted wires of used: ValueError: another"


def test_the_page_of_a_release_has_an_anchor_for_each_finding(root):
    report = drawn(over(*SINCE_2_1))
    files = written(root, report)
    assert report.swept
    for finding in report.swept.findings:
        text = files[f"tiny/releases/{finding.environment}.md"]
        assert text.count(f'id="{finding.id}"') == 1, finding.id


def test_the_page_of_a_release_that_cannot_be_used_shows_the_error(root):
    text = page(root, *UNAVAILABLE, name="releases/now-at-admin-1.0.md")
    assert "It cannot be imported" in text
    assert "ImportError: no &lt;module&gt;" in text
    assert "<table" not in text
    assert "compared with" not in text


def test_histories_that_only_older_releases_have_are_shown_where_they_are_linked(root):
    files = written(root, drawn(over(*SINCE_2_1, at("2.1", {("right", "use"): NOTHING}))))
    assert f"extra/histories/{digest_of(BAD)}.html" in files
    assert f"extra/histories/{digest_of(NOTHING)}.html" not in files
