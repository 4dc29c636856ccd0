"""By what long lists are found, and what stands together on a pattern's page."""

import re

import pytest

from casebook.book import Book
from casebook.facets import Facets, facets
from casebook.pattern_page import PatternPage
from tests.casebook.test_backends import on_two_databases
from tests.casebook.test_pages import project, sample, written


@pytest.fixture
def root(tmp_path):
    return project(tmp_path)


def test_facets_are_what_places_and_claims_are_found_by(root):
    book = Book(root, sample())
    places = [book.places["library", "sqlite"], book.places["plain", "sqlite"]]
    assert facets(book, places, ["request-scoped", "request-scoped"]) == Facets(
        ("library", "plain"), ("request-scoped",), ("app 2.0", "library 3.1")
    )


def test_what_is_of_nothing_is_found_by_nothing(root):
    assert facets(Book(root, sample()), ()) == Facets((), (), ())


def test_each_table_of_the_comparison_says_what_it_is_found_by(root):
    page = written(root)["sample/comparison.md"]
    tables = re.findall(r'class="comparison" data-backend="(.*?)" data-release="(.*?)"', page)
    assert tables[0] == ("library", "app-2.0 library-3.1")
    assert len(tables) == 3


def test_every_column_of_the_comparison_can_be_sorted_and_none_of_a_backends_page(root):
    files = written(root)
    heads = files["sample/comparison.md"].count('scope="col"')
    assert files["sample/comparison.md"].count('class="sort"') == heads
    assert 'class="sort"' not in files["sample/backends/library.md"]


def found_of(root, report, pattern, claim):
    """Return what the page of a pattern shows of a claim: databases that say the same, together."""
    book = Book(root, report)
    page = PatternPage(book, book.patterns[pattern])
    groups = {one.id: found for one, found in page.findings}[claim]
    return [[one.finding.database, *(other.database for other in one.others)] for one in groups]


def test_findings_that_say_the_same_stand_together(root):
    assert found_of(root, on_two_databases(), "right", "closed-on-success") == [
        ["sqlite", "second"]
    ]


@pytest.mark.parametrize("grade", ["write-this", "dont"])
def test_findings_with_another_reason_or_verdict_stand_apart(root, grade):
    found = found_of(root, on_two_databases(grade), "right", "request-scoped")
    assert found == [["sqlite"], ["second"]]


def test_a_finding_that_is_folded_keeps_its_anchor(root):
    report = on_two_databases()
    pages = written(root, report)
    for one in report.findings:
        page = pages[f"sample/patterns/{one.pattern}.md"]
        assert page.count(f'<article class="finding {one.verdict}" id="{one.id}">') == 1
