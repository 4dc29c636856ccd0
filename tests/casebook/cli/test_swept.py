"""What a sweep came to: a line for each axis, what is missing, and the exit code."""

from dataclasses import replace

import pytest

from casebook.cli import swept as swept_module
from casebook.cli.commands import reporting
from casebook.cli.main import main
from casebook.cli.swept import code_of, told
from casebook.judge.project import read_report
from tests.casebook.builders import ADDITION, CLAIM, NEEDY, OLDER, append
from tests.casebook.judge.builders import BAD, NOTHING
from tests.casebook.judge.over_releases import at, over

WAS_BAD = {("used", "use"): BAD}
UNCLEAR = {("used", "use"): NOTHING}

LATER = ("dictionary-at-tally-1.1", "dictionary-at-tally-2.0")


@pytest.fixture
def ran(swept):
    for id in (OLDER, *LATER):
        assert swept.run(id).returncode == 0
    return swept


def report_of(project):
    return read_report(project.root, "tiny")


def lines(project, *packages):
    return list(told(report_of(project), packages))


def test_an_axis_that_was_observed_is_one_line_and_ends_with_0(ran):
    assert lines(ran) == [
        "tally in dictionary: 1.0, 1.1, 2.0 observed; 18 of 18 controls as declared"
    ]
    assert code_of(report_of(ran), []) == 0


def turned(*releases):
    """Return what is said of the turns of an axis whose releases did this, and of no gap."""
    return [line for line in told(over(*releases), []) if "observed" not in line]


def test_a_change_of_verdict_is_said_with_the_release_that_brought_it():
    said = turned(at("1.0", WAS_BAD), at("2.0", WAS_BAD), at("2.1"))
    assert said == ["  2.1: good of used: refuted -> supported"]
    assert turned(at("1.0"), at("2.0"), at("2.1")) == []


def test_where_releases_without_a_verdict_lie_between_both_ends_are_said():
    said = turned(at("1.0", WAS_BAD), at("2.0", UNCLEAR), at("2.1", UNCLEAR))
    assert said == ["  between 1.0 and 2.2.1: good of used: refuted -> supported"]


def test_of_many_changes_of_verdict_the_first_are_said_and_the_rest_are_counted(monkeypatch):
    monkeypatch.setattr(swept_module, "MOST", 1)
    said = turned(at("1.0"), at("2.0", WAS_BAD), at("2.1"))
    assert said == [
        "  2.0: good of used: supported -> refuted",
        "  and 1 more change of verdict: build/html/tiny/releases.html",
    ]


def test_what_an_axis_leaves_out_is_said(swept):
    swept.replace("conf/tiny.toml", 'releases = ["1.0"', 'additions = []\nreleases = ["1.0"')
    append(swept, "conf/tiny.toml", ADDITION)
    swept.write("conf/requirements/tiny/dictionary-with-abacus.txt", "")
    assert lines(swept)[0] == (
        "tally in dictionary: nothing observed; 0 of 18 controls as declared; "
        "left out: what needs an abacus"
    )


def test_a_release_that_was_not_observed_is_missing(ran):
    ran.record_file(OLDER).unlink()
    first, missing = lines(ran)
    assert first == "tally in dictionary: 1.1, 2.0 observed; 12 of 18 controls as declared"
    assert missing == "  1.0: 10 cells have no observation: no record"
    assert code_of(report_of(ran), []) == 3


def test_what_is_missing_of_another_package_does_not_count(ran):
    axis = '\n[[axis]]\npackage = "beads"\nfrom = "dictionary"\nreleases = ["1"]\n'
    append(ran, "conf/tiny.toml", axis)
    ran.write("conf/requirements/tiny/dictionary-at-beads-1.txt", "")
    assert code_of(report_of(ran), ["tally"]) == 0
    assert code_of(report_of(ran), []) == 3


def test_a_release_that_cannot_be_imported_is_an_observation(ran):
    former = '[[axis.former]]\npackage = "tally"\nreleases = ["1.0"]\nimports = ["no_such"]\n'
    append(ran, "conf/tiny.toml", former)
    assert ran.run(OLDER).returncode == 0
    assert lines(ran) == [
        "tally in dictionary: 1.1, 2.0 observed; 12 of 12 controls as declared",
        "  1.0: cannot be imported: ModuleNotFoundError: No module named 'no_such'",
        "  between 1.0 and 1.1: wires of counts-by-name: refuted -> supported",
    ]
    assert code_of(report_of(ran), []) == 0


def test_a_release_that_cannot_be_resolved_is_an_observation(ran):
    ran.path(f"conf/requirements/tiny/{OLDER}.txt").unlink()
    ran.write(f"conf/requirements/tiny/{OLDER}.unresolved", "no tally goes with beads\n")
    assert ran.run(OLDER).returncode == 0
    assert lines(ran)[1] == "  1.0: cannot be resolved: no tally goes with beads"
    assert code_of(report_of(ran), []) == 0


def test_a_python_that_is_not_installed_is_said_and_is_no_failure(ran):
    axis = '\n[[axis]]\npackage = "python"\nfrom = "dictionary"\nreleases = ["3.98"]\n'
    append(ran, "conf/tiny.toml", axis)
    ran.write("conf/requirements/tiny/dictionary-at-python-3.98.txt", "")
    assert lines(ran, "python") == [
        "python in dictionary: nothing observed",
        "  3.98: Python 3.98 is not installed here: not run, there is no record of it",
    ]
    assert code_of(report_of(ran), ["python"]) == 0


def test_a_twin_that_could_not_be_rerun_is_said(ran):
    ran.write("experiments/tiny/needy.py", NEEDY)
    append(ran, "experiments/tiny/claims.py", CLAIM.format(experiment="needy"))
    append(ran, "conf/tiny.toml", ADDITION)
    for id in ("dictionary", OLDER, *LATER):
        ran.write(f"conf/requirements/tiny/{id}-with-abacus.txt", "")
    ran.write("said", "error: Request failed after 3 retries\n")
    ran.casebook("not-rerun", f"{OLDER}-with-abacus", "said")
    found = [line for line in lines(ran) if "not rerun" in line]
    assert found == [f"  1.0: {OLDER}-with-abacus not rerun: Request failed after 3 retries"]
    assert code_of(report_of(ran), []) == 3


def test_a_control_that_failed_is_named_with_its_release(ran):
    ran.replace("experiments/tiny/claims.py", '"mixed-up": "saw what"', '"mixed-up": "saw none"')
    found = [line for line in lines(ran) if "control 'mixed-up'" in line]
    assert found[0].startswith("  1.0: counts-apart: control 'mixed-up' came out refuted")
    assert code_of(report_of(ran), []) == 3


def test_a_right_control_with_which_the_subject_fails_is_named_and_is_no_failure(ran):
    report = report_of(ran)
    swept = report.swept
    broken = next(one for one in swept.controls if one.environment == OLDER)
    of_subject = replace(broken, held=False, verdict="refuted", of_subject=True)
    controls = tuple(of_subject if one is broken else one for one in swept.controls)
    report = replace(report, swept=replace(swept, controls=controls))
    named = f"  1.0: {report.investigation.subject} fails with what is right, too: {broken.claim}"
    first, *rest = told(report, [])
    assert "17 of 18 controls as declared" in first
    assert named in rest
    assert code_of(report, []) == 0


def test_an_invalid_record_ends_with_4(ran):
    ran.record_file(OLDER).write_text("{")
    assert code_of(report_of(ran), []) == 4


def test_a_checker_that_raises_ends_with_1(ran):
    claims = "experiments/tiny/claims.py"
    broken = "def check_all(history):\n    'All?'\n    raise RuntimeError('broken')\n"
    ran.write(claims, ran.path(claims).read_text() + f"\n\n{BROKEN}{broken}")
    assert code_of(report_of(ran), []) == 1


BROKEN = (
    '@claim(experiments=("in-turn",), supported_by=("kept-apart",),'
    ' refuted_by={"mixed-up": "saw"})\n'
)


def test_an_invalid_record_is_named_when_a_sweep_ends(ran, monkeypatch, capsys):
    ran.record_file(OLDER).write_text("{")
    monkeypatch.setattr(reporting, "_built", lambda *_: 0)
    assert main(["--root", str(ran.root), "swept"]) == 4
    assert f"{OLDER}.sqlite.json" in capsys.readouterr().err.replace("\n  ", "")
