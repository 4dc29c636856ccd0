"""The examples in CONTRIBUTING.md, added to the miniature investigation and run."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

from casebook.judge.project import read_report
from casebook.plan.conf import read_investigation
from casebook.plan.faults import read_faults
from casebook.plan.mutants import read_mutants
from casebook.proof import laboratory
from casebook.proof.mutants import mutants_of
from casebook.proof.scripts import Reproductions
from tests.casebook.proof.builders import install_library

pytestmark = pytest.mark.slow

CONTRIBUTING = Path(__file__).resolve().parent.parent / "CONTRIBUTING.md"

BLOCK = re.compile(
    r"^```(?:python|toml|text|markdown)\n# (\S+)\n(.*?)^```$", re.DOTALL | re.MULTILINE
)


@pytest.fixture
def contributed(tiny):
    """The miniature project with every example added."""
    for name, content in BLOCK.findall(CONTRIBUTING.read_text(encoding="utf-8")):
        path = tiny.path(name)
        before = path.read_text(encoding="utf-8") if path.exists() else ""
        tiny.write(name, f"{before}\n\n{content}" if before else content)
    return tiny


def verdicts(project, investigation, environment):
    done = project.run(environment)
    assert done.returncode == 0, done.stderr
    return judged(project, investigation, environment)


def verdicts_after(project, ran, environment):
    assert project.run(ran).returncode == 0
    return judged(project, "tiny", environment)


def judged(project, investigation, environment):
    report = read_report(project.root, investigation)
    assert all(outcome.held for outcome in report.controls if outcome.environment == environment)
    return {
        (one.claim, one.pattern): one.verdict
        for one in report.findings
        if one.environment == environment
    }


def test_a_pattern_an_experiment_and_a_claim_are_judged_in_a_new_environment(contributed):
    found = verdicts(contributed, "tiny", "dictionary-again")
    assert found["survives-interruption", "counts-from-a-copy"] == "supported"
    assert found["counts-apart", "counts-from-a-copy"] == "supported"


def test_an_experiment_that_needs_more_is_judged_where_that_is_added(contributed):
    assert contributed.run("closure").returncode == 0
    found = verdicts_after(contributed, "closure-with-abacus", "closure")
    assert found["counts-apart-with-an-abacus", "counter-per-name"] == "supported"


def test_a_statement_is_judged_by_its_claims_and_its_check(contributed):
    verdicts(contributed, "tiny", "dictionary")
    verdicts(contributed, "tiny", "dictionary-again")
    stated = {one.statement.id: one for one in read_report(contributed.root, "tiny").stated}
    assert stated["dictionaries-count-to-two"].verdict == "upheld"


def test_a_new_investigation_is_run_and_judged(contributed):
    found = verdicts(contributed, "greeting", "plain")
    assert found["greets", "shouting"] == "supported"
    assert found["greets", "silent"] == "refuted"


@pytest.mark.parametrize("pattern", ["counts-from-a-copy", "mixed-up"])
def test_a_claim_is_shown_by_a_script(contributed, pattern):
    verdicts(contributed, "tiny", "dictionary-again")
    report = read_report(contributed.root, "tiny")
    wanted = f"survives-interruption.{pattern}.dictionary-again.sqlite"
    finding = next(one for one in report.findings if one.id == wanted)
    script = contributed.path("repro.py")
    script.write_text(Reproductions(contributed.root, report).script(finding))
    ended = subprocess.run([sys.executable, "-I", script], capture_output=True, text=True)
    assert ended.returncode == 0
    assert f"The finding says: {finding.verdict}." in ended.stdout


def test_a_claim_that_was_renamed_is_found(contributed):
    (renamed,) = read_report(contributed.root, "tiny").investigation.renamed
    assert (renamed.kind, renamed.to) == ("claim", "counts-apart")


def test_a_fault_turns_the_finding_that_it_names(contributed, monkeypatch):
    python = contributed.path(".nox/experiments-dictionary/bin/python")
    python.parent.mkdir(parents=True)
    python.symlink_to(sys.executable)
    monkeypatch.setenv("CASEBOOK_ENVIRONMENTS", str(contributed.path(".nox")))
    assert contributed.run("dictionary").returncode == 0
    report = read_report(contributed.root, "tiny")
    (fault,) = read_faults(contributed.root, report.investigation).faults
    assert laboratory.try_one(contributed.root, report, fault).held


def test_mutants_are_made_of_an_installed_library(contributed, monkeypatch):
    monkeypatch.setenv("CASEBOOK_ENVIRONMENTS", str(contributed.path(".nox")))
    install_library(contributed)
    investigation = read_investigation(contributed.root, "tiny")
    declared = read_mutants(contributed.root, investigation)
    made = [mutant.id for mutant in mutants_of(contributed.root, investigation, declared)]
    assert made == ["tally/count.py:Tally.next:left-out:1", *declared.harmless]


def test_the_site_is_built_with_every_example(contributed):
    for environment in ("dictionary", "dictionary-again", "plain"):
        assert contributed.run(environment).returncode == 0
    built = contributed.casebook("site")
    assert built.returncode == 3, built.stderr  # other environments were not observed
    front = contributed.path("build/html/index.html").read_text(encoding="utf-8")
    assert "Greetings" in front
    assert contributed.path("build/html/greeting/claims.html").exists()
