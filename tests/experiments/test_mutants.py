"""Faults made by operators: each survivor is explained, and what is recorded comes out again."""

from pathlib import Path

import pytest

from casebook.judge.project import read_report
from casebook.plan.conf import read_investigation
from casebook.plan.mutants import read_mutants
from casebook.proof.mutants import mutants_of
from casebook.proof.scores import Scores, read_scores
from casebook.proof.survival import try_mutants

ROOT = Path(__file__).resolve().parents[2]

INVESTIGATION = read_investigation(ROOT, "session_scoping")

DECLARED = read_mutants(ROOT, INVESTIGATION)


@pytest.fixture(scope="module")
def recorded():
    found = read_scores(ROOT, "session_scoping")
    assert isinstance(found, Scores), f"run `nox -s mutants`: {found}"
    return {one.id: one for one in found.mutants}


def test_what_is_recorded_are_the_mutants_of_what_is_installed(recorded):
    assert list(recorded) == [one.id for one in mutants_of(ROOT, INVESTIGATION, DECLARED)]


def test_every_survivor_is_explained_and_nothing_else_is(recorded):
    survived = {id for id, one in recorded.items() if one.outcome == "survived"}
    assert survived == DECLARED.harmless.keys()


@pytest.mark.slow
def test_a_mutant_of_each_operator_comes_out_as_recorded(recorded):
    mutants = mutants_of(ROOT, INVESTIGATION, DECLARED)
    first = list({mutant.operator: mutant for mutant in reversed(mutants)}.values())
    report = read_report(ROOT, "session_scoping")
    tried = try_mutants(ROOT, report, DECLARED, first, 2)
    assert [one for one in tried if one != recorded[one.id]] == []
