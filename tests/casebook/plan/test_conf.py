"""An investigation as `conf/` declares it, read where nothing is installed."""

import pytest

from casebook.plan.conf import (
    CHAPTERS,
    investigation_ids,
    read_investigation,
    read_investigations,
    read_unlocked,
)
from casebook.plan.investigation import PlanError
from tests.casebook.builders import AXIS, TWIN, append
from tests.casebook.plan.builders import TOML, error_of

SITUATION = """
[[situation]]
id = "often"
title = "I count often"
environments = ["dictionary"]
"""


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


def test_what_is_declared_is_read(tiny):
    investigation = read_investigation(tiny.root, "tiny")

    assert investigation.question.startswith("Does a counter keep")
    assert [one.id for one in investigation.backends] == ["dictionary", "closure", "module-global"]
    assert investigation.time_limit == 10
    assert investigation.diagram is not None
    assert investigation.diagram.bars[0].touches == ("counted",)


def test_a_lock_stands_under_the_investigation_and_the_environment(tiny):
    environment = read_investigation(tiny.root, "tiny").environment("closure")

    assert environment.lock == "conf/requirements/tiny/closure.txt"


def test_a_function_is_the_patterns_id_with_underscores_unless_it_is_written(tiny):
    investigation = read_investigation(tiny.root, "tiny")

    assert investigation.pattern("counts-by-name").function == "counts_by_name"
    assert investigation.pattern("kept-apart").function == "by_hand"


def test_what_must_import_is_named_as_python_names_it(tiny):
    tiny.replace(TOML, 'imports = ["json", "no_such_library"]', 'imports = ["json; exit()"]')

    with pytest.raises(PlanError, match=r"imports: .*dotted module names"):
        read_investigation(tiny.root, "tiny")


def test_a_diagram_may_be_left_out(tiny):
    text = tiny.path(TOML).read_text()
    tiny.write(TOML, text[: text.index("[diagram]")])

    assert read_investigation(tiny.root, "tiny").diagram is None


def test_what_is_declared_has_a_page_where_no_chapters_are_named(tiny):
    always = ("comparison", "claims", "method")
    tiny.path("conf/tiny.statements.toml").unlink()
    assert read_investigation(tiny.root, "tiny").chapters == always

    append(tiny, "conf/tiny.toml", AXIS)
    assert read_unlocked(tiny.root, "tiny").chapters == ("comparison", "releases", *always[1:])

    for name in ("statements", "symptoms", "references"):
        tiny.write(f"conf/tiny.{name}.toml", "")
    append(tiny, "conf/tiny.toml", SITUATION)
    assert read_unlocked(tiny.root, "tiny").chapters == CHAPTERS

    tiny.replace("conf/tiny.toml", "time_limit = 10", 'time_limit = 10\nchapters = ["claims"]')
    assert read_unlocked(tiny.root, "tiny").chapters == ("claims",)


def test_packages_are_read_by_their_normalised_names(tiny):
    tiny.replace(TOML, "time_limit = 10", 'time_limit = 10\npackages = ["Flask_Admin", "flask"]')

    assert read_investigation(tiny.root, "tiny").packages == ("flask-admin", "flask")


def test_a_lane_is_called_by_its_letter_unless_it_has_a_title(tiny):
    untitled = read_investigation(tiny.root, "tiny").diagram
    tiny.replace(TOML, 'lane = "D"', 'lane = "D"\nlane_title = "desk"')
    titled = read_investigation(tiny.root, "tiny").diagram

    assert untitled is not None
    assert titled is not None
    assert (untitled.lane_title, titled.lane_title) == ("D", "desk")


def test_reading_the_plan_imports_no_pattern(tiny):
    # nox reads the plan where the libraries under test are not installed.
    tiny.replace("experiments/tiny/backends/closure.py", "from itertools", "import flask\nfrom i")

    assert read_investigation(tiny.root, "tiny").pattern("counter-per-name")


def test_an_addition_that_names_no_environment_goes_to_each_declared_one(needy):
    needy.replace(TOML, 'to = ["dictionary"]\n', "")

    investigation = read_unlocked(needy.root, "tiny")

    (abacus,) = investigation.additions
    assert abacus.to == tuple(one.id for one in investigation.environments)
    assert "closure-with-abacus" in [one.id for one in investigation.twins]


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
