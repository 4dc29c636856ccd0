"""Findings observed again: which cells that needs, where they run, and what stays."""

from dataclasses import replace

import pytest

from casebook.judge.project import read_report
from casebook.plan.axes import Axis, Companion, Former
from casebook.plan.conf import read_investigation
from casebook.releases.candidates import Candidate
from casebook.releases.resolving import Lock, Unresolvable, Wheel, replaced
from casebook.releases.trying import (
    committed,
    homes_of,
    locks,
    observe,
    question,
    side,
    up_to_date,
    with_candidate,
)
from tests.casebook.builders import ADDITION, CLAIM, NEEDY, TWIN, append
from tests.casebook.releases.test_past import ran_today

pytestmark = pytest.mark.slow


@pytest.fixture
def asked(tally):
    """Ask for a claim's finding in `dictionary`: the report, the finding and the question."""

    def of(claim):
        report = read_report(tally.root, "tiny")
        finding = report.by_id[f"{claim}.counts-by-name.dictionary.sqlite"]
        environment = report.investigation.environment("dictionary")
        return report, finding, question(tally.root, report, environment, [finding])

    return of


@pytest.fixture
def with_twin(tally):
    """The miniature with a claim whose experiment needs an abacus, which a twin has."""
    tally.write("experiments/tiny/needy.py", NEEDY)
    append(tally, "experiments/tiny/claims.py", CLAIM.format(experiment="needy"))
    append(tally, "conf/tiny.toml", ADDITION)
    tally.write(f"conf/requirements/tiny/{TWIN}.txt", "abacus==1.0\ntally==1.5\n")
    return tally


def test_a_question_needs_the_pattern_the_controls_and_the_gate(asked):
    _, _, one = asked("counts-apart")
    cells = {(cell.pattern, cell.experiment) for cell in one.cells}
    assert {pattern for pattern, _ in cells} == {
        "counts-by-name",
        "kept-apart",
        "mixed-up",
        "raises-when-wired",
    }
    assert ("counts-by-name", "wire") in cells
    assert ("mixed-up", "overlap") in cells
    assert ("mixed-up", "wire") not in cells
    assert (one.homes, one.databases) == (("dictionary",), ("sqlite",))


def test_what_needs_more_than_the_environment_has_runs_in_its_twin(with_twin, asked):
    report, finding, one = asked("counts-needy")
    assert homes_of(report, finding) == {TWIN}
    assert set(one.homes) == {"dictionary", TWIN}


def test_a_twin_keeps_the_releases_of_the_environment(with_twin, asked):
    report, _, one = asked("counts-needy")
    found = locks(with_twin.root, report, one, Candidate("tally", "1.3", "tally 1.3"))
    assert {id: lock.releases for id, lock in found.items() if isinstance(lock, Lock)} == {
        "dictionary": {"tally": "1.3"},
        TWIN: {"abacus": "1.0", "tally": "1.3"},
    }


def test_a_twin_in_which_nothing_fits_is_told_apart_from_the_environment(with_twin, asked):
    report, _, one = asked("counts-needy")
    found = locks(with_twin.root, report, one, Candidate("tally", "1.0", "tally 1.0"))
    assert isinstance(found["dictionary"], Lock)
    assert isinstance(found[TWIN], Unresolvable)


def test_a_finding_in_a_twin_is_judged_with_the_candidate(with_twin, asked):
    report, finding, one = asked("counts-needy")
    own = locks(with_twin.root, report, one, Candidate("tally", "1.1", "tally 1.1"))
    good = observe(with_twin.root, report, one, own)
    assert good.by_id[finding.id].verdict == "supported"
    bad = observe(with_twin.root, report, one, committed(with_twin.root, report, one))
    assert bad.by_id[finding.id].verdict == "refuted"
    assert side("now", bad, [finding.id]).findings.keys() == {finding.id}


def test_a_report_without_records_is_not_up_to_date(asked):
    report, _, one = asked("counts-apart")
    assert not up_to_date(report, one)


def test_a_report_is_up_to_date_until_an_input_of_one_of_its_cells_changes(tally, asked):
    ran_today(tally)
    report, _, one = asked("counts-apart")
    assert up_to_date(report, one)
    append(tally, "experiments/tiny/overlap.py", "#\n")  # `in-turn` and `wire` stay as they were
    report, _, one = asked("counts-apart")
    assert not up_to_date(report, one)


def test_the_committed_lock_of_what_fits_nothing_is_the_resolver_s_reason(tally):
    report = read_report(tally.root, "tiny")
    environment = report.investigation.environment("closure-not-resolvable")
    finding = next(one for one in report.findings if one.environment == environment.id)
    one = question(tally.root, report, environment, [finding])
    (lock,) = committed(tally.root, report, one).values()
    assert isinstance(lock, Unresolvable)


def requirements(investigation, home, made, start=None):
    """Return what is installed in a home, with a candidate in the place of a release."""
    installed, name = with_candidate(investigation, start or home, home, made)
    return replaced(installed.install, name, made.requirement)


AXIS = Axis(
    package="tally",
    start="dictionary",
    releases=("1.0", "1.3", "1.5"),
    install=("tally=={release}", "counter"),
    companions=(Companion(("1.0",), ("paper",), "1.0 writes on paper"),),
)


@pytest.mark.parametrize(
    ("release", "installed"),
    [
        ("0.9", ("tally==0.9", "counter", "paper")),
        ("1.0", ("tally==1.0", "counter", "paper")),
        ("1.1", ("tally==1.1", "counter", "paper")),
        ("1.4", ("tally==1.4", "counter")),
        ("1.5", ("tally==1.5",)),
        ("1.6", ("tally==1.6",)),
    ],
)
def test_an_older_release_is_installed_as_its_axis_says(tally, release, installed):
    investigation = replace(read_investigation(tally.root, "tiny"), axes=(AXIS,))
    home = investigation.environment("dictionary")
    made = Candidate("tally", release, f"tally {release}")
    assert requirements(investigation, home, made) == installed
    twin = replace(home, adds=("abacus",), install=(*home.install, "abacus"))
    assert set(requirements(investigation, twin, made, home)) == {*installed, "abacus"}


def test_an_axis_from_another_environment_says_nothing(tally):
    axis = replace(AXIS, start="closure")
    investigation = replace(read_investigation(tally.root, "tiny"), axes=(axis,))
    home = investigation.environment("dictionary")
    made = Candidate("tally", "1.0", "tally 1.0")
    assert requirements(investigation, home, made) == ("tally==1.0",)


FORMER = replace(
    AXIS, former=(Former("count", ("1.0",), ("count",)),), install=(), releases=("1.0", "1.3")
)


@pytest.mark.parametrize(
    ("release", "installed", "imports"),
    [
        ("0.9", ("count==0.9", "paper"), ("count",)),
        ("1.1", ("count==1.1", "paper"), ("count",)),
        ("1.3", ("tally==1.3",), ("tally",)),
        ("1.4", ("tally==1.4",), ("tally",)),
    ],
)
def test_a_release_under_a_former_name_is_installed_and_imported_as_its_axis_says(
    tally, release, installed, imports
):
    investigation = replace(read_investigation(tally.root, "tiny"), axes=(FORMER,))
    home = investigation.environment("dictionary")
    made = Candidate("tally", release, f"tally {release}")
    assert requirements(investigation, home, made) == installed
    assert with_candidate(investigation, home, home, made)[0].imports == imports


def test_a_checkout_has_its_own_name_whatever_its_release(tally, tmp_path):
    investigation = replace(read_investigation(tally.root, "tiny"), axes=(FORMER,))
    home = investigation.environment("dictionary")
    wheel = Wheel("tally", "1.0", tmp_path / "tally-1.0-py3-none-any.whl", "")
    made = Candidate("tally", "1.0", "a checkout", wheel)
    assert with_candidate(investigation, home, home, made)[1] == "tally"
