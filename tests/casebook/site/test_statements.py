"""The page of the statements shows each with what decided it."""

import re
import shutil
from dataclasses import replace
from html import unescape

import pytest

from casebook.judge.findings import ThenStated
from casebook.judge.project import read_report
from casebook.site import pages
from casebook.site.book import Book
from casebook.site.statements import StatementsPage
from tests.casebook.plan.builders import STATEMENTS
from tests.conftest import Project


def test_the_page_holds_every_statement_and_links_to_its_findings(observed, tmp_path):
    project, _ = observed
    pages.render(project.root, [read_report(project.root, "tiny")], tmp_path)
    page = (tmp_path / "docs" / "tiny" / "statements.md").read_text(encoding="utf-8")
    assert re.findall(r'<article class="statement ([\w-]+)" id="([\w-]+)"', page) == [
        ("upheld", "dictionaries-keep-counts-apart"),
        ("overturned", "dictionaries-count-from-zero"),
        ("not-checkable", "dictionaries-are-best"),
    ]
    link = "patterns/counts-by-name.html#counts-apart.counts-by-name.dictionary.sqlite"
    assert link in page
    assert "Decided by 1 fact" in page
    assert "counted" in page.partition("dictionaries-count-from-zero")[2]


def shown(text):
    """Return the text that some HTML shows."""
    return " ".join(unescape(re.sub("<[^>]*>", "", text)).split())


def statement_in(page, id):
    """Return the element of a statement."""
    return page.partition(f'id="{id}"')[2].partition("</article>")[0]


def rendered(report, root, folder):
    pages.render(root, [report], folder)
    return (folder / "docs" / "tiny" / "statements.md").read_text(encoding="utf-8")


APART = "dictionaries-keep-counts-apart"


def test_a_statement_says_what_it_was_and_what_it_is(observed, tmp_path):
    project, _ = observed
    report = read_report(project.root, "tiny")
    now = next(one for one in report.stated if one.statement.id == APART)
    was = replace(now, verdict="overturned", reason="T1 saw what T2 counted")
    then = ThenStated("2026-01-05", was, "false when written, true since", "since tally 1.5")
    page = rendered(replace(report, then={APART: (then,)}), project.root, tmp_path)
    one = statement_in(page, APART)
    head, then_line = (
        re.findall(f'<p class="{kind}">.*?</p>', one)[0] for kind in ("head", "then")
    )
    assert "✓ upheld" in shown(head)
    assert shown(then_line) == (
        "As of 2026-01-05: ✗ overturned, false when written, true since tally 1.5. "
        "T1 saw what T2 counted"
    )
    assert shown(page.partition('<p class="then">')[2].partition("</p>")[0]) == (
        "With the releases of 2026-01-05, the day of these texts: 1 false when written, true since."
    )


def test_what_libraries_said_of_statements_is_only_text(observed, tmp_path):
    project, _ = observed
    report, hostile = read_report(project.root, "tiny"), "<script>alert(1)</script>"
    stated = tuple(replace(one, reason=hostile) for one in report.stated)
    findings = tuple(replace(one, reason=hostile) for one in report.findings)
    then = ThenStated("2026-01-05", replace(stated[0], reason=f"then {hostile}"), "x", hostile)
    changed = replace(report, stated=stated, findings=findings, then={APART: (then,)})
    page = rendered(changed, project.root, tmp_path)
    assert hostile not in page
    assert page.count("&lt;script&gt;alert") >= len(stated) + 2


def test_each_place_of_a_statement_is_shown(observed, tmp_path):
    project, _ = observed
    page = rendered(read_report(project.root, "tiny"), project.root, tmp_path)
    one = statement_in(page, APART)
    assert "<summary>and 1 more place</summary>" in one
    (place,) = re.findall('<ul class="places">\n(.*?)\n</ul>', one)
    assert shown(place) == "Dictionary · apart: yes reports/LETTER.md, Table"


def test_a_source_is_shown_with_when_it_was_written_as_it_says(tiny, tmp_path):
    tiny.replace(STATEMENTS, '"2026-01-05"', '"for release 2"\nas_of = "2025-12-24"')
    told = page_of(tiny, tmp_path).partition('<ul class="reports">')[2]
    first = shown(told.partition("</li>")[0])
    assert first == (
        "Notes on counting, reports/NOTES.md, for release 2: 2 statements, "
        "not judged as of 2025-12-24"
    )


def test_what_decides_a_statement_leads_to_its_finding_or_its_event(observed, tmp_path):
    project = Project(tmp_path / "project")
    shutil.copytree(observed[0].root, project.root)
    both = 'claims = ["wires", "counts-apart"]'
    project.replace(STATEMENTS, 'claims = ["counts-apart"]', both)
    report = read_report(project.root, "tiny")
    page = rendered(report, project.root, tmp_path / "site")
    links = re.findall(
        r'href="[^"]*#(\w[\w.-]*)"', statement_in(page, APART).partition("grounds")[2]
    )
    assert links == [
        "wires.counts-by-name.dictionary.sqlite",
        "counts-apart.counts-by-name.dictionary.sqlite",
    ]
    fact = StatementsPage(Book(project.root, report)).grounds[-1]
    ((number, event),) = fact.events[0].events[:2]
    assert event.kind == "counted"
    zero = statement_in(page, "dictionaries-count-from-zero")
    assert "not as stated" in zero
    assert "not as stated" not in statement_in(page, APART)
    assert f"histories/{fact.events[0].digest}.html#{number}" in zero
    assert number > 1


def test_without_statements_there_is_no_page_of_them(tiny, tmp_path):
    tiny.path(STATEMENTS).unlink()
    pages.render(tiny.root, [read_report(tiny.root, "tiny")], tmp_path)
    assert not (tmp_path / "docs" / "tiny" / "statements.md").exists()


def test_a_page_of_statements_that_is_wanted_says_that_there_are_none(tiny, tmp_path):
    tiny.path(STATEMENTS).unlink()
    tiny.replace("conf/tiny.toml", "time_limit = 10", 'time_limit = 10\nchapters = ["statements"]')
    pages.render(tiny.root, [read_report(tiny.root, "tiny")], tmp_path)
    page = (tmp_path / "docs" / "tiny" / "statements.md").read_text(encoding="utf-8")
    assert "Nothing is quoted" in page


def page_of(tiny, tmp_path):
    pages.render(tiny.root, [read_report(tiny.root, "tiny")], tmp_path)
    return (tmp_path / "docs" / "tiny" / "statements.md").read_text(encoding="utf-8")


def test_the_page_says_no_more_of_what_is_quoted_than_it_knows(tiny, tmp_path):
    tiny.replace(STATEMENTS, "checks =", 'title = "What the letter says"\nchecks =')
    page = page_of(tiny, tmp_path)
    assert "# What the letter says" in page
    assert "texts that state nothing are named at the end" in page
    assert "What states nothing" in page
    assert "earlier report" not in page


def test_where_nothing_is_left_out_by_name_the_page_has_no_list_of_it(tiny, tmp_path):
    text = tiny.path(STATEMENTS).read_text(encoding="utf-8")
    tiny.write(STATEMENTS, text.partition("[[nothing]]")[0])
    page = page_of(tiny, tmp_path)
    assert "what is not quoted was not judged" in page
    assert "What states nothing" not in page


def test_the_page_says_which_texts_were_not_compared_and_why(tiny, tmp_path):
    assert "not kept in the project" not in page_of(tiny, tmp_path)
    kept = 'file = "reports/LETTER.md"'
    tiny.replace(STATEMENTS, kept, 'file = "LETTER.md"\nnot_kept = "it is private"')
    page = page_of(tiny, tmp_path)
    assert "1 of the 2 texts that are quoted is not kept in the project" in page
    assert "so no build compares the quotations with it: it is private." in page
    assert page.count("not compared with its text") == 1


@pytest.fixture(scope="module")
def page(observed):
    project, _ = observed
    return StatementsPage(Book(project.root, read_report(project.root, "tiny")))


def test_statements_are_counted_by_what_became_of_them(page):
    assert page.counts == {
        "upheld": 1,
        "overturned": 1,
        "holds-only-when": 0,
        "not-checkable": 1,
        "not-observed": 0,
    }


def test_what_was_not_observed_is_counted_apart_from_what_cannot_be_checked(tiny):
    page = StatementsPage(Book(tiny.root, read_report(tiny.root, "tiny")))
    assert {word: n for word, n in page.counts.items() if n} == {
        "not-checkable": 1,
        "not-observed": 2,
    }


def test_each_report_is_named_with_the_number_of_statements_that_quote_it(page):
    assert [(source.id, number) for source, number in page.sources] == [("notes", 2), ("letter", 2)]


def test_a_statement_says_by_how_many_findings_and_facts_it_is_decided(page):
    assert [row.decided_by for row in page.rows] == ["1 finding", "1 fact", ""]


def test_what_says_the_same_in_several_settings_is_told_once_with_all_of_them(page):
    finding, _ = page.grounds
    elsewhere = replace(finding.setting, database="second")
    there = replace(finding, setting=elsewhere, address="elsewhere")
    other = replace(finding, what="another-claim", address="another")
    row = replace(page.rows[0], grounds=(finding, there, other, replace(other, setting=elsewhere)))
    (group,) = row.groups
    assert [one.address for one in group.named] == [finding.address, "another"]
    assert group.where == ((finding.setting, elsewhere),)


def test_what_says_otherwise_in_another_setting_is_told_apart(page):
    finding, _ = page.grounds
    there = replace(finding, verdict="refuted", agrees=False)
    assert len(replace(page.rows[0], grounds=(finding, there)).groups) == 2


def test_a_finding_has_its_address_and_a_fact_the_events_that_show_it(page):
    finding, fact = page.grounds
    assert finding.address.endswith("#counts-apart.counts-by-name.dictionary.sqlite")
    assert finding.events == ()
    assert fact.address == ""
    assert [event.kind for shown in fact.events for _, event in shown.events] == ["counted"]


def test_what_states_nothing_stands_under_its_report(page):
    assert [(one.id, [n.why for n in nothing]) for one, nothing in page.nothing] == [
        ("notes", ["a heading"])
    ]


def test_the_page_of_no_statements_holds_nothing(tiny):
    tiny.path(STATEMENTS).unlink()
    page = StatementsPage(Book(tiny.root, read_report(tiny.root, "tiny")))
    assert (page.rows, page.sources, page.nothing) == ((), (), ())
