"""What pages say of backends: one answer for all databases, claims about other things, records."""

from dataclasses import replace

import pytest

from casebook.book import Book
from casebook.plan.investigation import Pattern
from casebook.record import Cell, Event, History, VerdictWord
from casebook.recorded import recorded, unjudged
from casebook.report import GradeWord, Report
from tests.casebook.test_pages import (
    CLAIMS,
    CLOSED,
    INVESTIGATION,
    finding,
    project,
    sample,
    written,
)

SEEN = History(
    "completed",
    "",
    (
        Event("asked-for", ("T1",), {"where": "outside"}),
        Event("asked-for", ("T1",), {"where": "in"}),
    ),
)


@pytest.fixture
def root(tmp_path):
    return project(tmp_path)


def on_two_databases(grade: GradeWord = "write-this") -> Report:
    """Return the sample on two databases; the pattern `right` has this grade on the second."""
    report = sample()
    other = [replace(one, id=f"{one.id}2", database="second") for one in report.findings]
    verdict: VerdictWord = "supported" if grade == "write-this" else "refuted"
    other = [
        replace(one, verdict=verdict, reason="S9")
        if (one.claim, one.pattern) == ("request-scoped", "right")
        else one
        for one in other
    ]
    grades = [replace(one, database="second") for one in report.grades]
    refuted = () if grade == "write-this" else ("request-scoped",)
    grades = [
        replace(one, grade=grade, refuted=refuted) if one.pattern == "right" else one
        for one in grades
    ]
    return replace(
        report,
        investigation=replace(INVESTIGATION, databases=("sqlite", "second")),
        homes=report.homes | {(key[0], "second"): home for key, home in report.homes.items()},
        records=report.records | {(key[0], "second"): one for key, one in report.records.items()},
        findings=(*report.findings, *other),
        grades=(*report.grades, *grades),
    )


def about_another_thing():
    """Return the sample with a pattern and a claim that are not about the question."""
    report = sample()
    pattern = Pattern("aside", "Aside", "library", False, "right", about="another-thing")
    claim = replace(CLAIMS[0], id="aside-closed", title="Aside", about="another-thing")
    grade = replace(report.grades[0], pattern="aside")
    return replace(
        report,
        investigation=replace(INVESTIGATION, patterns=(*INVESTIGATION.patterns, pattern)),
        claims=(*CLAIMS, claim),
        findings=(*report.findings, finding("aside-closed", "aside", "library", "refuted")),
        grades=(*report.grades, grade),
    )


def looked_up(*histories, changed=""):
    """Return the sample with a pattern that no claim judges, and what was recorded of it."""
    report = sample()
    pattern = Pattern("itself", "Library itself", "library", False, "right", about="looking")
    record = report.records["library", "sqlite"]
    cell = Cell("itself", "look", 2, histories)
    cells = (*record.cells, cell) if histories else record.cells
    return replace(
        report,
        investigation=replace(INVESTIGATION, patterns=(*INVESTIGATION.patterns, pattern)),
        records=report.records | {("library", "sqlite"): replace(record, cells=cells)},
        ran_in={("library", "sqlite", "look"): "library"},
        changed={("library", "sqlite", "itself", "look"): changed} if changed else {},
    )


# --- Several databases ----------------------------------------------------------------------------


def test_an_answer_that_is_the_same_on_each_database_is_given_once(root):
    page = written(root, on_two_databases())["index.md"]
    box = page.partition('<section class="answer"')[2].partition("</section>")[0]
    assert box.count(">View(User, db)<") == 1
    assert "and the same on second" in box


def test_what_another_database_answers_otherwise_is_shown(root):
    page = written(root, on_two_databases("dont"))["index.md"]
    box = page.partition('<section class="answer"')[2].partition("</section>")[0]
    library = box.partition('<div class="backend">')[2].partition('<div class="backend">')[0]
    assert "and the same on" not in library
    assert "On second: not" in library
    assert "Graded otherwise on second" in page


def test_an_environment_has_one_table_for_its_databases(root):
    page = written(root, on_two_databases())["sample/comparison.md"]
    assert page.count("## With Library\n") == 1
    assert "the same answer in every cell that both can give" in page


def test_a_cell_with_two_answers_shows_both(root):
    page = written(root, on_two_databases("dont"))["sample/comparison.md"]
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


def test_a_pattern_page_names_its_grade_once_for_equal_databases(root):
    page = written(root, on_two_databases())["sample/patterns/right.md"]
    assert "on sqlite and second" in page


# --- Claims about something else ------------------------------------------------------------------


def test_what_is_about_something_else_is_no_way_to_write(root):
    page = written(root, about_another_thing())["index.md"]
    assert "aside" not in page.partition('<section class="answer"')[2]


def test_what_is_about_something_else_has_a_table_of_its_own(root):
    page = written(root, about_another_thing())["sample/comparison.md"]
    first, _, second = page.partition("### With Library: about another thing\n")
    assert "claims.html#aside-closed" not in first
    assert "patterns/aside" not in first
    assert "claims.html#aside-closed" in second.partition("\n## ")[0]
    assert "claims.html#request-scoped" not in second.partition("\n## ")[0]
    assert "not asked" not in page


def test_it_is_on_the_page_of_its_backend(root):
    files = written(root, about_another_thing())
    assert "## Claims on the backend itself" in files["sample/backends/library.md"]
    assert "## Claims on the backend itself" not in files["sample/backends/plain.md"]


# --- A page for each backend ----------------------------------------------------------------------


def test_each_backend_has_a_page_outside_the_navigation(root):
    files = written(root)
    for backend in INVESTIGATION.backends:
        page = files[f"sample/backends/{backend.id}.md"]
        assert "orphan: true" in page.partition("\n---\n")[0].splitlines()
        assert f"# {backend.title}\n" in page
        assert f"sample/backends/{backend.id}.md" in files["index.md"]


def test_prose_of_a_backend_comes_first_on_its_page(root):
    folder = root / "docs" / "sample" / "backends"
    folder.mkdir(parents=True)
    (folder / "library.md.j2").write_text("Of {{ answer.backend.title }}.\n{{ code('right') }}")
    page = written(root)["sample/backends/library.md"]
    assert "Of Library.\n```python\ndef right" in page


# --- Recorded histories ---------------------------------------------------------------------------


def test_prose_reads_what_was_recorded(root):
    cell = recorded(Book(root, looked_up(SEEN)), "itself", "look", "library")
    assert cell.first("asked-for", where="in") == SEEN.events[1]
    assert cell.first("asked-for", where="nowhere") is None
    assert len(cell.of("asked-for")) == 2


@pytest.mark.parametrize(
    ("report", "reason"),
    [
        (looked_up(), "not recorded"),
        (looked_up(SEEN, CLOSED), "the runs differed"),
        (
            looked_up(SEEN, changed="a.py"),
            "recorded by an earlier experiment: a.py changed since",
        ),
    ],
)
def test_a_record_that_says_nothing_is_not_read(root, report, reason):
    cell = recorded(Book(root, report), "itself", "look", "library")
    assert (cell.history, cell.reason, cell.first("asked-for")) == (None, reason, None)


def test_a_cell_that_is_not_planned_cannot_be_read(root):
    with pytest.raises(LookupError, match="'look' is not planned in 'library'"):
        recorded(Book(root, sample()), "right", "look", "library")


def test_what_no_claim_judges_is_shown_on_its_backends_page(root):
    report = looked_up(SEEN)
    (cell,) = unjudged(Book(root, report), INVESTIGATION.backend("library"))
    page = written(root, report)["sample/backends/library.md"]
    assert f'id="{cell.anchor}"' in page
    assert cell.address == f"sample/backends/library.html#{cell.anchor}"
    assert "<td>asked-for</td>" in page


def test_prose_links_what_it_read(root):
    (root / "docs" / "sample").mkdir()
    call = '{{ evidence(recorded("itself", "look", "library")) }}'
    (root / "docs" / "sample" / "seen.md").write_text(call)
    page = written(root, looked_up(SEEN))["sample/seen.md"]
    assert 'href="../sample/backends/library.html#itself.look.library.sqlite"' in page
    assert "not observed now" in written(root, looked_up())["sample/seen.md"]


def test_prose_draws_a_part_of_a_history(root):
    report = sample()
    report = replace(report, ran_in={("library", "sqlite", "three-requests"): "library"})
    (root / "docs" / "sample").mkdir()
    call = 'drawn("right", "three-requests", "library", since="R2", until="R2")'
    (root / "docs" / "sample" / "seen.md").write_text(f"{{{{ {call} }}}}")
    page = written(root, report)["sample/seen.md"]
    assert page.count("<svg") == 1
    assert "request R2" in page
    assert "request R3" not in page
    assert 'href="../sample/patterns/right.html#lifecycle"' in page
