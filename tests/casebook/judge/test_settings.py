"""Settings as they are shown, and in what two of them differ."""

from dataclasses import replace

from casebook.judge.report import Report
from casebook.judge.settings import Difference, ShownSetting, differences, shown_settings
from casebook.plan.investigation import Addition, Database, Setting
from tests.casebook.judge.builders import INVESTIGATION, OBSERVED, a_record, an_environment, judged

TWO = replace(
    INVESTIGATION,
    environments=(
        an_environment(),
        an_environment("beside", install=("admin[extra]", "other"), differs_from="now"),
    ),
)


def shown(report: Report, environment: str = "now", database: str = "sqlite") -> ShownSetting:
    return shown_settings(report)[Setting(environment, database)]


def test_every_environment_is_shown_with_every_database_in_the_order_of_the_plan() -> None:
    report = judged(investigation=replace(TWO, databases=("sqlite", "second")))
    assert list(shown_settings(report)) == [
        ("now", "sqlite"),
        ("now", "second"),
        ("beside", "sqlite"),
        ("beside", "second"),
    ]


def test_a_setting_names_its_database_where_there_are_several() -> None:
    described = (Database("sqlite", "SQLite"), Database("second", "The Second"))
    several = replace(INVESTIGATION, databases=("sqlite", "second"), described=described)
    one = shown(judged(investigation=several), database="second")
    assert one.title == "Admin with the library, now, The Second"
    assert one.anchor == "answer-now.second"


def test_a_setting_does_not_name_the_one_database() -> None:
    one = shown(judged())
    assert (one.title, one.anchor) == ("Admin with the library, now", "answer-now")


def test_the_headline_is_of_the_releases_that_readers_care_about() -> None:
    assert shown(judged()).headline == {"admin": "2.2.1", "library": "3.1.1"}


def test_a_setting_without_a_record_is_not_usable_and_has_no_headline() -> None:
    one = shown(judged(records=[]))
    assert (one.usable, one.unavailable, one.headline) == (False, "", {})


def test_a_setting_that_could_not_be_imported_says_why_and_is_not_usable() -> None:
    one = shown(judged(records=[a_record({}, unavailable="ImportError: no")]))
    assert (one.usable, one.unavailable) == (False, "ImportError: no")


def test_a_setting_that_was_imported_is_usable() -> None:
    assert shown(judged()).usable


def test_a_setting_that_was_not_rerun_says_why() -> None:
    report = judged(not_rerun={Setting("now", "sqlite"): "no network"})
    assert shown(report).not_rerun == "no network"


def test_a_setting_names_the_twins_in_which_its_experiments_ran_and_whether_they_are_there() -> (
    None
):
    addition = Addition("abacus", "an abacus", ("abacus",), ("now",))
    report = replace(
        judged(investigation=replace(INVESTIGATION, additions=(addition,))),
        ran_in={("now", "sqlite", "use"): "now-with-abacus"},
    )
    assert [(twin.id, there) for twin, there in shown(report).twins] == [("now-with-abacus", False)]


# --- In what two differ ---------------------------------------------------------------------------


def test_two_settings_differ_in_what_was_installed_in_them() -> None:
    releases = {"admin": "2.2.1", "other": "2", "new": "1"}
    report = judged(
        investigation=TWO,
        records=[a_record(OBSERVED), a_record(OBSERVED, "beside", releases=releases)],
    )
    assert differences(shown(report), shown(report, "beside")) == (
        Difference("library", "3.1.1", None),
        Difference("new", None, "1"),
        Difference("other", "1", "2"),
    )


def test_without_a_record_two_settings_differ_in_what_they_ask_for() -> None:
    report = judged(investigation=TWO)
    assert differences(shown(report), shown(report, "beside")) == (
        Difference("library", "", None),
        Difference("other", None, ""),
    )
