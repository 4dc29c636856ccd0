"""The report: its index, its numbers, and what follows from it."""

from dataclasses import replace

import pytest

from casebook.judge.report import exit_code, main_releases, releases
from casebook.judge.results import Problem
from casebook.plan.investigation import Setting
from casebook.stored import digest_of
from tests.casebook.judge.builders import (
    BAD,
    GOOD,
    INVESTIGATION,
    OBSERVED,
    WIRES,
    a_claim,
    a_record,
    an_environment,
    finding,
    judged,
    named,
)

A_PROBLEM = Problem("docs/results/tiny/now.sqlite.json", "$", "damaged")


def test_a_refuted_claim_is_no_failure() -> None:
    assert exit_code(judged({("used", "use"): BAD})) == 0


def test_a_checker_that_failed_is_a_fault_of_the_harness() -> None:
    claim = a_claim(check=lambda history: 1 / 0)
    assert exit_code(judged(claims=[WIRES, claim], problems=[A_PROBLEM])) == 1


def test_what_was_not_rerun_is_incomplete_though_its_record_is_whole() -> None:
    report = judged(not_rerun={Setting("now", "sqlite"): "no network"})
    assert report.coverage.not_tested == 0
    assert (exit_code(report), report.complete) == (3, False)


def test_a_control_that_failed_is_incomplete_unless_the_subject_fails_with_it() -> None:
    report = judged({("right", "use"): BAD})
    assert exit_code(report) == 3
    subject = tuple(replace(one, of_subject=not one.held) for one in report.controls)
    assert exit_code(replace(report, controls=subject)) == 0


def test_the_main_releases_are_those_that_the_plan_lists_in_its_order() -> None:
    releases = a_record(OBSERVED).releases
    here = an_environment(imports=("json", "admin.sub"))
    listed = replace(
        INVESTIGATION, packages=("other", "not-installed", "admin"), environments=(here,)
    )
    assert list(main_releases(listed, releases).items()) == [("other", "1"), ("admin", "2.2.1")]


@pytest.mark.parametrize(
    ("imports", "install", "shown"),
    [
        (("library",), (), ["other", "library"]),
        (("library.part",), (), ["other", "library"]),
        (("lib",), ("Library==3", "admin"), ["other", "library"]),  # `lib` is of `library`
        (("yarn",), ("library",), ["other", "library"]),  # named otherwise: all that is asked for
        (("json",), ("library",), ["other"]),
    ],
)
def test_the_release_of_what_is_imported_is_shown_though_the_plan_does_not_list_it(
    imports, install, shown
) -> None:
    here = an_environment(imports=imports, install=install)
    asked = replace(INVESTIGATION, packages=("other",), environments=(here,))
    assert list(main_releases(asked, a_record(OBSERVED).releases)) == shown


def test_without_a_list_the_main_releases_are_those_of_what_environments_install() -> None:
    assert list(main_releases(INVESTIGATION, a_record(OBSERVED).releases)) == ["admin", "library"]


def test_an_invalid_result_outweighs_a_missing_one() -> None:
    assert exit_code(judged({("used", "use"): None}, problems=[A_PROBLEM])) == 4


def test_of_a_cell_of_which_a_history_is_missing_none_is_told() -> None:
    report = judged({("used", "use"): (GOOD, BAD)})
    cell = report.cell(Setting("now", "sqlite"), "used", "use")
    assert report.histories_of(cell) == (GOOD, BAD)
    whole = report.histories
    for lost in (GOOD, BAD):
        rest = {name: one for name, one in whole.items() if name != digest_of(lost)}
        assert replace(report, histories=rest).histories_of(cell) == ()
    assert report.histories_of(None) == ()


# --- The index ------------------------------------------------------------------------------------

HERE = Setting("now", "sqlite")


def test_a_finding_is_found_by_its_claim_its_pattern_and_its_setting() -> None:
    one = judged().finding("good", "wrong", HERE)
    assert one is not None
    assert one.id == "good.wrong.now.sqlite"


@pytest.mark.parametrize(
    ("claim", "pattern", "setting"),
    [
        ("better", "used", HERE),
        ("good", "unwired", HERE),
        ("good", "used", Setting("now", "postgresql")),
        ("good", "used", Setting("then", "sqlite")),
    ],
)
def test_there_is_no_finding_of_what_was_not_judged(
    claim: str, pattern: str, setting: Setting
) -> None:
    assert judged().finding(claim, pattern, setting) is None


def test_the_findings_of_a_claim_on_a_pattern_are_in_the_order_of_the_settings() -> None:
    environments = an_environment("second"), an_environment("first")
    investigation = replace(INVESTIGATION, environments=environments, databases=("b", "a"))
    found = judged(investigation=investigation, records=[]).findings_of("good", "used")
    assert [one.setting for one in found] == [
        ("second", "b"),
        ("second", "a"),
        ("first", "b"),
        ("first", "a"),
    ]


def test_every_finding_is_found_by_its_id() -> None:
    report = judged()
    assert list(report.by_id.values()) == list(report.findings)
    assert all(report.by_id[one.id] is one for one in report.findings)


def test_a_cell_is_found_by_its_setting_its_pattern_and_its_experiment() -> None:
    cell = judged({("used", "use"): BAD}).cell(HERE, "used", "use")
    assert cell is not None
    assert (cell.pattern, cell.experiment, cell.histories) == ("used", "use", named(BAD))


def test_there_is_no_cell_of_what_was_not_recorded() -> None:
    report = judged({("used", "use"): None})
    assert report.cell(HERE, "used", "use") is None
    assert report.cell(Setting("then", "sqlite"), "used", "wire") is None


def test_evidence_leads_to_the_cell_that_shows_it() -> None:
    one = finding(judged({("used", "use"): BAD}))
    cell = judged({("used", "use"): BAD}).cell_of(one, one.evidence[0])
    assert cell is not None
    assert cell.histories[one.evidence[0].history] == digest_of(BAD)


def test_evidence_of_a_history_that_no_record_holds_leads_to_no_cell() -> None:
    one = finding(judged())
    assert judged().cell_of(one, replace(one.evidence[0], history=1)) is None
    assert judged(records=[]).cell_of(one, one.evidence[0]) is None


def test_a_control_is_found_by_its_claim_its_pattern_and_its_setting() -> None:
    outcome = judged().control("good", "wrong", HERE)
    assert outcome is not None
    assert (outcome.claim, outcome.pattern, outcome.verdict) == ("good", "wrong", "refuted")
    assert judged().control("good", "unwired", HERE) is None


def test_a_grade_is_found_by_its_pattern_and_its_setting_and_a_control_has_none() -> None:
    grade = judged().grade("used", HERE)
    assert grade is not None
    assert (grade.pattern, grade.grade) == ("used", "recommended")
    assert judged().grade("right", HERE) is None


def test_the_record_of_a_setting_is_that_of_where_it_ran() -> None:
    at_home = a_record(OBSERVED)
    away = replace(judged(records=[at_home]), homes={Setting("other", "sqlite"): "now"})
    assert away.record(Setting("other", "sqlite")) == at_home
    assert judged(records=[]).record(HERE) is None


def test_the_databases_of_an_environment_are_its_settings_alone() -> None:
    investigation = replace(
        INVESTIGATION,
        environments=(an_environment(), an_environment("then")),
        databases=("sqlite", "second"),
    )
    report = judged(investigation=investigation)
    assert report.databases_of("then") == (("then", "sqlite"), ("then", "second"))


def test_controls_that_failed_and_those_that_did_not_run_are_told_apart() -> None:
    report = judged({("wrong", "use"): GOOD, ("right", "use"): None})
    assert [one.pattern for one in report.failed_controls] == ["wrong"]
    assert [one.pattern for one in report.unobserved_controls] == ["right"]


# --- The numbers ----------------------------------------------------------------------------------


def test_findings_of_patterns_and_of_controls_are_counted_apart_by_their_verdicts() -> None:
    counts = judged({("used", "use"): BAD, ("right", "use"): None}).counts
    # Without the right control nothing of the claim is believed.
    assert counts.of_patterns == {
        "supported": 1,
        "refuted": 0,
        "inconclusive": 1,
        "not-tested": 0,
    }
    assert counts.of_controls == {
        "supported": 1,
        "refuted": 2,
        "inconclusive": 0,
        "not-tested": 1,
    }


def test_the_numbers_of_findings_add_up() -> None:
    report = judged()
    counts = report.counts
    assert (counts.patterns, counts.controls, counts.findings) == (2, 4, len(report.findings))


def test_a_finding_that_was_seen_in_a_twin_holds_for_the_releases_of_the_twin() -> None:
    one = replace(finding(judged()), environment="other", observed_in="now")
    assert releases(judged(), one) == {"admin": "2.2.1", "library": "3.1.1", "other": "1"}
    assert releases(judged(), replace(one, observed_in="")) == {}


def test_evidence_of_a_twin_leads_to_the_cell_of_the_twin() -> None:
    one = finding(judged())
    there = replace(one.evidence[0], environment="now")
    elsewhere = replace(one, environment="other")
    assert judged().cell_of(elsewhere, there) == judged().cell(HERE, "used", "use")
    assert judged().cell_of(elsewhere, replace(there, environment="")) is None
