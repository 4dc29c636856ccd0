"""The run of a setting: what its record says it was observed on."""

import pytest

from casebook.observe.setting import SettingRun, releases
from casebook.plan.mistakes import PlanError


def test_requirements_that_contradict_each_other_are_recorded_with_the_resolvers_reason(tiny):
    assert tiny.run("closure-not-resolvable").returncode == 0

    record = tiny.record("closure-not-resolvable")
    assert record["unavailable"].startswith(
        "cannot be resolved: Because you require closure==1 and closure==2"
    )
    assert record["releases"] == {}


def test_a_database_that_is_not_declared_ends_with_2(tiny):
    assert tiny.run("dictionary", "--database", "postgresql").returncode == 2


def test_the_record_says_what_it_was_observed_on(observed):
    project, _ = observed

    record = project.record()
    assert record["python"].count(".") == 1
    assert "pytest" in record["releases"]
    assert not {"pip", "setuptools", "wheel", "uv"} & record["releases"].keys()
    assert "experiments/tiny/in_turn.py" in record["digests"]
    assert "experiments/tiny/claims.py" not in record["digests"]
    assert "experiments/tiny/backends/closure.py" not in record["digests"]


# --- The setting by itself ------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("environment", "database", "error"),
    [
        ("dictionary", "oracle", "databases: unknown database 'oracle'; known: 'sqlite'"),
        ("dictionray", "sqlite", "did you mean 'dictionary'"),
    ],
)
def test_a_setting_that_nobody_declared_is_refused(tiny, environment, database, error):
    with pytest.raises(PlanError, match=error):
        SettingRun.of(tiny.root, "tiny", environment, database)


def test_the_files_of_a_setting_are_named_for_it(tiny):
    setting = SettingRun.of(tiny.root, "tiny", "closure", "sqlite")
    assert setting.record_file == tiny.record_file("closure")
    assert setting.facts == tiny.facts_file("closure")
    assert setting.log(2) == tiny.path("build/runs/tiny/closure.sqlite.run-2.log")


def test_a_setting_runs_its_own_cells_or_those_of_them_that_are_named(tiny):
    every = SettingRun.of(tiny.root, "tiny", "dictionary", "sqlite").cells()
    assert {(one.environment, one.database) for one in every} == {("dictionary", "sqlite")}
    assert len(every) == 10
    only = frozenset({("mixed-up", "overlap"), ("mixed-up", "not planned")})
    some = SettingRun.of(tiny.root, "tiny", "dictionary", "sqlite", only).cells()
    assert [(one.pattern, one.experiment) for one in some] == [("mixed-up", "overlap")]


def test_a_lock_is_believed_and_not_the_reason_of_before(tiny):
    tiny.write("conf/requirements/tiny/closure.unresolved", "no")
    assert SettingRun.of(tiny.root, "tiny", "closure", "sqlite").unresolved() is None


def test_releases_are_sorted_and_without_what_installs_them():
    found = releases()
    assert list(found) == sorted(found)
    assert "pytest" in found
    assert not {"pip", "setuptools", "wheel", "uv"} & found.keys()
