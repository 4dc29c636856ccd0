"""Which bisections are out of date."""

from dataclasses import replace

from casebook.judge.bisected import inputs_of
from casebook.judge.project import read_report
from casebook.plan.cells import cells_of_findings, planned_cells
from casebook.plan.investigation import Setting
from casebook.releases.bisections import keep
from tests.casebook.releases.test_bisections import MADE


def test_a_script_that_changed_is_seen_and_a_lock_is_not(tiny):
    report = read_report(tiny.root, "tiny")
    cells = [
        one
        for one in planned_cells(tiny.root, report.investigation)
        if one.pattern == "counts-by-name"
    ]
    before = inputs_of(tiny.root, report.investigation, cells)
    tiny.write("conf/requirements/tiny/dictionary.txt", "# another\n")
    assert inputs_of(tiny.root, report.investigation, cells) == before
    tiny.write(
        "experiments/tiny/claims.py", tiny.path("experiments/tiny/claims.py").read_text() + "\n"
    )
    assert inputs_of(tiny.root, report.investigation, cells) != before


def inputs(project) -> str:
    """The digest of what the bisection that is kept rests on now."""
    report = read_report(project.root, "tiny")
    named = [(MADE.claim, MADE.pattern)]
    planned, setting = planned_cells(project.root, report.investigation), Setting(*MADE.key[3:])
    cells = cells_of_findings(planned, report.investigation, report.claims, setting, named)
    return inputs_of(project.root, report.investigation, cells)


def test_a_bisection_is_out_of_date_once_a_script_that_it_rests_on_changed(tiny):
    made = replace(MADE, inputs=inputs(tiny))
    keep(tiny.root, "tiny", made)
    report = read_report(tiny.root, "tiny")
    assert (report.bisections, report.outdated) == ((made,), ())
    file = tiny.path("experiments/tiny/claims.py")
    file.write_text(file.read_text() + "\n")
    assert read_report(tiny.root, "tiny").outdated == (made,)


def test_a_bisection_of_what_is_no_longer_there_is_out_of_date(tiny):
    gone = [replace(MADE, claim="gone"), replace(MADE, pattern="gone"), replace(MADE, database="x")]
    for one in gone:
        keep(tiny.root, "tiny", one)
    report = read_report(tiny.root, "tiny")
    assert len(report.outdated) == 3
    assert report.problems == ()


def test_bisections_that_cannot_be_read_are_a_problem_of_the_report(tiny):
    tiny.write("docs/results/tiny.bisections.json", "{")
    report = read_report(tiny.root, "tiny")
    assert [one.file for one in report.problems] == ["docs/results/tiny.bisections.json"]
