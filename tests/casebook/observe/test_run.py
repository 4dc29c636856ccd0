"""A run observes each cell twice, and fails where the harness does."""

import json
import signal

import pytest

from casebook.observe import run
from casebook.observe.progress import Reading, read
from casebook.observe.setting import SettingRun
from tests.casebook.builders import found
from tests.casebook.observe.builders import (
    OVERLAP,
    experiment_that,
    is_alive,
    noted,
    noted_processes,
    wait_until,
)
from tests.conftest import Project

# --- Twice ----------------------------------------------------------------------------------------


def test_each_cell_runs_twice_and_equal_histories_are_one(observed):
    project, _ = observed

    (first, *_) = project.record()["cells"]
    assert (first["runs"], len(first["histories"])) == (2, 1)


def test_histories_that_depend_on_the_hash_seed_are_both_kept(tiny):
    tiny.write(OVERLAP, experiment_that("trial.record('hashed', number=hash('a'))"))

    process = tiny.run("dictionary")

    first, second = tiny.histories("counts-by-name", "overlap")
    assert first["events"][0] == second["events"][0]
    assert first["events"][1] != second["events"][1]
    assert "3 not the same twice" in process.stdout


def test_running_again_writes_the_same_bytes(tiny):
    tiny.run("dictionary")
    first = tiny.record_file().read_bytes()
    tiny.record_file().unlink()

    tiny.run("dictionary")

    assert tiny.record_file().read_bytes() == first


# --- What the harness gets wrong ------------------------------------------------------------------


@pytest.mark.parametrize("label", ["thread1", "T", "1", "T1a"])
def test_a_label_that_is_none_is_named_and_its_cell_is_not_recorded(tiny, label):
    tiny.write(OVERLAP, experiment_that(f"trial.record('began', {label!r})"))

    process = tiny.run("dictionary")

    assert process.returncode == 1
    assert f"event 'began' has the label {label!r}: a label is one letter and a" in process.stderr
    assert "overlap" not in {cell["experiment"] for cell in tiny.record()["cells"]}


def test_an_experiment_that_is_no_python_is_named_before_anything_runs(tiny):
    tiny.write(OVERLAP, "def run(trial:\n")

    process = tiny.run("dictionary")

    assert process.returncode == 2
    assert process.stderr == (
        f"casebook: {OVERLAP}: line 1: not valid Python: '(' was never closed; fix the syntax\n"
    )


def test_a_warm_parent_that_dies_is_a_fault(tiny):
    tiny.write(OVERLAP, experiment_that("os.kill(os.getppid(), signal.SIGKILL)"))

    process = tiny.run("dictionary")

    assert process.returncode == 1
    assert "ended before its last cell" in process.stderr
    assert not tiny.record_file().exists()


# --- What cannot run ------------------------------------------------------------------------------


def test_a_library_that_crashes_while_it_is_imported_is_unavailable(tiny):
    tiny.write("no_such_library.py", "import os\nos.abort()\n")

    tiny.run("closure-not-importable")

    assert tiny.record("closure-not-importable")["unavailable"] == "importing: killed by SIGABRT"


def test_an_environment_that_cannot_be_installed_now_keeps_its_record(tiny):
    tiny.run("dictionary")
    before = tiny.record_file().read_bytes()

    setting = SettingRun.of(tiny.root, "tiny", "dictionary", "sqlite")
    run.note_not_rerun(setting, "no network\n")

    assert tiny.record_file().read_bytes() == before
    facts = json.loads(tiny.facts_file().read_text())
    assert (facts["status"], facts["reason"]) == ("not-rerun", "no network")
    assert len(facts["notes"]) == 10


def test_an_environment_that_cannot_be_installed_at_all_is_recorded_so(tiny):
    tiny.run("dictionary")

    setting = SettingRun.of(tiny.root, "tiny", "dictionary", "sqlite")
    run.record_uninstallable(setting, "Failed to build tally\n")

    record = tiny.record()
    assert record["unavailable"] == "cannot be installed: Failed to build tally"
    assert record["releases"] == {}
    assert all(cell["runs"] == 0 for cell in record["cells"])
    assert json.loads(tiny.facts_file().read_text())["status"] == "ran"


@pytest.mark.parametrize("stop", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupted_run_leaves_the_old_record_and_nothing_running(tiny, stop):
    tiny.run("dictionary")
    before = tiny.record_file().read_bytes()
    tiny.write(OVERLAP, experiment_that(f"{noted('os.getpid()')}; time.sleep(600)"))

    process = tiny.start("casebook", "--root", str(tiny.root), "run", "dictionary")
    wait_until(lambda: len(noted_processes(tiny)) == run.RUNS)
    process.send_signal(stop)
    _, stderr = process.communicate(timeout=10)

    assert process.returncode == 130
    assert stderr == "casebook: interrupted: nothing is half-written\n"
    assert tiny.record_file().read_bytes() == before
    wait_until(lambda: not any(map(is_alive, noted_processes(tiny))))


def test_a_wrong_plan_ends_with_2_and_one_line(tiny):
    process = tiny.run("dictionery")

    assert process.returncode == 2
    assert process.stderr == (
        "casebook: environment 'dictionery' is not declared in conf/tiny.toml: "
        "did you mean 'dictionary'?\n"
    )


# --- What is written beside the record ------------------------------------------------------------


def test_what_is_volatile_stands_beside_the_record(observed):
    project, _ = observed

    facts = json.loads(project.facts_file().read_text())
    assert facts["status"] == "ran"
    assert facts["ran"] == len(facts["notes"]) == 10
    assert len(facts["notes"]["counts-by-name/overlap"]["seconds"]) == 2


def test_what_cells_print_goes_to_a_log(tiny):
    tiny.write(OVERLAP, experiment_that("print('a word', file=sys.stderr)"))

    process = tiny.run("dictionary")

    assert "a word" not in process.stdout + process.stderr
    for number in (1, 2):
        log = tiny.path(f"build/runs/tiny/dictionary.sqlite.run-{number}.log").read_text()
        assert log.count("a word") == 3


def test_a_run_says_in_one_line_how_it_went(observed):
    (line,) = observed[1].splitlines()
    assert line.startswith("dictionary  sqlite  10 of 10 cells, 1 raised in ")


def noted_progress(project: Project, environment: str = "dictionary") -> Reading:
    reading = read(project.path(f"build/runs/tiny/{environment}.sqlite.progress"))
    assert reading is not None
    return reading


def test_a_run_notes_each_cell_that_is_done(observed):
    project, said = observed

    reading = noted_progress(project)
    assert (reading.planned, reading.done, reading.running) == (10, 10, False)
    assert ("counts-by-name", "overlap") in reading.ran
    assert (reading.summary, reading.well) == (said.rstrip(), True)


def test_cells_that_do_not_end_by_themselves_did_not_go_well(tiny):
    tiny.write(OVERLAP, experiment_that("os.abort()"))

    tiny.run("dictionary")

    reading = noted_progress(tiny)
    assert "3 crashed" in reading.summary
    assert not reading.well


def test_cells_that_cannot_run_are_done(tiny):
    tiny.run("closure-not-resolvable")

    reading = noted_progress(tiny, "closure-not-resolvable")
    assert reading.done == reading.planned > 0


# --- One cell -------------------------------------------------------------------------------------


def test_one_cell_is_shown_in_columns_and_nothing_is_written(tiny):
    process = tiny.run("module-global", "--once", "one-global", "overlap")

    assert process.returncode == 0
    lines = process.stdout.splitlines()
    assert lines[4] == "   5  counted              D1 V1  number=1"
    assert lines[-1] == "completed"
    assert not tiny.path("build").exists()
    assert not tiny.path("docs/results").exists()


def test_a_cell_that_is_not_planned_cannot_be_shown(tiny):
    process = tiny.run("closure", "--once", "one-global", "overlap")

    assert process.returncode == 2
    assert "no cell of pattern 'one-global' under experiment 'overlap' is planned" in process.stderr


def test_cells_that_are_named_run_alone(tiny):
    assert tiny.run("dictionary", "--cells", "mixed-up/overlap", "kept-apart/wire").returncode == 0
    cells = [(cell["pattern"], cell["experiment"]) for cell in tiny.record()["cells"]]
    assert cells == [("kept-apart", "wire"), ("mixed-up", "overlap")]


def test_a_cell_that_is_named_and_not_planned_ends_with_2(tiny):
    process = tiny.run("dictionary", "--cells", "mixed-up/overlap", "mixed-up/wire")
    assert process.returncode == 2
    assert "no cell of pattern 'mixed-up' under experiment 'wire' is planned" in process.stderr


# --- Databases ------------------------------------------------------------------------------------


def test_a_server_runs_while_cells_do_and_tells_them_its_address(served):
    process = served.run("dictionary", "--database", "ledger")

    assert process.returncode == 0, process.stderr
    assert served.path("served.txt").read_text() == "stopped"
    histories = served.path("docs/results/tiny/histories").glob("*.json")
    events = [event for file in histories for event in json.loads(file.read_text())["events"]]
    connected = [details for kind, _, details in events if kind == "connected"]
    assert {details["server"] for details in connected} == {"somewhere"}
    assert found(served, "counts-served", database="ledger").verdict == "supported"


def test_where_no_server_can_be_had_nothing_was_tested_and_the_reason_is_kept(served):
    served.replace(
        "experiments/tiny/server.py",
        '    yield "somewhere"\n',
        '    from casebook.record import NoServer\n    raise NoServer("install one")\n    yield\n',
    )

    process = served.run("dictionary", "--database", "ledger")

    assert process.returncode == 0
    assert process.stderr == "dictionary: not rerun: ledger: install one\n"
    finding = found(served, "counts-served", database="ledger")
    assert (finding.verdict, finding.note) == ("not-tested", "not rerun: ledger: install one")


def test_a_database_that_the_libraries_cannot_use_is_an_observation(served):
    served.write(
        "experiments/tiny/__init__.py",
        "def prepare(database, server):\n"
        "    from casebook.record import NoDatabase\n"
        '    raise NoDatabase("no dialect for it")\n',
    )

    process = served.run("dictionary", "--database", "ledger")

    assert process.returncode == 0, process.stderr
    finding = found(served, "wires", database="ledger")
    assert finding.verdict == "refuted"
    assert "ledger: no dialect for it" in finding.reason
