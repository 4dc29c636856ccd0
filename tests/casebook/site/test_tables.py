"""The tables: each claim by each pattern, with the answer of every database."""

import re
from dataclasses import replace

from casebook.judge.settings import shown_settings
from casebook.plan.investigation import Setting
from casebook.site.tables import Tables
from tests.casebook.site.builders import (
    CLAIMS,
    INVESTIGATION,
    about_another_thing,
    finding,
    on_two_databases,
    sample,
    written,
)

# --- Several databases ----------------------------------------------------------------------------


def test_an_environment_has_one_table_for_its_databases(root):
    page = written(root, on_two_databases())["sample/comparison.md"]
    assert page.count("## With Library\n") == 1
    assert "the same answer in every cell that both can give" in page


def test_a_cell_with_two_answers_shows_both(root):
    page = written(root, on_two_databases("avoid"))["sample/comparison.md"]
    assert "1 cell with two answers" in page
    assert '#request-scoped.right.library.sqlite2"' in page


def test_a_claim_that_one_database_alone_can_judge_is_missing_on_none(root):
    report = on_two_databases()
    kept = [
        one
        for one in report.findings
        if (one.claim, one.database) != ("closed-on-success", "sqlite")
    ]
    page = written(root, replace(report, findings=tuple(kept)))["sample/comparison.md"]
    assert "second alone" in page
    assert "cell missing" not in page


# --- Claims about something else ------------------------------------------------------------------


def test_what_is_about_something_else_has_a_table_of_its_own(root):
    page = written(root, about_another_thing())["sample/comparison.md"]
    first, _, second = page.partition("### With Library: about another thing\n")
    assert "claims.html#aside-closed" not in first
    assert "patterns/aside" not in first
    assert "claims.html#aside-closed" in second.partition("\n## ")[0]
    assert "claims.html#request-scoped" not in second.partition("\n## ")[0]
    assert "not applicable" not in page


# --- What a page says -----------------------------------------------------------------------------


def test_each_cell_of_the_comparison_links_to_its_finding(root):
    files = written(root)
    links = re.findall(
        r'class="cell [^"]*" href="\.\./([^"#]*)\.html#([^"]*)"', files["sample/comparison.md"]
    )
    assert sorted(id for _, id in links) == sorted(one.id for one in sample().findings)
    for page, id in links:
        assert f'id="{id}"' in files[f"{page}.md"]


def test_a_finding_that_is_missing_is_seen_in_the_comparison(root):
    report = sample()
    files = written(root, replace(report, findings=report.findings[1:]))
    assert "cell missing" in files["sample/comparison.md"]


def test_nothing_is_missing_where_a_claim_does_not_name_the_control(root):
    report = sample()
    unasked = replace(CLAIMS[0], supported_by=("kept",))
    findings = [
        one for one in report.findings if (one.claim, one.pattern) != (unasked.id, "control")
    ]
    report = replace(report, claims=(unasked, *CLAIMS[1:]), findings=tuple(findings))
    files = written(root, report)
    assert files["sample/comparison.md"].count("not applicable") == 2
    assert f"claims.html#{unasked.id}" not in files["sample/patterns/control.md"]
    for page in ("comparison", "patterns/control"):
        assert "cell missing" not in files[f"sample/{page}.md"]


# --- The tables by themselves ---------------------------------------------------------------------


def tables(report):
    return Tables(report, shown_settings(report))


def test_a_table_is_of_an_environment_its_controls_stand_last():
    table = tables(sample()).comparison()[0]
    assert [one.id for one in table.patterns] == ["right", "control"]
    assert [one.id for one in table.usual] == ["right"]
    assert [row.claim.id for row in table.rows] == [one.id for one in CLAIMS]


def test_the_table_of_an_environment_that_cannot_be_imported_has_no_controls():
    report = sample()
    control = finding("request-scoped", "control", "plain", "not-tested")
    report = replace(report, findings=(*report.findings, control))
    by_environment = {one.setting.environment.id: one for one in tables(report).comparison()}
    assert [one.id for one in by_environment["plain"].patterns] == ["kept"]


def test_every_finding_of_one_database_is_in_one_cell():
    report = sample()
    cells = [
        finding.id
        for table in tables(report).comparison()
        for row in table.rows
        for finding in row.findings
    ]
    assert sorted(cells) == sorted(report.by_id)


def test_an_answer_that_another_database_gives_otherwise_is_in_the_cell_and_counted():
    first = tables(on_two_databases("avoid")).comparison()[0]
    assert first.otherwise == 1
    (cell,) = [cell for row in first.rows for cell in row.cells if cell.otherwise]
    assert [one.id for one in cell.otherwise] == ["request-scoped.right.library.sqlite2"]


def test_databases_that_agree_have_no_cell_with_two_answers():
    assert tables(on_two_databases()).comparison()[0].otherwise == 0


def test_a_finding_that_should_be_there_is_asked_for_and_one_that_nobody_asks_for_is_not():
    report = sample()
    rest = tuple(one for one in report.findings if one.pattern != "right")
    cells = tables(replace(report, findings=rest)).rows(
        [(shown_settings(report)[Setting("library", "sqlite")], INVESTIGATION.pattern("right"))]
    )
    assert {(cell.finding, cell.asked) for row in cells for cell in row.cells} == {(None, True)}


def test_a_control_has_a_row_for_each_claim_with_what_it_showed_in_each_setting():
    rows = [row for row in tables(sample()).controls() if row.pattern.id == "control"]
    assert [row.claim.id for row in rows] == [one.id for one in CLAIMS]
    assert {row.expected for row in rows} == {"supported"}
    assert [one and one.verdict for one in rows[0].cells] == ["supported", None, "supported"]


def test_what_is_open_is_told_once_for_each_setting_and_reason():
    gaps = [
        (one.setting.environment.id, one.verdict, one.reason) for one in tables(sample()).gaps()
    ]
    assert gaps == [
        ("plain", "not-tested", "could not be wired"),
        ("plain-beside-library", "inconclusive", "no occasion"),
    ]
