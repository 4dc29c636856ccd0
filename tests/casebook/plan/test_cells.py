"""Cells follow from what is asked."""

from casebook.plan.cells import (
    all_cells,
    cells_in,
    planned_cells,
    swept_cells,
)
from casebook.plan.conf import read_investigation, read_investigations
from tests.casebook.builders import ADDITION, CLAIM, NEEDY, OLDER, TWIN, append
from tests.casebook.plan.builders import CLAIMS
from tests.conftest import CASEBOOK

# --- Cells ----------------------------------------------------------------------------------------


def test_an_environment_plans_its_backends_patterns_and_every_control(tiny):
    cells = planned_cells(tiny.root, read_investigation(tiny.root, "tiny"))

    patterns = dict.fromkeys(cell.pattern for cell in cells if cell.environment == "closure")
    assert list(patterns) == [
        "counter-per-name",
        "kept-apart",
        "mixed-up",
        "raises-when-wired",
        "warns-when-wired",
    ]


def test_a_control_of_the_environments_own_backend_is_planned_once(tiny):
    cells = planned_cells(tiny.root, read_investigation(tiny.root, "tiny"))

    assert len(cells) == len(set(cells)) == 5 * 10


def test_a_control_runs_only_the_experiments_of_the_claims_that_name_it(tiny):
    cells = planned_cells(tiny.root, read_investigation(tiny.root, "tiny"))

    asked = [(cell.pattern, cell.experiment) for cell in cells if cell.environment == "closure"]
    assert [experiment for pattern, experiment in asked if pattern == "mixed-up"] == [
        "in-turn",
        "overlap",
    ]
    assert [experiment for pattern, experiment in asked if pattern == "warns-when-wired"] == [
        "wire"
    ]


def test_a_baseline_runs_the_experiments_of_its_claim(tiny):
    tiny.replace(CLAIMS, 'baseline="kept-apart"', 'baseline="mixed-up"')

    cells = planned_cells(tiny.root, read_investigation(tiny.root, "tiny"))

    assert "wire" in [cell.experiment for cell in cells if cell.pattern == "mixed-up"]


def test_experiments_come_in_the_order_of_the_claims(tiny):
    cells = planned_cells(tiny.root, read_investigation(tiny.root, "tiny"))

    assert [cell.experiment for cell in cells[:3]] == ["wire", "in-turn", "overlap"]


# --- The project's own plan -----------------------------------------------------------------------


def test_the_projects_own_plan_is_sound():
    for investigation in read_investigations(CASEBOOK):
        assert planned_cells(CASEBOOK, investigation)


# --- Checks ---------------------------------------------------------------------------------------


def test_the_experiments_of_checks_are_planned_for_patterns_about_the_same(tiny):
    tiny.replace("experiments/tiny/checks.py", 'about=""', 'about="looking"')
    tiny.replace(
        "conf/tiny.toml",
        'title = "Desk(Counts().next)"\n',
        'title = "Desk(Counts().next)"\nabout = "looking"\n',
    )
    cells = planned_cells(tiny.root, read_investigation(tiny.root, "tiny"))
    assert [one.experiment for one in cells if one.pattern == "counts-by-name"] == ["in-turn"]


# --- Twins ----------------------------------------------------------------------------------------


def test_an_experiment_runs_in_the_twin_that_has_what_it_needs(needy):
    cells = planned_cells(needy.root, read_investigation(needy.root, "tiny"))

    ran_in = {(cell.environment, cell.decides) for cell in cells if cell.experiment == "needy"}
    assert ran_in == {(TWIN, "dictionary")}


def test_the_gates_experiments_run_in_the_twin_again_with_what_they_are_compared_with(needy):
    cells = planned_cells(needy.root, read_investigation(needy.root, "tiny"))

    again = {(cell.environment, cell.pattern, cell.experiment) for cell in cells if cell.again}
    assert again == {
        (TWIN, pattern, "wire") for pattern in ("counts-by-name", "kept-apart", "mixed-up")
    }


# --- Databases ------------------------------------------------------------------------------------


def test_an_experiment_runs_on_its_databases_alone(served):
    cells = planned_cells(served.root, read_investigation(served.root, "tiny"))

    assert {cell.database for cell in cells if cell.experiment == "served"} == {"ledger"}
    assert {cell.database for cell in cells if cell.experiment == "overlap"} == {"sqlite", "ledger"}


# --- What axes generate ---------------------------------------------------------------------------


def test_swept_cells_are_those_of_the_environments_that_axes_generate(swept):
    investigation = read_investigation(swept.root, "tiny")
    generated = {one.id for one in investigation.swept}

    assert {cell.environment for cell in swept_cells(swept.root, investigation)} == generated
    declared = {cell.environment for cell in planned_cells(swept.root, investigation)}
    assert not declared & generated


def test_what_only_a_check_asks_for_is_not_swept(swept):
    swept.replace("conf/tiny.statements.toml", "checks = ", "# checks = ")
    without = read_investigation(swept.root, "tiny")
    before = swept_cells(swept.root, without)
    swept.replace("conf/tiny.statements.toml", "# checks = ", "checks = ")
    asking = '@check(experiments=("asked",), about="")\ndef asks(history: History, of: str)'
    checks = "experiments/tiny/checks.py"
    swept.write(checks, swept.path(checks).read_text() + f"\n\n{asking} -> Verdict:\n    'Asks?'\n")
    swept.write("experiments/tiny/asked.py", "def run(trial):\n    pass\n")
    investigation = read_investigation(swept.root, "tiny")

    assert "asked" in {cell.experiment for cell in planned_cells(swept.root, investigation)}
    assert swept_cells(swept.root, investigation) == before


def test_the_cells_of_one_environment_are_those_of_the_plan_that_run_there(swept):
    swept.write("experiments/tiny/needy.py", NEEDY)
    append(swept, CLAIMS, CLAIM.format(experiment="needy"))
    append(swept, "conf/tiny.toml", ADDITION)
    for id in ("dictionary", OLDER, "dictionary-at-tally-1.1", "dictionary-at-tally-2.0"):
        swept.write(f"conf/requirements/tiny/{id}-with-abacus.txt", "")
    investigation = read_investigation(swept.root, "tiny")
    every = all_cells(swept.root, investigation)

    for environment in investigation.installed:
        own = [cell for cell in every if cell.environment == environment.id]
        assert list(cells_in(swept.root, investigation, environment.id)) == own, environment.id


def test_a_swept_twin_runs_what_needs_it_and_is_compared_with_nothing(swept):
    swept.write("experiments/tiny/needy.py", NEEDY)
    append(swept, CLAIMS, CLAIM.format(experiment="needy"))
    append(swept, "conf/tiny.toml", ADDITION)
    swept.write(f"conf/requirements/tiny/{TWIN}.txt", "")
    for id in (OLDER, "dictionary-at-tally-1.1", "dictionary-at-tally-2.0"):
        swept.write(f"conf/requirements/tiny/{id}-with-abacus.txt", "")
    investigation = read_investigation(swept.root, "tiny")
    cells = cells_in(swept.root, investigation, f"{OLDER}-with-abacus")

    assert {cell.experiment for cell in cells} == {"needy"}
    assert {cell.experiment for cell in cells_in(swept.root, investigation, TWIN)} == {
        "needy",
        "wire",
    }
