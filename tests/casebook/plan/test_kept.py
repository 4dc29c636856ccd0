"""What is quoted stands in the files that the project keeps of its sources."""

import pytest

from casebook.plan.kept import UNKNOWN
from casebook.plan.mistakes import PlanError
from tests.casebook.plan.builders import STATEMENTS, error_in_said, said

NOTES = 'file = "reports/NOTES.md"'


@pytest.mark.parametrize(
    ("old", "new", "key", "problem", "fix"),
    [
        ("keeps its counts apart", "makes coffee", "t'.quotation[1].quote",
         "NOTES.md, 'A dictionary makes", "'A dictionary keeps its"),
        ('"Counting begins', '"ounting begins', "[1].quote", "does not stand", "begins at 0"),
        ('"Findings", quote = "C', '"Fndings", quote = "C', "quotation[1].section", "no heading",
         "'Findings'"),
        ('"Closing"', '"Table"', "quotation[1].section", "under 'Table'", "'Closing'"),
        ('["Dictionary", ', '["Dictionry", ', "quotation[2].cell", "no row", "'Dictionary'"),
        (', "apart"]', ', "aprt"]', "quotation[2].cell", "no column", "'apart'"),
        (', "apart"]', ', "apart", "x"]', "quotation[2].cell", "not a row and a column", ""),
        ('quote = "yes"', 'quote = "no"', "quotation[2].quote", "in this cell", "'yes'"),
        ('quote = "yes"', 'quote = "ye"', "quotation[2].quote", "in this cell", "'yes'"),
        ('["Findings"]', '["Finding"]', "nothing[1].texts", "'Finding'", "'Findings'"),
        (NOTES, 'file = "reports/NOTE.md"', "source 'notes'.file", "no file", "'reports/NOTES.md'"),
        (NOTES, 'file = "NOTES.md"', "source 'notes'.file", "no file", "'reports/NOTES.md'"),
        (NOTES, 'file = "../NOTES.md"', "source 'notes'.file", "no file", "not_kept"),
        (NOTES, 'file = "reports"', "source 'notes'.file", "no file", "not_kept"),
        (NOTES, f'{NOTES}\nnot_kept = "why"', "source 'notes'.not_kept", "is there", "delete"),
        ('"2026-01-05"', '"someday"', "source 'notes'.written", "no day", '"unknown"'),
        ('"2026-01-05"', '"20260105"', "source 'notes'.written", "no day", '"unknown"'),
        ('"2026-01-05"', '"2026-02-30"', "source 'notes'.written", "no day", '"unknown"'),
        ('"2026-01-05"', '"2026"\nas_of = "20260105"', "source 'notes'.as_of", "a day", ""),
        ('"2026-01-05"', '"2026-13"', "source 'notes'.written", "no day", '"unknown"'),
        (NOTES, f'{NOTES}\nas_of_because = "x"', "as_of_because", "no `as_of`", "as_of"),
    ],
)  # fmt: skip
def test_what_a_source_does_not_say_is_an_error_with_what_it_says(
    tiny, old, new, key, problem, fix
):
    tiny.replace(STATEMENTS, old, new)
    error = error_in_said(tiny)
    assert key in error.key
    assert problem in error.problem
    assert fix in error.fix


@pytest.mark.parametrize("written", ["2026", "2026-01", UNKNOWN])
def test_a_source_may_be_of_no_known_day(tiny, written):
    tiny.replace(STATEMENTS, "2026-01-05", written)
    assert said(tiny).source("notes").day == ""


def test_a_source_in_words_names_the_day_that_it_is_about(tiny):
    words = 'written = "for release 2"\nas_of = "2026-01-05"\nas_of_because = "its day"'
    tiny.replace(STATEMENTS, 'written = "2026-01-05"', words)
    assert said(tiny).source("notes").day == "2026-01-05"


def test_a_source_is_judged_as_of_the_day_that_it_is_about(tiny):
    tiny.replace(STATEMENTS, '"2026-01-05"', '"2026-01-05"\nas_of = "2025-12-24"')
    assert said(tiny).source("notes").day == "2025-12-24"
    assert said(tiny).days == ("2025-12-24", "2026-02-01")


@pytest.mark.parametrize("outside", ["../NOTES.md", "linked.md"])
def test_a_source_outside_the_project_is_not_kept_there(tiny, outside):
    notes = tiny.path("reports/NOTES.md")
    notes.rename(tiny.root.parent / "NOTES.md")
    tiny.path("linked.md").symlink_to(tiny.root.parent / "NOTES.md")
    tiny.replace(STATEMENTS, NOTES, f'file = "{outside}"')
    error = error_in_said(tiny)
    assert (error.key, error.problem) == (
        "source 'notes'.file",
        f"the project has no file {outside}",
    )


def test_a_source_that_is_not_kept_is_compared_with_nothing(tiny):
    tiny.replace(STATEMENTS, NOTES, 'file = "elsewhere.md"\nnot_kept = "it is a letter"')
    tiny.replace(STATEMENTS, "keeps its counts apart", "makes coffee")
    assert said(tiny).source("notes").not_kept == "it is a letter"


def test_a_source_that_is_no_text_is_named(tiny):
    tiny.path("reports/NOTES.md").write_bytes(b"\xff\xfe\xff")
    error = error_in_said(tiny)
    assert (error.key, error.fix) == ("source 'notes'.file", "save it as UTF-8")


def test_a_source_that_changes_no_longer_holds_its_quotation(tiny):
    said(tiny)
    tiny.replace("reports/NOTES.md", "keeps its counts", "mixes its counts")
    with pytest.raises(PlanError, match="mixes its counts apart"):
        said(tiny)


def test_a_quotation_may_go_on_over_lines_and_without_their_marks(tiny):
    tiny.replace(STATEMENTS, "at 0.", "at `0`. Nobody ever gives up.")
    assert said(tiny).statements[1].quotations[0].quote.endswith("gives up.")
