"""Faults, put into copies of the miniature's environment: what turns, and what does not."""

from dataclasses import replace

import pytest

from casebook.judge.project import read_report
from casebook.plan.faults import read_faults
from casebook.plan.investigation import Setting
from casebook.proof import laboratory
from tests.casebook.plan.builders import HARMLESS, INSTALLED, ONE_COUNT, put

pytestmark = pytest.mark.slow


def with_a_ledger(project, serve):
    """Declare a second database in a project, and how its server is had."""
    project.write(
        "experiments/tiny/server.py",
        "from contextlib import contextmanager\n\n"
        "from casebook.record import NoServer\n\n\n"
        "@contextmanager\ndef serve(folder):\n" + serve,
    )
    project.replace("conf/tiny.toml", 'databases = ["sqlite"]', 'databases = ["sqlite", "ledger"]')
    toml = project.path("conf/tiny.toml").read_text()
    ledger = '[[database]]\nid = "ledger"\ntitle = "A ledger"\nserver = "experiments.tiny.server"\n'
    project.write("conf/tiny.toml", toml + ledger)


def tried(project):
    """Return what came of the one fault that is declared."""
    report = read_report(project.root, "tiny")
    (fault,) = read_faults(project.root, report.investigation).faults
    return laboratory.try_one(project.root, report, fault)


def test_a_fault_turns_the_finding_that_it_names(installed):
    put(installed, ONE_COUNT)
    outcome = tried(installed)
    (turned,) = outcome.turns
    assert (turned.before.verdict, turned.after.verdict) == ("supported", "refuted")
    assert outcome.held


def test_a_fault_in_an_installed_library_turns_a_finding(installed):
    put(installed, INSTALLED)
    assert tried(installed).held


def test_the_original_library_and_project_stay_as_they_are(installed):
    put(installed, ONE_COUNT, INSTALLED)
    before = {path: path.read_bytes() for path in installed.root.rglob("*.py")}
    report = read_report(installed.root, "tiny")
    for fault in read_faults(installed.root, report.investigation).faults:
        assert laboratory.try_one(installed.root, report, fault).held
    assert {path: path.read_bytes() for path in installed.root.rglob("*.py")} == before


def test_what_was_compiled_of_the_original_is_not_what_runs(installed):
    packages = next(installed.path(".nox").glob("*/lib/*/site-packages/tally"))
    compiled = installed.command(
        "compileall", "-q", "--invalidation-mode", "unchecked-hash", packages
    )
    assert compiled.returncode == 0, compiled.stderr
    put(installed, INSTALLED)
    assert tried(installed).held


def test_a_harmless_change_turns_nothing(installed):
    put(installed, HARMLESS)
    outcome = tried(installed)
    assert {one.claim for one in outcome.keeps} == {"wires", "counts-apart", "no-warnings"}
    assert outcome.held


def test_a_change_that_is_said_to_be_harmless_and_is_not_does_not_hold(installed):
    put(installed, HARMLESS.replace("counts.get(conversation)", "counts.total()"))
    assert not tried(installed).held


def test_a_finding_that_turns_for_another_reason_does_not_hold(installed):
    put(installed, ONE_COUNT.replace("saw what another", "heard what another"))
    outcome = tried(installed)
    assert outcome.turns[0].after.verdict == "refuted"
    assert not outcome.held


def test_a_finding_that_was_not_supported_before_cannot_turn(installed):
    installed.record_file().unlink()
    put(installed, ONE_COUNT)
    assert not tried(installed).held


@pytest.mark.parametrize(
    ("old", "new", "problem"),
    [
        ("return self.counts[conversation]", "return nothing_like_it", "occurs 0 times in"),
        ("        return self.counts[conversation]", "self.counts", "occurs 3 times in"),
        ("backends/dictionary.py", "backends/dictionery.py", "does not exist"),
    ],
)
def test_a_fault_whose_text_does_not_stand_once_cannot_be_put_in(installed, old, new, problem):
    put(installed, ONE_COUNT.replace(old, new, 1))
    outcome = tried(installed)
    assert outcome.problem.startswith("cannot be put in: ")
    assert problem in outcome.problem
    assert not outcome.held


def test_a_file_that_no_package_holds_cannot_be_broken(installed):
    put(installed, INSTALLED.replace("tally/core.py", "tally/gone.py"))
    assert tried(installed).problem.endswith(
        "tally/gone.py does not exist in the installed packages"
    )


def test_an_environment_that_is_not_installed_cannot_be_broken(installed, monkeypatch):
    monkeypatch.setenv("CASEBOOK_ENVIRONMENTS", str(installed.path("none")))
    put(installed, ONE_COUNT)
    assert "not installed" in tried(installed).problem


def test_an_experiment_that_runs_on_another_database_alone_is_not_missed(installed):
    with_a_ledger(installed, '    yield "somewhere"\n')
    overlap = installed.path("experiments/tiny/overlap.py").read_text()
    installed.write("experiments/tiny/overlap.py", overlap + '\nDATABASES = ("ledger",)\n')
    assert installed.run("dictionary").returncode == 0
    put(installed, HARMLESS)
    assert tried(installed).held


def test_where_no_server_can_be_had_the_outcome_says_so(installed):
    with_a_ledger(installed, '    raise NoServer("install one")\n    yield\n')
    put(installed, HARMLESS.replace("file =", 'database = "ledger"\nfile ='))
    outcome = tried(installed)
    assert (outcome.problem, outcome.held) == ("cannot be observed: ledger: install one", False)


def test_what_a_fault_was_put_into_is_said_where_a_twin_alone_was_observed(installed):
    put(installed, HARMLESS)
    report = read_report(installed.root, "tiny")
    record = report.records.pop(Setting("dictionary", "sqlite"))
    report.records[Setting("its-twin", "sqlite")] = replace(record, releases={"json": "9"})
    report.homes[Setting("dictionary", "sqlite")] = "its-twin"
    investigation = replace(report.investigation, packages=("json",))
    (fault,) = read_faults(installed.root, investigation).faults
    outcome = laboratory.try_one(
        installed.root, replace(report, investigation=investigation), fault
    )
    assert outcome.releases == {"json": "9"}
