"""What the site offers beside its pages."""

import re

import pytest

from casebook.editions import addresses
from casebook.judge.project import read_report
from casebook.plan.investigation import Setting
from casebook.site import pages
from casebook.site.book import Book
from casebook.site.downloads import downloads
from casebook.stored import dump
from tests.casebook.cite.builders import given, held
from tests.casebook.proof.builders import SHOWN, text_of
from tests.casebook.site.builders import sample, written


def test_a_record_lies_where_its_place_links_to(root):
    record = sample().records[Setting("library", "sqlite")]
    files = written(root)
    assert files["extra/sample/records/library.sqlite.json"] == dump(record)
    assert 'href="../../sample/records/library.sqlite.json"' in files["sample/patterns/right.md"]
    assert 'href="../../record.schema.json"' in files["sample/patterns/right.md"]
    assert '"title": "Record"' in files["extra/record.schema.json"]


def reproduced(files, investigation):
    """Return each reproduction that a site offers, by its finding's id."""
    file = held(files[addresses.scripts(investigation)], "Scripts")
    return {id: given(file, id) for id in file["texts"]}


def test_the_site_offers_each_script(observed, tmp_path):
    project, _ = observed
    report = read_report(project.root, "tiny")
    assert pages.render(project.root, [report], tmp_path)
    address = addresses.scripts(report.investigation)
    text = (tmp_path / "docs/extra" / address).read_text(encoding="utf-8")
    scripts = reproduced({address: text}, report.investigation)
    for claim, pattern, _ in SHOWN:
        id = f"{claim}.{pattern}.dictionary.sqlite"
        assert scripts[id] == text_of(project, claim, pattern)


@pytest.fixture(scope="module")
def offered(observed):
    project, _ = observed
    book = Book(project.root, read_report(project.root, "tiny"))
    return book, list(downloads(book, "https://casebook.example/"))


def test_each_address_is_offered_once(offered):
    names = [name for name, _ in offered[1]]
    assert len(names) == len(set(names))


def test_every_pattern_has_a_badge_and_its_citations(offered):
    book, files = offered
    names = {name for name, _ in files}
    for pattern in book.investigation.patterns:
        assert addresses.badge(book.investigation, pattern.id) in names
        assert addresses.citations(book.investigation, pattern.id) in names


def test_a_record_is_offered_byte_for_byte(offered, observed):
    setting = Setting("dictionary", "sqlite")
    name = addresses.record(offered[0].investigation, setting)
    assert dict(offered[1])[name] == observed[0].record_file().read_text(encoding="utf-8")


def test_a_finding_that_has_no_script_offers_none(offered):
    book, files = offered
    with_script = [one for one in book.report.findings if book.reproductions.script(one)]
    without = [one for one in book.report.findings if one not in with_script]
    assert with_script
    assert without
    scripts = reproduced(dict(files), book.investigation)
    assert scripts.keys() == {one.id for one in with_script}


def test_what_citations_link_to_begins_with_the_sites_address(offered):
    book, files = offered
    text = dict(files)[addresses.citations(book.investigation, "kept-apart")]
    assert "https://casebook.example/" in text
    assert not [link for link in re.findall(r"\]\(([^)]*)", text) if "://" not in link]
