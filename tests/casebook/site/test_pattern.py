"""The page of a pattern: its findings, their events and their drawings."""

import re
from dataclasses import replace

import pytest

from casebook.judge.observed import Evidence
from casebook.plan.investigation import Setting
from casebook.site.book import Book
from casebook.site.pattern import EVENTS, PatternPage
from casebook.stored import digest_of
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


def test_the_events_that_show_a_verdict_lead_to_their_history_and_are_numbered_from_one(root):
    page = written(root)["sample/patterns/right.md"]
    history = f"../../histories/{digest_of(CLOSED)}.html"
    assert (
        '<ol class="deciding">\n'
        f'<li value="2"><a href="{history}#2">request-started R1 T1 method=GET path=/admin/user/'
        "</a></li>\n"
        f'<li value="4"><a href="{history}#4">session-used S1 T1 R1 '
        "by=flask_admin.contrib.sqla.view</a></li>\n"
        "</ol>\n"
    ) in page
    assert f'<a data-experiment="three-requests" href="{history}#2">three-requests</a>:' in page


def test_of_many_events_the_first_few_are_shown_and_their_history_has_all(root):
    report = sample()
    evidence = (Evidence("three-requests", 0, tuple(range(9))),)
    report = replace(report, findings=(replace(report.findings[0], evidence=evidence),))
    page = written(root, report)["sample/patterns/right.md"]
    assert page.count('<li value="') == EVENTS == 4
    assert page.count(f'"../../histories/{digest_of(CLOSED)}.html#1"') == 2


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
    shown, _, folded = page.partition('<details class="alike">')
    assert shown.count("<svg") == 1
    assert "With Library, run 1 of 2: the runs differed" in shown
    assert folded.startswith("<summary>1 other, in other settings</summary>")
    history = f"../../histories/{digest_of(KEPT)}.html"
    assert f'<a href="{history}">History</a> in With Library, run 2 of 2' in folded


def test_which_run_a_finding_rests_on_is_said_where_the_runs_differed(root):
    report = sample()
    library = report.records[Setting("library", "sqlite")]
    cell = replace(library.cells[0], histories=named(CLOSED, KEPT))
    records = {**report.records, Setting("library", "sqlite"): replace(library, cells=(cell,))}
    evidence = tuple(Evidence("three-requests", run, (run,)) for run in (0, 1))
    findings = (replace(report.findings[0], evidence=evidence),)
    report = replace(report, records=records, findings=findings)
    page = written(root, report)["sample/patterns/right.md"]
    first, second = (f"../../histories/{digest_of(one)}.html" for one in (CLOSED, KEPT))
    assert (
        f'<a data-experiment="three-requests" href="{first}#1">three-requests</a>, run 1, '
        f'<a data-experiment="three-requests" data-run="2" href="{second}#2">three-requests</a>, '
        "run 2:</p>"
    ) in page


# --- Several databases ----------------------------------------------------------------------------


def test_a_pattern_page_names_its_grade_once_for_equal_databases(root):
    page = written(root, on_two_databases())["sample/patterns/right.md"]
    assert "on sqlite and second" in page


def found_of(root, report, pattern, claim):
    """Return what the page of a pattern shows of a claim: the databases that say the same, of these
    the ones that ran alike together.
    """
    book = Book(root, report)
    page = PatternPage(book, book.patterns[pattern])
    groups = {one.id: found for one, found in page.findings}[claim]
    return [[[one.database for one in ran.findings] for ran in group.ran] for group in groups]


def test_findings_that_say_the_same_stand_together(root):
    assert found_of(root, on_two_databases(), "right", "closed-on-success") == [
        [["sqlite", "second"]]
    ]


def test_what_says_the_same_of_another_history_stands_under_that_history(root):
    report = on_two_databases()
    second = Setting("library", "second")
    record = report.records[second]
    cell = replace(record.cells[0], histories=named(KEPT))
    records = {**report.records, second: replace(record, cells=(cell, *record.cells[1:]))}
    report = replace(report, records=records)
    assert found_of(root, report, "right", "closed-on-success") == [[["sqlite"], ["second"]]]
    page = written(root, report)["sample/patterns/right.md"]
    said = page[page.index("claims.html#closed-on-success") :].partition("</section>")[0]
    assert said.count('<article class="finding supported">') == 1
    for history, database in ((CLOSED, "sqlite"), (KEPT, "second")):
        link = f'href="../../histories/{digest_of(history)}.html#2">three-requests</a>:</p>'
        settings = said.partition(link)[2].partition("</ul>")[0]
        assert re.findall('<li id="([^"]*)"', settings) == [
            one.id
            for one in report.findings
            if (one.claim, one.pattern, one.environment, one.database)
            == ("closed-on-success", "right", "library", database)
        ]


@pytest.mark.parametrize("grade", ["recommended", "avoid"])
def test_findings_with_another_reason_or_verdict_stand_apart(root, grade):
    found = found_of(root, on_two_databases(grade), "right", "request-scoped")
    assert found == [[["sqlite"]], [["second"]]]


@pytest.mark.parametrize(
    "more", [{"verdict": "refuted"}, {"note": "not rerun"}, {"expected": "supported"}]
)
def test_findings_of_one_reason_that_differ_otherwise_stand_apart(root, more):
    report = on_two_databases()
    findings = tuple(
        replace(one, **more)
        if (one.claim, one.pattern, one.database) == ("closed-on-success", "right", "second")
        else one
        for one in report.findings
    )
    found = found_of(root, replace(report, findings=findings), "right", "closed-on-success")
    assert found == [[["sqlite"]], [["second"]]]


def test_a_finding_is_an_item_of_what_it_says_and_its_id_is_its_anchor(root):
    report = on_two_databases("avoid")
    pages = written(root, report)
    for one in report.findings:
        page = pages[f"sample/patterns/{one.pattern}.md"]
        before, item, _ = page.partition(f'<li id="{one.id}">')
        assert item
        article = before[before.rindex("<article ") :]
        assert article.startswith(f'<article class="finding {one.verdict}">')
        assert re.findall("<ul[^>]*>", article)[-1] == '<ul class="settings">'
        section = before[before.rindex("<section ") :]
        assert f'<code>{one.claim}</code> <span class="of">of {one.pattern}</span></h3>' in section


def test_more_settings_than_a_reader_takes_in_at_once_are_folded(root):
    report = sample()
    first = report.findings[0]
    for count, folded in ((6, False), (7, True)):
        settings = [Setting("library", f"database{number}") for number in range(count)]
        several = replace(
            report,
            investigation=replace(INVESTIGATION, databases=tuple(one.database for one in settings)),
            homes=dict.fromkeys(settings, "library"),
            records=dict.fromkeys(settings, report.records[Setting("library", "sqlite")]),
            findings=tuple(
                replace(first, id=f"{first.id}{one.database}", database=one.database)
                for one in settings
            ),
            grades=(),
            not_rerun={},
        )
        page = written(root, several)["sample/patterns/right.md"]
        assert page.count("<li id=") == count
        assert (f"<details><summary>{count} settings</summary>\n<ul" in page) == folded
