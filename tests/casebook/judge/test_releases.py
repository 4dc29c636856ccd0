"""What was found over the releases of a package, and where it turned."""

from collections.abc import Sequence
from dataclasses import replace

import pytest

from casebook.claim import Claim
from casebook.judge.judge import judge
from casebook.judge.releases import Releases
from casebook.judge.results import Results
from casebook.plan.axes import PYTHON, Axis
from casebook.plan.investigation import Addition, Experiment, PlannedCell, Setting
from casebook.record import History
from tests.casebook.judge.builders import (
    BAD,
    CLAIMS,
    GOOD,
    HISTORIES,
    NOTHING,
    RAISED,
    a_claim,
    judged,
)
from tests.casebook.judge.over_releases import OLDER, at, bisected, over, releases, with_axis

WAS_BAD = {("used", "use"): BAD}


def turns(found: Releases) -> list[tuple[str, str, str, str]]:
    return [
        (turn.track.claim, turn.then.release, turn.now.release, turn.after.verdict)
        for turn in found.turns
    ]


# --- Turns ----------------------------------------------------------------------------------------


def test_a_turn_is_told_at_the_release_that_brought_it():
    found = releases(at("1.0", WAS_BAD), at("2.0", WAS_BAD), at("2.1"))
    assert turns(found) == [("good", "2.0", "2.1", "supported")]
    (turn,) = found.turns
    assert (turn.before.verdict, turn.before.environment) == ("refuted", "now-at-admin-2.0")
    assert (turn.after.verdict, turn.after.environment) == ("supported", "now-at-admin-2.1")
    assert turn.skipped == ()


def test_what_turns_twice_is_told_twice():
    found = releases(at("1.0"), at("2.0", WAS_BAD), at("2.1"))
    assert turns(found) == [("good", "1.0", "2.0", "refuted"), ("good", "2.0", "2.1", "supported")]


def test_nothing_turns_where_all_releases_say_the_same():
    found = releases(at("1.0"), at("2.0"), at("2.1"))
    assert found.turns == ()
    assert [len(track.decided) for track in found.tracks] == [4, 4]


def test_a_release_without_a_verdict_between_is_named_as_where_it_may_have_turned():
    found = releases(at("1.0", WAS_BAD), at("2.0", {("used", "use"): NOTHING}))
    (turn,) = found.turns
    assert (turn.then.release, turn.now.release) == ("1.0", "2.2.1")
    assert turn.skipped == ("2.0", "2.1")


def test_it_is_said_where_the_histories_part():
    found = releases(at("2.1", WAS_BAD))
    parted = found.parted(found.turns[0])
    assert parted
    assert parted.experiment == "use"
    assert (HISTORIES[parted.before], HISTORIES[parted.after]) == (BAD, GOOD)
    assert "before, bad, S1; after, good, S1" in parted.words


def test_nothing_parts_where_a_control_turned():
    found = releases(at("2.1", {("right", "use"): BAD}))
    assert found.turns == ()
    track = next(one for one in found.tracks if one.claim == "good")
    ((stop, one),) = track.open
    assert stop.release == "2.1"
    assert one.reason.startswith("control 'right' came out refuted")


def test_what_moved_along_is_named_and_the_package_itself_is_not():
    record = at("2.1", WAS_BAD)
    moved = {**record.releases, "library": "3.0", "older": "1"}
    found = releases(replace(record, releases=moved))
    differences = found.turns[0].moved
    assert [(one.package, one.before, one.after) for one in differences] == [
        ("library", "3.0", "3.1.1"),
        ("older", "1", None),
    ]


def test_a_pattern_that_cannot_be_wired_turns_only_the_gate():
    found = releases(at("2.1", {("used", "wire"): RAISED, ("used", "use"): None}))
    assert turns(found) == [("wires", "2.1", "2.2.1", "supported")]


def test_a_further_database_tells_only_what_the_first_does_not():
    both = ("sqlite", "second")
    same = at("2.1", WAS_BAD), at("2.1", WAS_BAD, database="second")
    found = Releases(over(*same, databases=both))
    assert [track.database for track in found.tracks] == ["sqlite", "sqlite"]
    assert len(found.turns) == 1
    apart = at("2.1", WAS_BAD), at("2.1", database="second")
    found = Releases(over(*apart, databases=both))
    assert [(one.claim, one.database) for one in found.tracks] == [
        ("wires", "sqlite"),
        ("good", "sqlite"),
        ("good", "second"),
    ]
    assert len(found.turns) == 1


# --- Stops ----------------------------------------------------------------------------------------


def test_a_release_that_was_not_observed_says_so_and_is_no_gap():
    found = releases(at("1.0"))
    (course,) = found.courses
    assert [stop.release for stop in course.stops] == [*OLDER, "2.2.1"]
    assert [bool(stop.missing) for stop in course.stops] == [False, True, True, False]
    assert "nox -s sweep" in course.stops[1].missing
    assert course.tried == "1.0 and 2.2.1"


def test_a_release_that_cannot_be_used_is_a_stop_with_its_reason():
    record = at("1.0", unavailable="cannot be resolved: no such release")
    found = releases(record)
    stop = found.courses[0].stops[0]
    assert (stop.cannot, stop.unavailable) == ("cannot be resolved", "no such release")
    assert not stop.missing
    assert ("wires", "1.0", "2.2.1", "supported") in turns(found)


def test_a_python_that_nothing_was_observed_with_is_said_to_be_needed():
    report = over(axes=(Axis(PYTHON, "now", ("3.11", "3.13")),))
    first, second = Releases(report).courses[0].stops
    assert not first.missing
    assert second.missing.endswith("where Python 3.13 is installed")


def test_without_an_axis_there_is_nothing_to_say():
    report = judged()
    found = Releases(report)
    assert (found.courses, found.tracks, found.turns) == ((), (), ())


# --- Apart ----------------------------------------------------------------------------------------


def test_findings_of_a_swept_environment_that_are_as_in_the_start_are_not_apart():
    found = releases(at("1.0", WAS_BAD), at("2.0"))
    apart = {id: [one.id for one in own] for id, own in found.apart.items()}
    name = "now-at-admin-1.0.sqlite"
    assert apart["now-at-admin-2.0"] == []
    assert apart["now-at-admin-1.0"] == [f"good.used.{name}"]
    assert "now-at-admin-2.1" not in apart


def test_findings_with_the_same_verdict_for_another_reason_are_apart():
    other = {("used", "wire"): History("raised", "ValueError: another", ()), ("used", "use"): None}
    same = {("used", "wire"): RAISED, ("used", "use"): None}
    found = releases(at("1.0", other), at("2.0", same), now=same)
    apart = {id: [one.claim for one in own] for id, own in found.apart.items()}
    assert apart == {"now-at-admin-1.0": ["wires", "good"], "now-at-admin-2.0": []}


# --- Releases between those of the axis -----------------------------------------------------------

BECAME_GOOD = at("1.0", WAS_BAD), at("2.0", WAS_BAD), at("2.1")


@pytest.mark.parametrize("listed", [(), ("1.0", "2.0", "2.0.5", "2.1", "2.2.1"), ("1.0", "2.0")])
def test_a_turn_with_releases_between_is_at_none_of_them(listed):
    found = releases(*BECAME_GOOD, listed=listed)
    (turn,) = found.turns
    assert (turn.exact, turn.when) == (False, "between 2.0 and 2.1")


def test_a_bisection_names_the_release_between_as_the_one_that_brought_it():
    found = releases(*BECAME_GOOD, listed=(), bisections=(bisected("2.0.4", "2.0.5"),))
    (turn,) = found.turns
    assert (turn.exact, turn.when) == (True, "2.0.5")


def test_a_bisection_that_stepped_over_a_release_names_the_first_as_the_latest():
    made = bisected("2.0.4", "2.0.6", skipped=("2.0.5",))
    found = releases(*BECAME_GOOD, listed=(), bisections=(made,))
    (turn,) = found.turns
    assert (turn.exact, turn.when) == (False, "between 2.0.4 and 2.0.6")


@pytest.mark.parametrize(
    "change",
    [
        {"claim": "wires"},
        {"pattern": "kept"},
        {"package": "library"},
        {"environment": "x"},
        {"database": "second"},
        {"python": "3.9"},
    ],
)
def test_a_bisection_of_something_else_says_nothing(change):
    made = replace(bisected("2.0.4", "2.0.5"), **change)
    found = releases(*BECAME_GOOD, listed=(), bisections=(made,))
    assert [turn.when for turn in found.turns] == ["between 2.0 and 2.1"]


def test_a_bisection_that_other_scripts_made_says_nothing():
    made = (bisected("2.0.4", "2.0.5"),)
    report = replace(over(*BECAME_GOOD, listed=(), bisections=made), outdated=made)
    assert [turn.when for turn in Releases(report).turns] == ["between 2.0 and 2.1"]


def test_of_python_every_minor_release_counts():
    report = over(axes=(Axis(PYTHON, "now", ("3.11", "3.12", "3.14")),), listed=())
    (course,) = Releases(report).courses
    assert course.follows("3.11", "3.12")
    assert not course.follows("3.12", "3.14")


def test_a_release_of_which_nothing_is_known_is_none_of_those_that_say_the_same():
    nothing = {("used", one): None for one in ("wire", "use")}
    found = releases(at("1.0", nothing), at("2.0"), at("2.1"))
    (course,) = found.courses
    assert [stop.release for stop in found.answered(course)] == ["2.0", "2.1", "2.2.1"]
    assert (found.same(course), found.not_known(course)) == ("2.0 to 2.2.1", "1.0")


# --- Twins that do not follow ---------------------------------------------------------------------


def needing_an_addition(follow: tuple[str, ...], claims: Sequence[Claim] = CLAIMS) -> Releases:
    """Return releases of which `use` needs an addition, whose twins follow to some axes alone."""
    axis = Axis("admin", "now", ("2.1", "2.2.1"), additions=follow)
    added = Addition("extra", "an extra", ("extra",), ("now",))
    investigation = with_axis(axis, additions=(added,))
    experiments = {"use": Experiment("use", ("extra",))}
    reports = []
    for environments in (investigation.environments, investigation.swept):
        asked = replace(investigation, environments=environments, swept=())
        planned = [
            PlannedCell(home, "sqlite", pattern.id, experiment, environment.id)
            for environment in environments
            for pattern in investigation.patterns
            for experiment, needs in (("wire", ()), ("use", ("extra",)))
            if (home := investigation.home(environment, "sqlite", needs))
        ]
        results = Results({}, HISTORIES, ())
        reports.append(judge(asked, claims, planned, results, experiments=experiments))
    declared, swept = reports
    return Releases(replace(declared, investigation=investigation, swept=swept))


def test_claims_whose_experiments_did_not_run_all_along_are_not_compared():
    found = needing_an_addition(follow=())
    (course,) = found.courses
    assert found.tried(course, "good", "sqlite") == {"2.2.1"}
    assert found.tried(course, "wires", "sqlite") == {"2.1", "2.2.1"}
    assert [claim.id for claim in found.not_tried(course, course.stops[0])] == ["good"]


def test_claims_whose_twins_follow_are():
    found = needing_an_addition(follow=("extra",))
    (course,) = found.courses
    assert found.tried(course, "good", "sqlite") == {"2.1", "2.2.1"}
    assert found.not_tried(course, course.stops[0]) == ()


def test_a_claim_is_tried_where_all_of_its_experiments_are():
    found = needing_an_addition((), (CLAIMS[0], a_claim(experiments=("wire", "use"))))
    (course,) = found.courses
    assert found.tried(course, "good", "sqlite") == {"2.2.1"}


def test_what_was_not_tried_on_a_release_is_not_apart_there():
    report = needing_an_addition(()).report
    swept, older = report.swept, Setting("now-at-admin-2.1", "sqlite")
    assert swept
    findings = tuple(
        replace(one, verdict="supported") if one.claim == "good" else one for one in report.findings
    )
    ran = replace(swept, records={older: at("2.1")})
    assert Releases(replace(report, findings=findings, swept=ran)).apart == {older.environment: ()}
