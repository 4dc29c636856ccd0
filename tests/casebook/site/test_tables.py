"""The tables: each claim by each pattern, with the answer of every database."""

import re
from dataclasses import replace

import pytest
from markupsafe import escape

from casebook.judge.report import Coverage
from casebook.judge.settings import shown_settings
from casebook.plan.investigation import Setting
from casebook.site.tables import Tables
from casebook.text import one_line
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


@pytest.mark.parametrize(("page", "expected"), [("comparison", ""), ("controls", "supported")])
def test_each_finding_is_linked_to_from_the_tables_of_its_page(root, page, expected):
    files = written(root)
    links = re.findall(
        r'<a class="cell [^"]*" href="([^"#]*)\.html#([^"]*)"', files[f"sample/{page}.md"]
    )
    findings = [one.id for one in sample().findings if (one.expected or "") == expected]
    assert sorted(id for _, id in links) == sorted(findings)
    for pattern, id in links:
        assert f'id="{id}"' in files[f"sample/{pattern}.md"]


@pytest.mark.parametrize("page", ["comparison", "controls"])
def test_no_cell_repeats_a_reason_and_each_reason_is_told_once(root, page):
    report = on_two_databases("avoid")
    text = written(root, report)[f"sample/{page}.md"]
    tables = "".join(re.findall(r"<tbody>.*?</tbody>", text, re.DOTALL))
    assert "title=" not in tables
    for reason in {one_line(one.reason, 200) for one in report.findings}:
        assert escape(reason) not in tables
        assert text.count(f"<li>{escape(reason)}</li>") == (page == "comparison")


def test_the_number_of_a_cell_is_that_of_its_reason(root):
    text = written(root)["sample/comparison.md"]
    reasons = re.findall(r"<li>(.*)</li>", text.partition('id="reasons"')[2])
    id = "closed-on-success.kept.plain-beside-library.sqlite"
    (number,) = re.findall(rf'#{id}" data-why="(\d+)"', text)
    assert reasons[int(number)] == "no occasion"


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
    assert f"claims.html#{unasked.id}" not in files["sample/patterns/control.md"]
    for page in ("comparison", "controls", "patterns/control"):
        assert "cell missing" not in files[f"sample/{page}.md"]


def test_a_control_that_came_out_otherwise_is_named_above_the_tables(root):
    report = sample()
    first, *others = report.controls
    failed = replace(first, verdict="refuted", reason="shared a session", held=False)
    page = written(root, replace(report, controls=(failed, *others)))["sample/controls.md"]
    above, _, below = page.partition('class="filter"')
    assert "shared a session" in above
    assert below.count("not as declared") == 1


def test_a_subject_that_fails_with_what_is_right_is_told_and_leaves_the_report_complete(root):
    investigation = replace(INVESTIGATION, subject="The Subject")
    report = replace(
        sample(), investigation=investigation, not_rerun={}, coverage=Coverage(8, 8, 0)
    )
    first, *others = report.controls
    broken = replace(first, verdict="refuted", reason="shared one", held=False, of_subject=True)
    files = written(root, replace(report, controls=(broken, *others)))
    above, _, below = files["sample/controls.md"].partition('class="filter"')
    assert "The Subject fails with 1 of them that are right" in above
    assert "shared one" in above
    assert below.count("The Subject fails") == 1
    assert "not as declared" not in below
    assert "The Subject fails with what is right, too, in 1 control:" in files["sample/method.md"]
    assert "This report is incomplete" not in files["sample/method.md"]


def test_a_control_that_does_without_the_subject_is_told_as_one(root):
    patterns = tuple(
        replace(one, without_subject_like=("control",)) if one.id == "control" else one
        for one in INVESTIGATION.patterns
    )
    investigation = replace(INVESTIGATION, subject="The Subject", patterns=patterns)
    files = written(root, replace(sample(), investigation=investigation))
    assert '<span class="kind">without The Subject</span>' in files["sample/controls.md"]
    assert "{pattern}`control` (without The Subject)" in files["sample/claims.md"]
    assert "**Without The Subject.**" in files["sample/method.md"]


# --- The tables by themselves ---------------------------------------------------------------------


def tables(report):
    return Tables(report, shown_settings(report))


def test_a_table_is_of_an_environment_without_its_controls():
    table = tables(sample()).comparison()[0]
    assert [one.id for one in table.patterns] == ["right"]
    assert [row.claim.id for row in table.rows] == [one.id for one in CLAIMS]


def test_the_controls_of_an_environment_that_cannot_be_imported_have_no_rows():
    by_environment = {one.setting.environment.id: one for one in tables(sample()).controls()}
    assert not by_environment["plain"].rows
    assert by_environment["library"].rows


def test_every_finding_of_one_database_is_in_one_cell():
    report = sample()
    cells = [
        finding.id
        for table in tables(report).comparison()
        for row in table.rows
        for finding in row.findings
    ]
    assert sorted(cells) == sorted(one.id for one in report.findings if not one.expected)


def test_a_pattern_that_could_not_be_set_up_has_one_cell_with_the_reason():
    claims = (replace(CLAIMS[0], gate=True), *CLAIMS[1:])
    plain = [("refuted", "raised E"), ("not-tested", "could not be set up: raised E")]
    plain.append(("not-tested", "no record"))
    findings = [
        finding(claim.id, "kept", "plain", *said) for claim, said in zip(claims, plain, strict=True)
    ]
    (table, *_) = tables(replace(sample(), claims=claims, findings=tuple(findings))).comparison()[
        1:
    ]
    assert [cell.blocked for row in table.rows for cell in row.cells] == [False, True, False]


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


def test_a_claim_has_a_row_of_its_controls_in_each_environment_in_order():
    found = tables(sample()).controls()
    assert [one.setting.environment.id for one in found] == [
        one.id for one in INVESTIGATION.environments
    ]
    assert [row.claim.id for row in found[0].rows] == [one.id for one in CLAIMS]
    for row in found[0].rows:
        assert [(one.pattern.id, one.outcome.held) for one in row.right] == [("control", True)]


def test_a_control_that_another_database_answers_otherwise_shows_both():
    report = on_two_databases()
    first, *others = report.controls
    there = replace(first, database="second", verdict="refuted", held=False)
    table = tables(replace(report, controls=(first, there, *others))).controls()[0]
    assert table.otherwise == 1
    assert there in table.outcomes


def test_what_is_open_is_told_once_for_each_setting_and_reason():
    gaps = [
        (one.setting.environment.id, one.verdict, one.reason) for one in tables(sample()).gaps()
    ]
    assert gaps == [
        ("plain", "not-tested", "could not be set up"),
        ("plain-beside-library", "inconclusive", "no occasion"),
    ]
