"""By what long lists are found, and what stands together on a pattern's page."""

import re

from casebook.plan.investigation import Setting
from casebook.site.book import Book
from casebook.site.filters import Filters, filters
from tests.casebook.site.builders import sample, written


def test_facets_are_what_places_and_claims_are_found_by(root):
    book = Book(root, sample())
    settings = [book.settings[Setting(one, "sqlite")] for one in ("library", "plain")]
    assert filters(book, settings, ["request-scoped", "request-scoped"]) == Filters(
        ("library", "plain"), ("request-scoped",), ("app 2.0", "library 3.1")
    )


def test_what_is_of_nothing_is_found_by_nothing(root):
    assert filters(Book(root, sample()), ()) == Filters((), (), ())


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
