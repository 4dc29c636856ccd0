"""The files that could change a cell's history: its inputs, and their digests."""

import time
from dataclasses import replace

import pytest

from casebook.plan.cells import (
    cell_inputs,
    file_digests,
    planned_cells,
)
from casebook.plan.conf import read_investigation
from casebook.plan.investigation import PlannedCell
from casebook.plan.mistakes import PlanError
from tests.casebook.builders import append


def inputs_of(project, pattern="counts-by-name", environment="dictionary", experiment="in-turn"):
    investigation = read_investigation(project.root, "tiny")
    cell = PlannedCell(environment, "sqlite", pattern, experiment)
    return cell_inputs(project.root, investigation, [cell])[cell]


def test_inputs_are_what_could_change_the_history_and_no_more(tiny):
    assert inputs_of(tiny) == (
        "casebook/observe/cell.py",
        "casebook/observe/orders.py",
        "casebook/record.py",
        "conf/requirements/tiny/dictionary.txt",
        "experiments/__init__.py",
        "experiments/tiny/__init__.py",
        "experiments/tiny/backends/__init__.py",
        "experiments/tiny/backends/dictionary.py::counts_by_name",
        "experiments/tiny/desk.py",
        "experiments/tiny/driver.py",
        "experiments/tiny/in_turn.py",
    )


def test_a_control_depends_on_its_own_backend_in_every_environment(tiny):
    inputs = inputs_of(tiny, pattern="mixed-up", environment="closure")

    assert "experiments/tiny/backends/dictionary.py::mixed_up" in inputs
    assert not any("closure.py" in path for path in inputs)


def digest_of_pattern(project, function="counts_by_name"):
    (digest,) = file_digests(project.root, [f"{BACKEND}::{function}"]).values()
    return digest


BACKEND = "experiments/tiny/backends/dictionary.py"


@pytest.mark.parametrize(
    "more",
    [
        "def another(desk):\n    return None\n",
        "async def another(desk):\n    return None\n",
        "def another(desk):\n    return yet_another()\n\n\ndef yet_another():\n    return 1\n",
    ],
)
def test_another_pattern_beside_it_changes_no_pattern(tiny, more):
    before = digest_of_pattern(tiny)
    tiny.write(BACKEND, f"{tiny.path(BACKEND).read_text()}\n\n{more}")
    assert digest_of_pattern(tiny) == before


@pytest.mark.parametrize(
    "more",
    [
        "print('imported')\n",
        "class Another(dict):\n    pass\n",
        "COUNTS = 1\n",
        "import os\n",
        "@print\ndef another(desk):\n    return None\n",
        "try:\n    import os\nexcept ImportError:\n    os = None\n",
        "def another(name):\n    return globals()[name]\n",
        "def another(name):\n    return getattr(sys.modules[__name__], name)\n",
        "def __getattr__(name):\n    return None\n",
    ],
)
def test_what_a_module_does_when_it_is_imported_changes_each_pattern(tiny, more):
    before = digest_of_pattern(tiny)
    tiny.write(BACKEND, f"{tiny.path(BACKEND).read_text()}\n\n{more}")
    assert digest_of_pattern(tiny) != before


def test_a_pattern_changes_with_a_function_that_it_calls_through_another(tiny):
    does = {"used": "deeper()", "deeper": "1", "unused": "1"}
    functions = [f"def {name}():\n    return {text}\n" for name, text in does.items()]
    tiny.write(BACKEND, "\n\n".join([*functions, "def pattern(desk):\n    return used()\n"]))
    first = digest_of_pattern(tiny, "pattern")
    tiny.replace(BACKEND, "def unused():\n    return 1", "def unused():\n    return 2")
    assert digest_of_pattern(tiny, "pattern") == first
    tiny.replace(BACKEND, "def deeper():\n    return 1", "def deeper():\n    return 2")
    assert digest_of_pattern(tiny, "pattern") != first


def test_a_module_that_is_no_python_is_an_input_as_a_whole_and_a_missing_function_is_none(tiny):
    assert file_digests(tiny.root, [f"{BACKEND}::gone"]) == {}
    tiny.write(BACKEND, "def broken(\n")
    assert file_digests(tiny.root, [f"{BACKEND}::gone"]) == {
        f"{BACKEND}::gone": file_digests(tiny.root, [BACKEND])[BACKEND]
    }


def test_an_experiment_that_another_one_imports_is_an_input_of_that_one(tiny):
    tiny.replace(
        "experiments/tiny/in_turn.py",
        "from casebook.record import Trial\n",
        "from casebook.record import Trial\nfrom experiments.tiny import overlap  # noqa: F401\n",
    )
    assert "experiments/tiny/overlap.py" in inputs_of(tiny)


def test_what_shared_code_imports_is_an_input_of_all(tiny):
    tiny.write("experiments/tiny/helper.py", "def run():\n    return 5\n")
    for line in ("from . import helper\n", "from .backends import closure\n"):
        tiny.write(
            "experiments/tiny/driver.py", tiny.path("experiments/tiny/driver.py").read_text() + line
        )
    assert {"experiments/tiny/helper.py", "experiments/tiny/backends/closure.py"} <= {
        *inputs_of(tiny)
    }


def test_a_file_that_is_no_python_is_an_input_of_all(tiny):
    tiny.write("experiments/tiny/data/n.txt", "5")
    assert "experiments/tiny/data/n.txt" in inputs_of(tiny)


def test_a_patterns_module_that_an_experiment_imports_is_an_input_as_a_whole(tiny):
    file = "experiments/tiny/in_turn.py"
    line = "from experiments.tiny.backends.dictionary import Counts  # noqa: F401\n"
    tiny.write(file, tiny.path(file).read_text() + line)
    assert BACKEND in inputs_of(tiny)
    assert f"{BACKEND}::counts_by_name" not in inputs_of(tiny)


def test_an_experiment_that_no_claim_asks_for_is_no_input_of_others(tiny):
    before = inputs_of(tiny)
    tiny.write("experiments/tiny/unasked.py", "def run(trial):\n    pass\n")
    assert inputs_of(tiny) == before


def test_the_engines_part_inside_the_environment_is_an_input(tiny):
    # What prints the progress is none: a change of it must not outdate every record.
    engine = [path for path in inputs_of(tiny) if path.startswith("casebook/")]
    assert engine == [
        "casebook/observe/cell.py",
        "casebook/observe/orders.py",
        "casebook/record.py",
    ]


def test_inputs_of_twenty_thousand_cells_take_less_than_half_a_second(tiny):
    investigation = read_investigation(tiny.root, "tiny")
    first = investigation.environments[0]
    many = tuple(replace(first, id=f"{first.id}-{number}") for number in range(2_000))
    investigation = replace(investigation, environments=many)
    cells = planned_cells(tiny.root, investigation)

    began = time.process_time()
    inputs = cell_inputs(tiny.root, investigation, cells)

    assert len(inputs) == len(cells) == 20_000
    assert time.process_time() - began < 0.5


def test_the_resolvers_reason_is_an_input_where_it_stands_for_the_lock(tiny):
    inputs = inputs_of(tiny, pattern="mixed-up", environment="closure-not-resolvable")

    lock = "conf/requirements/tiny/closure-not-resolvable"
    assert f"{lock}.unresolved" in inputs
    assert f"{lock}.txt" not in inputs


def test_digests_leave_out_a_file_that_is_gone(tiny):
    # A record may name a script that no longer exists; that must read as a difference.
    tiny.write("empty", "")

    assert file_digests(tiny.root, ["empty", "gone"]) == {
        "empty": "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
    }


def test_digests_are_of_content_and_not_of_the_checkout(tiny):
    # With `core.autocrlf=true` git ends lines with two characters.
    script = "experiments/tiny/driver.py"
    before = file_digests(tiny.root, [script])
    tiny.path(script).write_bytes(tiny.path(script).read_bytes().replace(b"\n", b"\r\n"))

    assert file_digests(tiny.root, [script]) == before


def test_a_change_of_the_checks_outdates_no_record(tiny):
    investigation = read_investigation(tiny.root, "tiny")
    cells = planned_cells(tiny.root, investigation)
    inputs = cell_inputs(tiny.root, investigation, cells)
    assert not any("experiments/tiny/checks.py" in paths for paths in inputs.values())


# --- What investigations share --------------------------------------------------------------------


@pytest.fixture
def sharing(tiny):
    """The miniature, with a rig beside its package that one experiment imports."""
    tiny.write("experiments/rigs/__init__.py", "")
    tiny.write("experiments/rigs/clock.py", "from experiments.rigs.gears import TEETH\n")
    tiny.write("experiments/rigs/gears.py", "TEETH = 12\n")
    tiny.write("experiments/rigs/unused.py", "")
    text = tiny.path("experiments/tiny/overlap.py").read_text()
    tiny.write("experiments/tiny/overlap.py", f"{text}\nfrom experiments.rigs.clock import TEETH\n")
    return tiny


def inputs_by_experiment(project):
    investigation = read_investigation(project.root, "tiny")
    planned = planned_cells(project.root, investigation)
    found = cell_inputs(project.root, investigation, planned)
    return {cell.experiment: set(paths) for cell, paths in found.items()}


def test_what_is_shared_is_an_input_of_what_imports_it(sharing):
    found = inputs_by_experiment(sharing)
    rig = {f"experiments/rigs/{name}.py" for name in ("__init__", "clock", "gears")}
    assert rig <= found["overlap"]
    assert "experiments/rigs/unused.py" not in found["overlap"]
    assert not rig & found["in-turn"]


def test_what_no_digest_would_cover_is_refused(sharing):
    sharing.write("helpers.py", "")
    sharing.write("experiments/rigs/gears.py", "import helpers\nTEETH = 12\n")
    with pytest.raises(PlanError) as error:
        inputs_by_experiment(sharing)
    said = str(error.value)
    assert said.startswith("experiments/rigs/gears.py: import: imports 'helpers'")
    assert said.endswith("move it into experiments/, whose modules are digested")


# --- What an edit touches -------------------------------------------------------------------------


def test_a_module_that_nothing_of_a_cell_imports_is_no_input_of_it(tiny):
    tiny.write("experiments/tiny/beads.py", "ROW = 10\n")
    append(tiny, "experiments/tiny/overlap.py", "\nfrom experiments.tiny import beads  # noqa\n")
    assert "experiments/tiny/beads.py" not in inputs_of(tiny)
    assert "experiments/tiny/beads.py" in inputs_of(tiny, experiment="overlap")


@pytest.mark.parametrize(
    "line",
    [
        "from experiments.tiny.rods import bead",
        "import experiments.tiny.rods.bead",
        "MODULE = 'experiments.tiny.rods.bead'",
        "from experiments.tiny import rods",
        "def later():\n    from experiments.tiny.rods import bead",
    ],
)
def test_a_module_is_an_input_however_it_is_named(tiny, line):
    tiny.write("experiments/tiny/rods/__init__.py", "MORE = f'{__name__}.bead'\n")
    tiny.write("experiments/tiny/rods/bead.py", "ROW = 10\n")
    append(tiny, "experiments/tiny/driver.py", f"\n{line}\n")
    found = inputs_of(tiny)
    assert "experiments/tiny/rods/bead.py" in found
    assert "experiments/tiny/rods/__init__.py" in found


def test_modules_that_are_only_said_to_be_under_test_are_no_input(tiny):
    tiny.write("experiments/tiny/beads.py", "ROW = 10\n")
    tiny.write("experiments/tiny/__init__.py", 'APPLICATION = ("experiments.tiny.beads",)\n')
    assert "experiments/tiny/beads.py" not in inputs_of(tiny)


def test_the_module_of_a_database_s_server_is_an_input(served):
    assert "experiments/tiny/server.py" in inputs_of(served)
