"""The settings in which mutants are tried."""

from dataclasses import replace

import pytest

from casebook.exit_codes import HarnessError
from casebook.judge.project import read_report
from casebook.plan.mutants import read_mutants
from casebook.proof.mutants import mutants_of
from casebook.proof.places import places_of
from tests.casebook.plan.builders import OPERATORS, TARGET, put_mutants

pytestmark = pytest.mark.slow


def place_and_mutants(project):
    put_mutants(project, OPERATORS, TARGET)
    report = read_report(project.root, "tiny")
    declared = read_mutants(project.root, report.investigation)
    (place,) = places_of(project.root, report, declared, declared.targets).values()
    return place, {one.id: one for one in mutants_of(project.root, report.investigation, declared)}


def test_a_setting_is_asked_of_itself_alone(counting):
    place, _ = place_and_mutants(counting)
    assert [one.id for one in place.investigation.environments] == ["dictionary"]
    assert {one.setting for one in place.findings(place.report).values()} == {place.setting}


def test_what_a_mutant_reaches_are_the_cells_that_run_its_line(counting):
    place, mutants = place_and_mutants(counting)
    assert set(place.reached(mutants["tally/count.py:Tally.key:one-key:1"])) == {
        ("counts-by-name", "in-turn"),
        ("counts-by-name", "overlap"),
    }
    assert place.reached(mutants["tally/count.py:Tally.unused:left-out:1"]) == {}


def test_a_record_in_place_of_the_settings_own_is_judged(counting):
    place, _ = place_and_mutants(counting)
    claims = place.report.claims
    same = place.judged(claims, place.record, place.report.histories)
    assert place.findings(same) == place.findings(place.report)
    nothing = place.judged(claims, replace(place.record, cells=()), place.report.histories)
    assert {one.verdict for one in place.findings(nothing).values()} == {"not-tested"}


def test_where_nothing_was_supported_nothing_can_be_tried(counting):
    counting.record_file().unlink()
    with pytest.raises(HarnessError, match=r"nothing is supported in dictionary\.sqlite"):
        place_and_mutants(counting)
