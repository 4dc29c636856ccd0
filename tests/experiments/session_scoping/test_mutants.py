"""Faults made by operators: each survivor is explained, and what is recorded comes out again."""

from pathlib import Path

import pytest

from casebook.plan.conf import read_investigation
from casebook.plan.mutants import read_mutants
from casebook.proof.mutants import mutants_of
from casebook.proof.scores import Scores, read_scores
from casebook.proof.survival import try_mutants
from tests.committed import report_of

ROOT = Path(__file__).resolve().parents[3]

INVESTIGATION = read_investigation(ROOT, "session_scoping")

DECLARED = read_mutants(ROOT, INVESTIGATION)


@pytest.fixture(scope="module")
def recorded():
    found = read_scores(ROOT, "session_scoping")
    assert isinstance(found, Scores), f"run `nox -s mutants`: {found}"
    return {one.id: one for one in found.mutants}


def test_what_is_recorded_are_the_mutants_of_what_is_installed(recorded):
    assert list(recorded) == [one.id for one in mutants_of(ROOT, INVESTIGATION, DECLARED)]


def test_every_survivor_is_explained(recorded):
    survived = {id for id, one in recorded.items() if one.outcome == "survived"}
    assert survived == DECLARED.harmless.keys()


@pytest.mark.slow
def test_mutants_of_one_library_come_out_as_recorded(recorded):
    mutants = mutants_of(ROOT, INVESTIGATION, DECLARED)
    some = [one for one in mutants if one.id.startswith("flask_sqlalchemy_session/")][:3]
    report = report_of("session_scoping")
    tried = list(try_mutants(ROOT, report, DECLARED, some, 2))
    assert len(tried) == 3
    assert [one for one in tried if one != recorded[one.id]] == []
