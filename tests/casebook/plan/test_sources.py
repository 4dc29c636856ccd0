"""Modules are found and read where they cannot be imported."""

import pytest

from casebook.plan.cells import planned_cells
from casebook.plan.conf import read_investigation
from casebook.plan.investigation import Experiment
from casebook.plan.mistakes import PlanError
from casebook.plan.sources import experiment, files, functions, source, sources
from tests.casebook.plan.builders import error_of


@pytest.mark.parametrize("said", ['["abacus"]', '"abacus"', "(1,)", "tuple(needed)"])
def test_needs_that_cannot_be_read_without_importing_are_refused(needy, said):
    needy.replace("experiments/tiny/needy.py", '("abacus",)', said)

    with pytest.raises(PlanError, match=r"needy.py: NEEDS: .* is not a tuple of strings"):
        planned_cells(needy.root, read_investigation(needy.root, "tiny"))


def test_an_experiment_on_a_database_that_is_not_asked_is_refused(served):
    served.replace("experiments/tiny/served.py", '("ledger",)', '("legder",)')

    with pytest.raises(PlanError, match=r"served.py: DATABASES: .*did you mean 'ledger'"):
        planned_cells(served.root, read_investigation(served.root, "tiny"))


def test_a_patterns_module_that_is_no_python_is_said_with_its_line(tiny):
    tiny.write("experiments/tiny/backends/closure.py", "\ndef counter_per_name(:\n")

    error = error_of(read_investigation, tiny.root, "tiny")

    assert (error.file, error.key) == ("experiments/tiny/backends/closure.py", "line 2")


def test_a_module_is_a_file_or_a_package_or_nothing(tmp_path):
    (tmp_path / "pack").mkdir()
    for name in ("pack/__init__.py", "pack/one.py"):
        (tmp_path / name).touch()
    assert source(tmp_path, "pack") == tmp_path / "pack" / "__init__.py"
    assert source(tmp_path, "pack.one") == tmp_path / "pack" / "one.py"
    assert source(tmp_path, "pack.two") is None


def test_the_sources_of_a_package_are_all_below_it_and_those_of_a_module_its_file(tiny):
    folder = tiny.root / "experiments" / "tiny" / "backends"
    names = ("__init__.py", "closure.py", "dictionary.py", "module_global.py")
    assert sources(tiny.root, "experiments.tiny.backends") == [folder / name for name in names]
    assert sources(tiny.root, "experiments.tiny.backends.closure") == [folder / "closure.py"]


@pytest.mark.parametrize("module", ["", "no.such"])
def test_what_is_no_module_has_no_sources(tiny, module):
    assert sources(tiny.root, module) == []


def test_functions_are_named_in_order_and_doubled_where_they_are_defined_twice(tmp_path):
    file = tmp_path / "module.py"
    file.write_text("def b(): ...\ndef a(): ...\nclass C:\n    def d(self): ...\ndef b(): ...\n")
    assert functions(tmp_path, file) == ["b", "a", "b"]


def test_an_experiment_says_what_it_needs_and_on_which_databases_it_runs(needy, served):
    investigation = read_investigation(served.root, "tiny")
    assert experiment(served.root, investigation, "needy") == Experiment("needy", ("abacus",), ())
    assert experiment(served.root, investigation, "served") == Experiment("served", (), ("ledger",))


def test_an_experiment_that_says_nothing_or_is_not_there_needs_nothing(tiny):
    investigation = read_investigation(tiny.root, "tiny")
    for name in ("overlap", "no-such"):
        assert experiment(tiny.root, investigation, name) == Experiment(name)


def test_an_experiment_is_read_again_where_its_file_changed(needy):
    investigation = read_investigation(needy.root, "tiny")
    assert experiment(needy.root, investigation, "needy").needs == ("abacus",)
    needy.replace("experiments/tiny/needy.py", '("abacus",)', '("abacus", "beads")')
    assert experiment(needy.root, investigation, "needy").needs == ("abacus", "beads")


def test_the_files_of_an_investigation_are_its_package_and_the_packages_around_it(tiny):
    found = files(tiny.root, read_investigation(tiny.root, "tiny"))
    assert found[:2] == ["experiments/__init__.py", "experiments/tiny/__init__.py"]
    assert "experiments/tiny/backends/closure.py" in found
    assert not [name for name in found if not name.startswith("experiments/")]
