"""A project aside: it runs cells with other releases, keeps what it saw, and changes nothing."""

import pytest

from casebook.exit_codes import HarnessError
from casebook.plan.cells import planned_cells
from casebook.plan.conf import read_investigation
from casebook.releases import projects
from casebook.releases.projects import NotObserved, Project
from casebook.releases.resolving import Lock, Unresolvable
from tests.casebook.builders import add_twin
from tests.casebook.observe.builders import experiment_that

pytestmark = pytest.mark.slow


@pytest.fixture
def aside(tally):
    """Return the project with this lock in the environment `dictionary`, and the cells of it."""

    def of(lock):
        investigation = read_investigation(tally.root, "tiny")
        cells = [
            cell
            for cell in planned_cells(tally.root, investigation)
            if cell.environment == "dictionary"
            and cell.pattern in ("counts-by-name", "kept-apart")
            and cell.experiment in ("wire", "in-turn")
        ]
        return Project.of(tally.root, investigation, {"dictionary": lock}), cells

    return of


def lock(release):
    return Lock((("tally", release),))


def counted(project):
    """The numbers that the pattern counted, in turn."""
    found = project.results()
    (record,) = found.records.values()
    (cell,) = (
        one
        for one in record.cells
        if (one.pattern, one.experiment) == ("counts-by-name", "in-turn")
    )
    history = found.histories[cell.histories[0]]
    return [event["number"] for event in history.of("counted")]


def test_cells_run_with_the_releases_of_the_lock(aside):
    good, cells = aside(lock("1.1"))
    good.run(cells)
    assert counted(good)[0] == 1
    bad, cells = aside(lock("1.3"))
    bad.run(cells)
    assert counted(bad)[0] == 2
    assert bad.results().records.popitem()[1].releases == {"tally": "1.3"}


def test_cells_run_where_there_is_another_investigation(aside, tally):
    add_twin(tally.root)
    project, cells = aside(lock("1.3"))
    project.run(cells)
    assert counted(project)[0] == 2


def test_nothing_of_the_project_itself_changes(aside, tally):
    before = {path: path.read_bytes() for path in tally.root.rglob("*") if path.is_file()}
    project, cells = aside(lock("1.3"))
    project.run(cells)
    own = tally.root / "build" / "releases"
    after = {
        path: path.read_bytes()
        for path in tally.root.rglob("*")
        if path.is_file() and own not in path.parents and "__pycache__" not in path.parts
    }
    assert after == {path: data for path, data in before.items() if "__pycache__" not in path.parts}


def test_what_ran_with_the_same_inputs_does_not_run_again(aside, tally):
    project, cells = aside(lock("1.1"))
    project.run(cells)
    facts = project.root / "build/runs/tiny/dictionary.sqlite.json"
    before = facts.stat().st_mtime_ns
    again, cells = aside(lock("1.1"))
    again.run(cells)
    assert facts.stat().st_mtime_ns == before
    tally.write(
        "experiments/tiny/in_turn.py", tally.path("experiments/tiny/in_turn.py").read_text() + "\n"
    )
    again.run(cells)
    assert facts.stat().st_mtime_ns > before


def test_what_may_have_been_the_machine_s_doing_runs_again(aside, tally):
    tally.write("experiments/tiny/in_turn.py", experiment_that("os.kill(os.getpid(), 9)"))
    project, cells = aside(lock("1.1"))
    project.run(cells)
    outcomes = {one.outcome for one in project.results().histories.values()}
    assert "crashed" in outcomes
    facts = project.root / "build/runs/tiny/dictionary.sqlite.json"
    before = facts.stat().st_mtime_ns
    project.run(cells)
    assert facts.stat().st_mtime_ns > before


def test_an_environment_that_has_no_solution_today_may_have_one_aside(aside, tally):
    own = tally.path("conf/requirements/tiny/dictionary.txt")
    own.rename(own.with_suffix(".unresolved"))
    project, cells = aside(lock("1.3"))
    project.run(cells)
    assert counted(project)[0] == 2


def test_a_database_whose_server_is_missing_is_no_observation(served):
    text = "from casebook.record import NoServer\n\n\ndef serve(folder):\n"
    served.write("experiments/tiny/server.py", f'{text}    raise NoServer("there is no ledger")\n')
    investigation = read_investigation(served.root, "tiny")
    cells = [
        cell
        for cell in planned_cells(served.root, investigation)
        if (cell.environment, cell.database) == ("dictionary", "ledger")
    ]
    project = Project.of(served.root, investigation, {"dictionary": Lock(())})
    with pytest.raises(NotObserved, match="ledger: there is no ledger"):
        project.run(cells)


def test_a_lock_without_a_solution_makes_an_environment_that_is_not_available(aside):
    project, cells = aside(Unresolvable("tally fits nothing"))
    project.run(cells)
    (record,) = project.results().records.values()
    assert record.unavailable == "cannot be resolved: tally fits nothing"


def test_an_environment_that_cannot_be_imported_is_observed_as_that(aside):
    project, cells = aside(lock("1.2"))
    project.run(cells)
    (record,) = project.results().records.values()
    assert record.unavailable == "ImportError: no tally today"


def test_what_a_release_lacks_is_an_observation_and_no_mistake_of_the_row(aside):
    project, cells = aside(Lock(()))
    project.run(cells)
    (record,) = project.results().records.values()
    assert record.unavailable == "ModuleNotFoundError: No module named 'tally'"


def test_a_record_that_was_damaged_is_no_answer(aside):
    project, cells = aside(lock("1.1"))
    project.run(cells)
    record = project.root / "docs/results/tiny/dictionary.sqlite.json"
    record.write_text(record.read_text().replace('"1.1"', '"1.0"'))
    with pytest.raises(HarnessError, match=r"dictionary\.sqlite\.json: \$\.releases"):
        project.results()


def test_who_watches_is_told_how_far_a_run_is(aside, monkeypatch):
    monkeypatch.setattr(projects, "GLANCE", 0.005)
    project, cells = aside(lock("1.1"))
    told: list[str] = []
    project.run(cells, told.append)
    assert any(line.startswith("dictionary: ") and line.endswith(" of 4 cells") for line in told)


def test_a_harness_that_fails_is_said_with_its_last_words(aside, tally):
    project, cells = aside(lock("1.1"))
    tally.replace(
        "experiments/tiny/driver.py",
        "class Driver:",
        "raise RuntimeError('no driver')\n\n\nclass Driver:",
    )
    with pytest.raises(HarnessError, match=r"dictionary: the harness failed: .*"):
        project.run(cells)
