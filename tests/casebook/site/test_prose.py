"""Prose rests on findings and on what was recorded, and says where it no longer does."""

import re
from dataclasses import replace

import pytest

from casebook.judge.project import read_report
from casebook.judge.report import Coverage
from casebook.plan.investigation import Pattern, Setting
from casebook.plan.mistakes import PlanError
from casebook.record import Event, History
from casebook.site import pages
from casebook.site.book import Book
from casebook.site.prose import Contradiction, recorded, unjudged
from casebook.stored import Cell, digest_of
from tests.casebook.judge.builders import named
from tests.casebook.site.builders import CLOSED, INVESTIGATION, sample, written

# --- Sentences and what holds them ----------------------------------------------------------------


def answered(root, sentence, report=None):
    """Render a report whose answer is this sentence; return its front page."""
    folder = root / "docs" / "sample"
    folder.mkdir(exist_ok=True)
    (folder / "answer.md.j2").write_text(sentence)
    return written(root, report or sample())["index.md"]


def test_a_sentence_links_to_the_finding_that_holds_it(root):
    page = answered(root, 'It is{{ held("request-scoped", "right", "library", "supported") }}.')
    assert "It is<a " in page
    assert 'href="sample/patterns/right.html#request-scoped.right.library.sqlite"' in page
    assert "not known now" not in page


def test_a_refutation_can_hold_a_sentence(root):
    call = 'held("request-scoped", "kept", "plain-beside-library", "refuted")'
    assert "#request-scoped.kept.plain-beside-library.sqlite" in answered(root, f"{{{{ {call} }}}}")


@pytest.mark.parametrize(
    ("call", "actual"),
    [
        ('held("request-scoped", "right", "library", "refuted")', "'supported'"),
        ('held("request-scoped", "kept", "plain-beside-library", "supported")', "'refuted'"),
        ('held("request-scoped", "right", "plain", "supported")', "'missing'"),
        ('graded("right", "library", "avoid")', "'recommended'"),
        ('graded("kept", "plain-beside-library", "recommended")', "'avoid'"),
        ('graded("right", "plain", "recommended")', "'missing'"),
    ],
)
def test_a_sentence_that_its_finding_contradicts_fails_and_says_where(root, call, actual):
    with pytest.raises(Contradiction) as caught:
        answered(root, f"{{{{ {call} }}}}")
    assert str(caught.value).startswith("docs/sample/answer.md.j2: line 1: ")
    assert actual in str(caught.value)
    for name in re.findall('"([^"]*)"', call):
        assert repr(name) in str(caught.value)


@pytest.mark.parametrize(
    ("claim", "pattern", "environment", "words"),
    [
        ("request-scoped", "right", "library", "is so"),
        ("request-scoped", "kept", "plain-beside-library", "is not so"),
        ("closed-on-success", "kept", "plain-beside-library", "inconclusive)"),
        ("request-scoped", "kept", "plain", "not tested)"),
    ],
)
def test_a_sentence_whose_words_follow_its_finding(root, claim, pattern, environment, words):
    call = f"told({claim!r}, {pattern!r}, {environment!r}, supported='is so', refuted='is not so')"
    page = answered(root, f"It {{{{ {call} }}}}.")
    assert f"{words}<a " in page
    assert f"#{claim}.{pattern}.{environment}.sqlite" in page


def test_a_contradicted_sentence_is_marked_on_pages_that_are_all_written(root):
    with pytest.raises(Contradiction):
        answered(root, '{{ held("request-scoped", "right", "library", "refuted") }}')
    folder = root / "build" / "docs"
    assert "no longer true" in (folder / "index.md").read_text(encoding="utf-8")
    assert (folder / "sample" / "comparison.md").exists()


@pytest.mark.parametrize(
    "call",
    [
        'held("request-scoped", "kept", "plain", "supported")',
        'held("closed-on-success", "kept", "plain-beside-library", "supported")',
        'graded("kept", "plain", "recommended")',
    ],
)
def test_a_sentence_whose_finding_is_open_says_so_and_is_rendered(root, call):
    assert "not known now" in answered(root, f"{{{{ {call} }}}}")


SEEN = History(
    "completed",
    "",
    (
        Event("asked-for", ("T1",), {"where": "outside"}),
        Event("asked-for", ("T1",), {"where": "in"}),
    ),
)


def looked_up(*histories, changed=""):
    """Return the sample with a pattern that no claim judges, and what was recorded of it."""
    report = sample()
    pattern = Pattern("itself", "Library itself", "library", False, "right", about="looking")
    record = report.records[Setting("library", "sqlite")]
    cell = Cell("itself", "look", 2, named(*histories))
    cells = (*record.cells, cell) if histories else record.cells
    return replace(
        report,
        investigation=replace(INVESTIGATION, patterns=(*INVESTIGATION.patterns, pattern)),
        records=report.records | {Setting("library", "sqlite"): replace(record, cells=cells)},
        ran_in={("library", "sqlite", "look"): "library"},
        changed={("library", "sqlite", "itself", "look"): changed} if changed else {},
    )


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
    assert f'<a href="../../histories/{digest_of(SEEN)}.html">look</a>' in page
    assert "asked-for" in written(root, report)[f"extra/histories/{digest_of(SEEN)}.html"]


def test_prose_links_what_it_read(root):
    (root / "docs" / "sample").mkdir()
    call = '# Seen\n\n{{ evidence(recorded("itself", "look", "library")) }}'
    (root / "docs" / "sample" / "seen.md").write_text(call)
    page = written(root, looked_up(SEEN))["sample/seen.md"]
    assert 'href="../sample/backends/library.html#itself.look.library.sqlite"' in page
    assert "not known now" in written(root, looked_up())["sample/seen.md"]


def test_prose_draws_a_part_of_a_history(root):
    report = sample()
    report = replace(report, ran_in={("library", "sqlite", "three-requests"): "library"})
    (root / "docs" / "sample").mkdir()
    call = 'drawn("right", "three-requests", "library", since="R2", until="R2")'
    (root / "docs" / "sample" / "seen.md").write_text(f"# Seen\n\n{{{{ {call} }}}}")
    page = written(root, report)["sample/seen.md"]
    assert page.count("<svg") == 1
    assert "request R2" in page
    assert "request R3" not in page
    assert 'href="../sample/patterns/right.html#lifecycle"' in page


# --- Mistakes in prose ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (
            '{{ told("wirse", "counts-by-name", "dictionary", supported="a", refuted="b") }}',
            "unknown claim 'wirse': did you mean 'wires'?",
        ),
        ('{{ told("wires", "counts", "dictionary", supported="a") }}', "unknown pattern 'counts'"),
        (
            '{{ told("wires", "counts-by-name", "dictionary", suported="a") }}',
            "unknown verdict 'suported': did you mean 'supported'?",
        ),
        (
            '{{ told("wires", "counts-by-name", supported="a") }}',
            ": told() missing 1 required positional argument: 'environment'",
        ),
        (
            '{{ held("wires", "counts-by-name", "dictionery", "supported") }}',
            "unknown environment 'dictionery': did you mean 'dictionary'?",
        ),
        (
            '{{ graded("counts-by-name", "dictionary", "avoided") }}',
            "unknown grade 'avoided': did you mean 'avoid'?",
        ),
        (
            '{{ since("wires", "counts-by-name", "dictionary", "tally") }}',
            "no axis has releases of 'tally' in 'dictionary': there are none yet",
        ),
        (
            '{{ recorded("counts-by-nam", "in-turn", "dictionary").says }}',
            "unknown pattern 'counts-by-nam'; declare it under [[pattern]], or fix the name",
        ),
        (
            '{{ recorded("counts-by-name", "in-trun", "dictionary").says }}',
            "'in-trun' is not planned in 'dictionary': did you mean 'in-turn'?",
        ),
        (
            '{{ drawn("counts-by-name", "in-trun", "dictionary") }}',
            "'in-trun' is not planned in 'dictionary': did you mean 'in-turn'?",
        ),
        ('{{ code("counts") }}', "unknown pattern 'counts'"),
        ('{{ option("counts-by-name", "closur") }}', "unknown environment 'closur': did you mean"),
        ("{{ nothing_like_this }}", "'nothing_like_this' is undefined; fix the name"),
        ("{{ sinc() }}", "'sinc' is undefined; did you mean 'since'?"),
        (
            '{{ recorded("counts-by-name", "in-turn", "dictionary").first("broken").labels }}',
            "'None' has no attribute 'labels'; nothing was found there: ask `{% if ... %}` first",
        ),
        ("{% if %}", "Expected an expression"),
    ],
)
def test_a_mistake_in_a_page_names_file_line_and_fix(tiny, tmp_path, text, said):
    tiny.write("docs/tiny/page.md", f"# A page\n\n{text}\n")
    with pytest.raises(PlanError) as error:
        pages.render(tiny.root, [read_report(tiny.root, "tiny")], tmp_path)
    assert str(error.value).startswith("docs/tiny/page.md: line 3: ")
    assert said in str(error.value)
    assert "\n" not in str(error.value)


def test_a_mistake_in_a_macro_names_the_macros_file_and_line(tiny, tmp_path):
    macro = '{% macro words(pattern) %}\n{{ told("wires", pattern, "dictionary") }}{% endmacro %}'
    tiny.write("docs/tiny/words.md.j2", macro)
    tiny.write(
        "docs/tiny/page.md",
        '# A page\n\n{% from "words.md.j2" import words with context %}{{ words("counts") }}\n',
    )
    with pytest.raises(PlanError, match=r"^docs/tiny/words\.md\.j2: line 2: unknown pattern"):
        pages.render(tiny.root, [read_report(tiny.root, "tiny")], tmp_path)


@pytest.mark.parametrize(
    "call",
    [
        'drawn("right", "three-requests", "library", since="sesion-used")',
        'drawn("right", "three-requests", "library", until="X9")',
        'drawn("right", "three-requests", "library", marks=["sesion-used"])',
        'recorded("right", "three-requests", "library").of("sesion-used")',
        'recorded("right", "three-requests", "library").first("sesion-used")',
        'recorded("right", "three-requests", "library").before("sesion-used")',
    ],
)
def test_an_event_that_no_history_has_is_a_mistake_once_all_was_observed(root, call):
    report = replace(sample(), ran_in={("library", "sqlite", "three-requests"): "library"})
    assert "First" in answered(root, f"First{{{{ {call} and '' }}}}", report)
    whole = replace(report, coverage=Coverage(8, 8, 0))
    with pytest.raises(PlanError, match=r"answer\.md\.j2: line 2: no history has an event"):
        answered(root, f"First\n{{{{ {call} }}}}", whole)
    known = call.replace("sesion", "session").replace("X9", "S1")
    assert "First" in answered(root, f"First\n{{{{ {known} and '' }}}}", whole)


def test_a_package_that_no_axis_goes_through_from_an_environment_is_a_mistake(swept, tmp_path):
    (axis,) = read_report(swept.root, "tiny").investigation.axes
    call = f'since("wires", "counts-by-name", "closure", "{axis.package}")'
    swept.write("docs/tiny/page.md", f"# A page\n\nSo {{{{ {call} }}}}.\n")
    with pytest.raises(PlanError) as error:
        pages.render(swept.root, [read_report(swept.root, "tiny")], tmp_path)
    assert "docs/tiny/page.md: line 3: no " in str(error.value)
