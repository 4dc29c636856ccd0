"""The answer: which environment is today's, and what to write there."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest

from casebook.judge.answers import Answers, standing, todays
from casebook.judge.report import Report
from casebook.judge.settings import Difference
from casebook.plan.investigation import Environment, Experiment, Setting
from tests.casebook.judge.builders import (
    BAD,
    CLAIMS,
    GOOD,
    INVESTIGATION,
    NOTHING,
    OBSERVED,
    a_claim,
    a_pattern,
    a_record,
    an_environment,
    judged,
)

OLD = {"admin": "1.9", "library": "3.1.1"}
NEW = {"admin": "1.10", "library": "3.1.1"}


def reported(
    *environments: Environment, recorded: dict[str, dict[str, str]] | None = None, **changes: Any
) -> Report:
    """Return the report of environments in this order of rows, some recorded with releases."""
    investigation = replace(INVESTIGATION, environments=environments, **changes)
    records = [a_record(OBSERVED, id, releases=has) for id, has in (recorded or {}).items()]
    return judged(investigation=investigation, records=records)


def order(report: Report) -> list[str]:
    return [one.id for one in todays(report, report.investigation.environments)]


# --- Which environment is today's -----------------------------------------------------------------


@pytest.mark.parametrize("rows", [("old", "new"), ("new", "old")])
def test_todays_environment_is_that_of_the_newest_recorded_releases(rows: Sequence[str]) -> None:
    # 1.10 is newer than 1.9, and comes first where texts are sorted.
    report = reported(*map(an_environment, rows), recorded={"old": OLD, "new": NEW})
    assert order(report) == ["new", "old"]


def test_the_first_main_package_in_which_two_differ_decides() -> None:
    releases = {
        "one": {"admin": "2.0", "library": "3.9"},
        "two": {"admin": "2.1", "library": "3.0"},
    }
    rows = an_environment("one"), an_environment("two")
    assert order(reported(*rows, recorded=releases)) == ["two", "one"]
    by_library = reported(*rows, recorded=releases, packages=("library", "admin"))
    assert order(by_library) == ["one", "two"]


def test_without_a_record_the_lock_says_what_is_installed() -> None:
    pins = (("admin", "2.0"),)
    report = reported(
        an_environment("old"), an_environment("new", pins=pins), recorded={"old": OLD}
    )
    assert order(report) == ["new", "old"]


def test_a_record_is_believed_and_not_the_lock() -> None:
    rows = an_environment("old", pins=(("admin", "9.0"),)), an_environment("new")
    assert order(reported(*rows, recorded={"old": OLD, "new": NEW})) == ["new", "old"]


def test_what_stands_beside_an_environment_follows_it_whatever_its_releases() -> None:
    beside = an_environment("beside", differs_from="old")
    report = reported(
        an_environment("old"),
        beside,
        an_environment("new"),
        recorded={"old": OLD, "new": NEW, "beside": {"admin": "9"}},
    )
    assert order(report) == ["new", "old", "beside"]


def test_what_stands_beside_what_stands_beside_is_not_lost() -> None:
    report = reported(
        an_environment("third", differs_from="second"),
        an_environment("second", differs_from="first"),
        an_environment("first"),
        an_environment("new"),
        recorded={"first": OLD, "new": NEW},
    )
    assert order(report) == ["new", "first", "second", "third"]
    (answer,) = Answers(report).backends
    assert len(answer.settings) == 4
    assert len(Answers(report).findings("good", "used")) == 4


def test_the_newest_comes_first_whatever_cannot_be_compared_stands_between() -> None:
    rows = an_environment("old"), an_environment("unknown"), an_environment("new")
    report = reported(*rows, recorded={"old": OLD, "new": NEW})
    found = order(report)
    assert found.index("new") < found.index("old")
    assert [one.environment for one in Answers(report).findings("good", "used")] == found


@pytest.mark.parametrize("releases", [OLD, {}])
def test_environments_that_differ_in_no_release_stay_in_their_order(releases: Any) -> None:
    rows = an_environment("first"), an_environment("second")
    assert order(reported(*rows, recorded={"first": OLD, "second": releases})) == [
        "first",
        "second",
    ]


def test_a_release_that_is_no_version_is_the_oldest() -> None:
    rows = an_environment("odd"), an_environment("new")
    report = reported(*rows, recorded={"odd": {"admin": "of today"}, "new": OLD})
    assert order(report) == ["new", "odd"]


def test_the_answer_holds_for_todays_environment_whatever_the_order_of_rows() -> None:
    rows = an_environment("old"), an_environment("new")
    (answer,) = Answers(reported(*rows, recorded={"old": OLD, "new": NEW})).backends
    assert answer.holds_for.environment.id == "new"
    assert [one.setting.environment.id for one in answer.settings] == ["new", "old"]


def test_findings_of_todays_environment_come_first() -> None:
    rows = an_environment("old"), an_environment("new")
    answers = Answers(reported(*rows, recorded={"old": OLD, "new": NEW}))
    assert [one.environment for one in answers.findings("good", "used")] == ["new", "old"]


# --- What to write --------------------------------------------------------------------------------


def choice(used: Any) -> Any:
    report = judged({("used", "use"): used})
    return Answers(report).choice(INVESTIGATION.pattern("used"), Setting("now", "sqlite"))


@pytest.mark.parametrize(
    ("used", "grade", "against"),
    [
        (GOOD, "recommended", []),
        (BAD, "avoid", ["good.used.now.sqlite"]),
        (NOTHING, "unknown", ["good.used.now.sqlite"]),
    ],
)
def test_a_choice_is_a_grade_with_the_findings_against_it(
    used: Any, grade: str, against: list[str]
) -> None:
    one = choice(used)
    assert (one.grade, [finding.id for finding in one.against]) == (grade, against)


@pytest.mark.parametrize(
    ("cells", "words"),
    [
        ({("used", "new"): BAD}, "works, but out of date"),
        ({("used", "new"): BAD, ("used", "use"): BAD}, "avoid"),
        ({}, "recommended"),
    ],
)
def test_a_caveat_is_told_of_what_works_alone(cells: Any, words: str) -> None:
    fresh = a_claim("fresh", experiments=("new",), required=False, otherwise="out of date")
    claims = [*CLAIMS, fresh]
    observed = {("used", "new"): GOOD, ("right", "new"): GOOD, ("wrong", "new"): BAD}
    (answer,) = Answers(judged({**observed, **cells}, claims=claims)).backends
    assert [one.words for one in answer.settings[0].choices] == [words]


def with_concerns(**bad: Sequence[str]) -> Report:
    """Return the report of three patterns; `bad` names those that are bad in an experiment.

    The claims `leaks` and `breaks` do not weigh.
    """
    stale = a_claim("stale", experiments=("new",), required=False, otherwise="out of date")
    aside = [
        a_claim(id, experiments=(id,), required=False, weighs=False, otherwise=f"{id} under load")
        for id in ("leaks", "breaks")
    ]
    patterns = ("used", "first", "second")
    at = ("wire", "use", "new", "leaks", "breaks")
    observed = {(id, one): GOOD for id in (*patterns, "right") for one in at}
    observed |= {("wrong", one): BAD for one in at}
    observed |= {(id, one): BAD for one, ids in bad.items() for id in ids}
    return judged(
        observed,
        claims=[*CLAIMS, stale, *aside],
        investigation=replace(
            INVESTIGATION,
            patterns=(*map(a_pattern, patterns), *INVESTIGATION.patterns[1:]),
        ),
    )


@pytest.mark.parametrize(
    ("cells", "words", "beside"),
    [
        ({}, "recommended", []),
        ({"leaks": ["used"]}, "recommended; leaks under load", ["leaks"]),
        (
            {"leaks": ["used"], "breaks": ["used"]},
            "recommended; leaks under load, breaks under load",
            ["leaks", "breaks"],
        ),
        (
            {"new": ["used"], "leaks": ["used"]},
            "works, but out of date; leaks under load",
            ["stale", "leaks"],
        ),
        ({"use": ["used"], "leaks": ["used"]}, "avoid", []),
    ],
)
def test_what_does_not_weigh_is_told_beside_each_grade_that_works(
    cells: Any, words: str, beside: list[str]
) -> None:
    (answer,) = Answers(with_concerns(**cells)).backends
    (one,) = (choice for choice in answer.settings[0].choices if choice.pattern.id == "used")
    assert (one.words, [finding.claim for finding in one.beside]) == (words, beside)


def test_what_is_judged_on_one_database_alone_is_told_on_the_others_too() -> None:
    leaks = a_claim("leaks", experiments=("load",), required=False, weighs=False, otherwise="leaks")
    loaded = {("used", "load"): BAD, ("right", "load"): GOOD, ("wrong", "load"): BAD}
    records = [
        a_record({**OBSERVED, **loaded}),
        a_record(OBSERVED, database="other"),
    ]
    report = judged(
        claims=[*CLAIMS, leaks],
        investigation=replace(INVESTIGATION, databases=("sqlite", "other")),
        records=records,
        experiments={"load": Experiment("load", databases=("sqlite",))},
    )
    there = Answers(report).choice(INVESTIGATION.pattern("used"), Setting("now", "other"))
    assert there
    assert there.words == "recommended; leaks"
    (answer,) = Answers(report).backends
    assert answer.same_on == ("other",)


def test_what_is_qualified_least_is_said_first_and_nothing_is_said_of_another() -> None:
    (answer,) = Answers(with_concerns(leaks=["used"], new=["second"])).backends
    here = answer.settings[0]
    assert [one.pattern.id for one in here.working] == ["first", "used", "second"]
    assert [one.pattern.id for one in here.best] == ["first"]


def test_a_worse_grade_stands_worse_however_little_qualifies_it() -> None:
    (answer,) = Answers(with_concerns(leaks=["first"], use=["second"])).backends
    ordered = sorted(answer.settings[0].choices, key=standing)
    assert [one.pattern.id for one in ordered] == ["second", "first", "used"]


def test_a_control_is_no_choice() -> None:
    (answer,) = Answers(judged()).backends
    assert [one.pattern.id for one in answer.settings[0].choices] == ["used"]


def test_nothing_that_is_to_be_avoided_is_the_best() -> None:
    (answer,) = Answers(judged({("used", "use"): BAD})).backends
    assert answer.settings[0].best == ()


def test_a_pattern_that_is_about_something_else_is_no_choice() -> None:
    aside = replace(a_pattern("aside"), about="looking")
    patterns = (*INVESTIGATION.patterns, aside)
    report = judged(
        investigation=replace(INVESTIGATION, patterns=patterns),
        claims=[*CLAIMS, a_claim("looks", about="looking", supported_by=(), refuted_by={})],
    )
    assert report.grade("aside", Setting("now", "sqlite"))
    (answer,) = Answers(report).backends
    assert [one.pattern.id for one in answer.settings[0].choices] == ["used"]


@pytest.mark.parametrize(("unavailable", "mended"), [("ImportError: no", True), (None, False)])
def test_what_stands_beside_an_environment_mends_what_cannot_be_imported(
    unavailable: str | None, mended: bool
) -> None:
    environments = an_environment(), an_environment("with", differs_from="now")
    now = a_record({} if unavailable else OBSERVED, unavailable=unavailable)
    report = judged(
        investigation=replace(INVESTIGATION, environments=environments),
        records=[now, a_record(OBSERVED, "with")],
    )
    (answer,) = Answers(report).backends
    assert [one.mended for one in answer.primary] == [False, mended]
    assert answer.holds_for.environment.id == ("with" if mended else "now")


def fresh_and_late() -> list[Any]:
    fresh = a_claim("fresh", experiments=("new",), required=False, otherwise="out of date")
    late = a_claim("late", experiments=("later",), required=False, otherwise="late")
    return [*CLAIMS, fresh, late]


def test_what_is_refuted_stands_against_a_pattern_before_what_is_open() -> None:
    observed = {("used", "new"): BAD, ("right", "new"): GOOD, ("wrong", "new"): BAD}
    (answer,) = Answers(judged(observed, claims=fresh_and_late())).backends
    (one,) = answer.settings[0].choices
    assert [finding.claim for finding in one.open] == ["late"]
    assert [finding.claim for finding in one.against] == ["fresh"]


def test_what_works_begins_with_what_is_recommended_whatever_the_order_of_the_patterns() -> None:
    fresh = a_claim("fresh", experiments=("new",), required=False, otherwise="out of date")
    cells = {(id, at): GOOD for id in ("used", "first", "right") for at in ("wire", "use", "new")}
    report = judged(
        {**cells, ("first", "new"): BAD, ("wrong", "new"): BAD},
        claims=[*CLAIMS, fresh],
        investigation=replace(
            INVESTIGATION, patterns=(a_pattern("first"), *INVESTIGATION.patterns)
        ),
    )
    (answer,) = Answers(report).backends
    assert [one.pattern.id for one in answer.settings[0].working] == ["used", "first"]


def test_what_cannot_be_imported_mends_nothing() -> None:
    environments = an_environment(), an_environment("with", differs_from="now")
    records = [a_record({}, one.id, unavailable="ImportError: no") for one in environments]
    investigation = replace(INVESTIGATION, environments=environments)
    (answer,) = Answers(judged(investigation=investigation, records=records)).backends
    assert [one.mended for one in answer.primary] == [False, False]


@pytest.mark.parametrize(("used", "others"), [(GOOD, []), (BAD, ["old"])])
def test_other_settings_are_those_that_answer_otherwise(used: Any, others: list[str]) -> None:
    report = judged(
        investigation=replace(
            INVESTIGATION, environments=(an_environment("new"), an_environment("old"))
        ),
        records=[
            a_record(OBSERVED, "new", releases=NEW),
            a_record({**OBSERVED, ("used", "use"): used}, "old", releases=OLD),
        ],
    )
    (answer,) = Answers(report).backends
    assert [one.setting.environment.id for one in answer.others] == others


@pytest.mark.parametrize(("used", "same"), [(GOOD, ("other",)), (BAD, ())])
def test_a_database_is_the_same_only_where_every_environment_says_so(
    used: Any, same: tuple[str, ...]
) -> None:
    investigation = replace(
        INVESTIGATION,
        environments=(an_environment("new"), an_environment("old")),
        databases=("sqlite", "other"),
    )
    records = [
        a_record({**OBSERVED, ("used", "use"): seen}, id, database=database)
        for id, database, seen in (
            ("new", "sqlite", GOOD),
            ("new", "other", GOOD),
            ("old", "sqlite", GOOD),
            ("old", "other", used),
        )
    ]
    (answer,) = Answers(judged(investigation=investigation, records=records)).backends
    assert answer.same_on == same


def test_what_stands_beside_an_environment_is_told_with_what_it_adds() -> None:
    environments = an_environment(), an_environment("with", differs_from="now")
    report = reported(*environments, recorded={"now": NEW, "with": {**NEW, "extra": "2"}})
    (answer,) = Answers(report).backends
    first, second = answer.primary
    ((other, added),) = first.beside
    assert other == second.setting
    assert added == second.differences == (Difference("extra", None, "2"),)


def test_another_caveat_on_another_database_is_another_answer() -> None:
    late, lossy = (
        a_claim(id, experiments=(at,), required=False, otherwise=id)
        for id, at in (("late", "new"), ("lossy", "later"))
    )
    observed = {
        (id, at): GOOD if id in ("used", "right") else BAD
        for id in ("used", "right", "wrong")
        for at in ("wire", "use", "new", "later")
    }
    records = [
        a_record({**OBSERVED, **observed, ("used", at): BAD}, database=database)
        for database, at in (("sqlite", "new"), ("other", "later"))
    ]
    investigation = replace(INVESTIGATION, databases=("sqlite", "other"))
    report = judged(claims=[*CLAIMS, late, lossy], investigation=investigation, records=records)
    (answer,) = Answers(report).backends
    (here,) = answer.settings
    assert [choice.words for choice in here.choices] == ["works, but late"]
    (there,) = here.otherwise
    assert [choice.words for choice in there.choices] == ["works, but lossy"]
    assert answer.same_on == ()
