"""The page of a pattern: its findings, their events and their drawings."""

from dataclasses import replace

import pytest

from casebook.plan.investigation import Setting
from casebook.site.book import Book
from casebook.site.pattern import PatternPage
from tests.casebook.judge.builders import named
from tests.casebook.site.builders import (
    CLAIMS,
    CLOSED,
    DIAGRAM,
    INVESTIGATION,
    KEPT,
    on_two_databases,
    sample,
    written,
)

# --- What the page shows --------------------------------------------------------------------------


def test_each_finding_has_an_element_whose_id_is_its_own(root):
    files = written(root)
    for finding in sample().findings:
        page = files[f"sample/patterns/{finding.pattern}.md"]
        assert page.count(f'id="{finding.id}"') == 1


def test_where_a_pattern_could_not_be_set_up_one_history_is_drawn(root):
    report = sample()
    gate = replace(CLAIMS[0], gate=True)
    report = replace(report, claims=(gate, *CLAIMS[1:]))
    page = written(root, report)["sample/patterns/kept.md"]
    assert page.count("<svg") == 1
    assert "### Where it could not be set up" in page


def test_an_investigation_without_a_diagram_has_pages_without_drawings(root):
    report = sample()
    claims = (replace(CLAIMS[0], gate=True), *CLAIMS[1:])
    investigation = replace(INVESTIGATION, diagram=None)
    report = replace(report, investigation=investigation, claims=claims)
    assert '<svg class="lifecycle"' not in "".join(written(root, report).values())


def test_the_events_that_show_a_verdict_are_numbered_from_one_and_have_addresses(root):
    page = written(root)["sample/patterns/right.md"]
    finding = next(one for one in sample().findings if one.pattern == "right" and one.evidence)
    event = f"{finding.id}.{finding.evidence[0].experiment}.1.2"
    row = f'<tr id="{event}"><td><a href="#{event}">2</a></td><td>request-started</td>'
    assert f"{row}<td>R1 T1</td>" in page


def test_equal_histories_of_several_environments_are_drawn_once(root):
    page = written(root)["sample/patterns/control.md"]
    assert page.count("<svg") == len(DIAGRAM.experiments)
    assert "With Library; With nothing, and Library beside it" in page


def test_histories_that_differ_between_runs_are_all_drawn(root):
    report = sample()
    library = report.records[Setting("library", "sqlite")]
    cell = replace(library.cells[0], histories=named(CLOSED, KEPT))
    records = {**report.records, Setting("library", "sqlite"): replace(library, cells=(cell,))}
    page = written(root, replace(report, records=records))["sample/patterns/right.md"]
    assert page.count("<svg") == 2
    assert "run 2 of 2: the runs differed" in page


# --- Several databases ----------------------------------------------------------------------------


def test_a_pattern_page_names_its_grade_once_for_equal_databases(root):
    page = written(root, on_two_databases())["sample/patterns/right.md"]
    assert "on sqlite and second" in page


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


@pytest.mark.parametrize("grade", ["recommended", "avoid"])
def test_findings_with_another_reason_or_verdict_stand_apart(root, grade):
    found = found_of(root, on_two_databases(grade), "right", "request-scoped")
    assert found == [["sqlite"], ["second"]]


def test_a_finding_that_is_folded_keeps_its_anchor(root):
    report = on_two_databases()
    pages = written(root, report)
    for one in report.findings:
        page = pages[f"sample/patterns/{one.pattern}.md"]
        assert page.count(f'<article class="finding {one.verdict}" id="{one.id}">') == 1
