"""The investigations that `conf/` declares, read with their locks where nothing is installed."""

import pytest

from casebook.plan.conf import (
    investigation_ids,
    read_investigation,
    read_investigations,
    read_unlocked,
)
from casebook.plan.mistakes import PlanError
from tests.casebook.builders import TWIN, append
from tests.casebook.plan.builders import TOML, error_of


def test_investigations_are_the_toml_files_that_stand_beside_none(tiny):
    tiny.write("conf/tiny.statements.toml", "")
    tiny.write("conf/tiny.faults.toml", "")

    assert investigation_ids(tiny.root) == ("tiny",)


@pytest.mark.parametrize(
    ("name", "problem", "fix"),
    [
        ("tiny.fault.toml", "no file of the kind 'fault'", "did you mean 'faults'?"),
        ("tinny.faults.toml", "there is no investigation 'tinny'", "did you mean 'tiny'?"),
    ],
)
def test_a_file_that_accompanies_no_investigation_is_named(tiny, name, problem, fix):
    tiny.write(f"conf/{name}", "")
    error = error_of(investigation_ids, tiny.root)
    assert error.file == f"conf/{name}"
    assert problem in error.problem
    assert fix in error.fix


def test_reading_the_plan_imports_no_pattern(tiny):
    # nox reads the plan where the libraries under test are not installed.
    tiny.replace("experiments/tiny/backends/closure.py", "from itertools", "import flask\nfrom i")

    assert read_investigation(tiny.root, "tiny").pattern("counter-per-name")


def test_a_server_whose_lock_is_missing_is_refused(served):
    append(served, TOML, 'installs = "conf/requirements/ledger.txt"\n')

    error = error_of(read_investigation, served.root, "tiny")

    assert (error.key, error.fix) == ("database 'ledger'.installs", "create it, or fix the path")
    served.write("conf/requirements/ledger.txt", "")
    assert read_investigation(served.root, "tiny").database("ledger").installs


def test_a_twin_without_a_lock_is_refused(needy):
    needy.path(f"conf/requirements/tiny/{TWIN}.txt").unlink()

    with pytest.raises(PlanError, match=rf"environment '{TWIN}'.lock"):
        read_investigation(needy.root, "tiny")


def test_a_missing_lock_is_fixed_by_nox(tiny):
    tiny.path("conf/requirements/tiny/closure.txt").unlink()

    error = error_of(read_investigation, tiny.root, "tiny")

    assert error.key == "environment 'closure'.lock"
    assert "nox -s lock" in error.fix


def test_locks_may_be_missing_where_they_are_about_to_be_made(tiny):
    tiny.path("conf/requirements/tiny/closure.txt").unlink()

    assert read_unlocked(tiny.root, "tiny").environment("closure")


def test_the_resolvers_reason_stands_in_for_a_lock(tiny):
    environment = read_investigation(tiny.root, "tiny").environment("closure-not-resolvable")

    assert not tiny.path(environment.lock).exists()
    assert tiny.path(environment.unresolved).exists()


def test_two_investigations_may_not_share_an_environments_id(tiny):
    # `nox -s "experiments(closure)"` could mean either.
    tiny.write("conf/twin.toml", tiny.path(TOML).read_text())
    for lock in tiny.path("conf/requirements/tiny").iterdir():
        tiny.write(f"conf/requirements/twin/{lock.name}", lock.read_text())

    error = error_of(read_investigations, tiny.root)

    assert (error.file, error.key) == ("conf/twin.toml", "environment 'dictionary'.id")
