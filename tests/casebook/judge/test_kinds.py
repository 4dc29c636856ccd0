"""A kind or a letter that the plan names and that nothing records is refused."""

import re
from dataclasses import replace

import pytest

from casebook.judge.kinds import check_kinds
from casebook.judge.project import read_report
from casebook.plan.investigation import Bar, Diagram
from casebook.plan.symptoms import DeclaredSymptoms
from casebook.record import Event, History
from tests.casebook.judge.builders import INVESTIGATION, judged
from tests.casebook.plan.builders import TOML, error_of

BAR = Bar("S", "session", opens="start", closes="bad", touches=("good",))


def report(cells=None, *, errors=(), markers=(), lane="S", **changes):
    diagram = Diagram(("use",), lane, (replace(BAR, **changes),), markers)
    asked = replace(INVESTIGATION, diagram=diagram, reproductions="experiments.tiny.reproductions")
    found = judged(cells, investigation=asked)
    named = {
        name for one in found.records.values() for cell in one.cells for name in cell.histories
    }
    own = {name: one for name, one in found.histories.items() if name in named}
    return replace(found, symptoms=DeclaredSymptoms(errors), histories=own)


def test_kinds_and_letters_that_were_recorded_are_no_error(tiny):
    check_kinds(tiny.root, report(markers=("bad",), errors=("bad",)))


@pytest.mark.parametrize(
    ("changes", "place", "fix"),
    [
        ({"opens": "strat"}, "diagram.bar[1].opens", "did you mean 'start'"),
        ({"closes": "bda"}, "diagram.bar[1].closes", "did you mean 'bad'"),
        ({"touches": ("good", "god")}, "diagram.bar[1].touches", "did you mean 'good'"),
        ({"markers": ("raised",)}, "diagram.markers", "known: 'bad', 'good', 'start'"),
        ({"label": "C"}, "diagram.bar[1].label", "known: 'S'"),
        ({"lane": "T"}, "diagram.lane", "known: 'S'"),
    ],
)
def test_what_a_diagram_names_and_nothing_recorded_is_refused(tiny, changes, place, fix):
    error = error_of(check_kinds, tiny.root, report(**changes))
    assert (error.file, error.key) == (TOML, place)
    assert fix in error.fix


def test_what_other_releases_alone_recorded_is_known(tiny):
    older = replace(
        report(), histories={"x": History("completed", "", (Event("warned", ("W1",)),))}
    )
    check_kinds(tiny.root, replace(report(markers=("warned",), lane="W"), swept=older))


def test_a_kind_of_errors_that_nothing_recorded_is_refused(tiny):
    error = error_of(check_kinds, tiny.root, report(errors=("bda",)))
    assert (error.file, error.key) == ("conf/tiny.symptoms.toml", "errors")
    assert "did you mean 'bad'" in error.fix


def test_what_an_experiment_could_record_is_known(tiny):
    check_kinds(tiny.root, report(markers=("warning-raised",)))  # it stands in `driver.py`


def test_what_stands_in_claims_and_scripts_alone_is_not(tiny):
    text = "the desk took the counter"
    assert text in tiny.path("experiments/tiny/claims.py").read_text()
    assert error_of(check_kinds, tiny.root, report(markers=(text,))).key == "diagram.markers"


def test_while_a_cell_is_missing_nobody_knows_what_it_would_have_recorded(tiny):
    check_kinds(tiny.root, report({("wrong", "use"): None}, markers=("raised",)))


def test_where_nothing_was_recorded_no_kind_is_wrong(tiny):
    empty = replace(report(markers=("raised",)), histories={})
    check_kinds(tiny.root, empty)


def test_a_report_is_refused_with_the_file_and_the_place(tiny):
    text = tiny.path(TOML).read_text()
    others = r'\[\[environment\]\]\nid = "(?!dictionary")(?:.+\n)+\n'
    tiny.write(TOML, re.sub(others, "", text))
    assert tiny.run("dictionary").returncode == 0
    assert read_report(tiny.root, "tiny").coverage.not_tested == 0
    tiny.replace(TOML, 'touches = ["counted"]', 'touches = ["coutned"]')

    process = tiny.casebook("pages")

    assert process.returncode == 2
    assert process.stderr.startswith(
        "casebook: conf/tiny.toml: diagram.bar[1].touches: no history has an event of the kind "
        "'coutned'; delete it, or fix the name (did you mean 'counted'?)"
    )
