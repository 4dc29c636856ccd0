"""The outcomes of mutants: recorded, read again, explained, and shown."""

import json

import pytest

from casebook.cli.main import main
from casebook.judge.results import Problem
from casebook.proof.scores import Scores, dump_scores, read_scores
from tests.casebook.plan.builders import HARMLESS_MUTANTS, MUTANTS, OPERATORS, TARGET, put_mutants
from tests.casebook.proof.builders import method_page, run_installed

pytestmark = pytest.mark.slow

FILE = "docs/results/tiny.mutants.json"


@pytest.fixture
def told(counting):
    """A project of which all mutants are declared, and the survivors explained."""
    put_mutants(counting, OPERATORS, TARGET, HARMLESS_MUTANTS)
    return counting


def mutants(project, *options):
    return main(["--root", str(project.root), "mutants", *options])


def test_the_scores_are_recorded_the_same_each_time(told, capsys):
    assert mutants(told) == 0
    assert (
        "8 mutants: 2 refuted, 1 fail at the gate, 3 inconclusive, 0 mended, 2 survived"
        in " ".join(capsys.readouterr().out.split())
    )
    first = told.path(FILE).read_bytes()
    told.path(FILE).unlink()
    assert mutants(told, "--jobs", "1") == 0
    assert told.path(FILE).read_bytes() == first


def test_a_survivor_that_nothing_explains_ends_with_3(told, capsys):
    told.replace(MUTANTS, ', "tally/count.py:Tally.unused:left-out:1"', "")
    assert mutants(told, "*:Tally.unused:*", "*:Tally.next:left-out:2") == 3
    out = capsys.readouterr().out
    assert "Tally.unused:left-out:1  SURVIVED, unexplained" in out
    assert "Tally.next:left-out:2  survived, harmless: Nobody reads the notes." in out


def test_a_reason_for_a_mutant_that_is_caught_is_wrong(told, capsys):
    told.replace(MUTANTS, "Tally.unused:left-out:1", "Tally.key:one-key:1")
    assert mutants(told, "*:Tally.key:*") == 2
    assert "'tally/count.py:Tally.key:one-key:1': it was caught: delete it" in (
        capsys.readouterr().err
    )


def test_a_mutant_that_was_not_observed_ends_with_1_and_is_not_caught(told, capsys):
    told.replace(MUTANTS, "Tally.unused:left-out:1", "Tally.next:one-key:1")
    told.replace(
        "experiments/tiny/driver.py",
        "number=self.desk.answer(conversation))",
        "number=self.desk.answer(conversation) or 1 // 0)",
    )
    run_installed(told)
    assert mutants(told, "*:Tally.next:one-key:1") == 1
    said = capsys.readouterr()
    assert "Tally.next:one-key:1  UNOBSERVED" in said.out
    assert "1 unobserved" in said.out
    assert "it was caught" not in said.err


def test_mutants_that_are_named_are_tried_alone_and_not_recorded(told, capsys):
    assert mutants(told, "*:Tally.unused:*") == 0
    assert "step" not in capsys.readouterr().out
    assert not told.path(FILE).exists()


def test_mutants_are_listed_and_not_tried(told, capsys):
    assert mutants(told, "--list", "*:step:*") == 0
    assert capsys.readouterr().out == ("tally/count.py:step:one-key:1  step answers 0, not 1\n")


def test_a_name_of_no_mutant_is_wrong_usage(told, capsys):
    assert mutants(told, "*:stride:*") == 2
    assert "'*:stride:*'" in capsys.readouterr().err


# --- The page -------------------------------------------------------------------------------------


def test_the_method_page_shows_the_score_and_each_mutant(told):
    mutants(told)
    page = method_page(told)
    for row in ("| a finding was refuted | 2 |", "harmless, and why is known | 2 |"):
        assert row in page
    assert "unexplained | 0 |" in page
    assert "patterns/counts-by-name.html#counts-apart.counts-by-name.dictionary.sqlite" in page
    assert "-        self.note(key)\n+        pass" in page
    assert "Nobody reads the notes." in page


def test_the_method_page_shows_what_was_not_observed(told):
    mutants(told)
    told.replace(FILE, '"survived",\n   "ran": 0', '"unobserved",\n   "ran": 0')
    page = method_page(told)
    assert "| not observed: the harness or the clock failed | 1 |" in page
    assert "1 were not observed: the harness or the clock failed" in page


def test_a_survivor_that_nothing_explains_stands_open_on_the_page(told):
    mutants(told)
    told.replace(MUTANTS, ', "tally/count.py:Tally.unused:left-out:1"', "")
    page = method_page(told)
    assert "| nothing turned: unexplained | 1 |" in page
    assert "<details open><summary>1 turned nothing, unexplained" in page


def test_an_investigation_without_mutants_says_nothing_of_them(tiny):
    assert "made by operators" not in method_page(tiny)


@pytest.mark.parametrize(
    ("file", "old", "new", "why"),
    [
        (MUTANTS, 'by = "0"', 'by = "1"', "an earlier conf/tiny.mutants.toml"),
        (
            "experiments/tiny/desk.py",
            "Return the",
            "Say the",
            "an earlier experiments/tiny/desk.py",
        ),
        ("experiments/tiny/claims.py", "counted from 1", "began", "experiments/tiny/claims.py"),
        (
            "docs/results/tiny/dictionary.sqlite.json",
            '"schema": 2',
            '"schema": 0',
            "not-tested now",
        ),
    ],
)
def test_an_outcome_whose_inputs_changed_is_shown_as_earlier(told, file, old, new, why):
    mutants(told)
    told.replace(file, old, new)
    page = method_page(told)
    assert why in page
    assert "recorded before something changed" in page


@pytest.mark.parametrize(
    "file",
    [
        "casebook/proof/operators.py",
        "casebook/proof/places.py",
        "casebook/proof/survival.py",
        "casebook/judge/judge.py",
    ],
)
def test_an_outcome_of_an_earlier_engine_is_shown_as_earlier(told, file):
    mutants(told)
    digest = json.loads(told.path(FILE).read_text())["digests"][file]
    told.replace(FILE, f'"{file}": "{digest}"', f'"{file}": "of before"')
    assert f"recorded with an earlier {file}" in method_page(told)


def test_scores_that_cannot_be_read_are_named_with_the_rule(told):
    told.write(FILE, '{"schema": 1}')
    problem = read_scores(told.root, "tiny")
    assert isinstance(problem, Problem)
    assert "missing required field `investigation`" in problem.rule
    assert "tiny.mutants.json</code> cannot be used" in method_page(told)


def test_scores_of_another_form_are_not_read(tiny):
    tiny.write(FILE, dump_scores(Scores(99, "tiny", {}, {}, ())))
    problem = read_scores(tiny.root, "tiny")
    assert isinstance(problem, Problem)
    assert problem.rule == "schema 99, this Casebook reads 1"
