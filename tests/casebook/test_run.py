"""A run turns whatever a cell does into its outcome, and the harness's own faults into failures."""

import json
import os
import signal
import time
from pathlib import Path
from typing import Any

import pytest

from casebook import order, run

OVERLAP = "experiments/tiny/overlap.py"

RECORD_THEN = """
import os, signal, subprocess, sys, time
from casebook.record import Trial

def run(trial: Trial) -> None:
    trial.record("counted", "D1", "V1", number=1)
    {then}
"""


def experiment_that(then: str) -> str:
    """Return an experiment that records one event, and then does this."""
    return RECORD_THEN.format(then=then)


def noted(expression: str) -> str:
    """Return a statement that appends a value to the file `noted` in the project."""
    return f"print({expression}, file=open(os.environ['HOME'] + '/noted', 'a'), flush=True)"


def noted_processes(project: Any) -> list[int]:
    file = project.path("noted")
    return [int(line) for line in file.read_text().split()] if file.exists() else []


SLEEPER = "subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(600)'])"


def one_history(project, pattern="counts-by-name", experiment="overlap"):
    (history,) = project.histories(pattern, experiment)
    return history


def is_alive(process: int) -> bool:
    try:
        state = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0]
    except FileNotFoundError:
        return False
    return state != "Z"


def wait_until(condition, seconds=10.0):
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "it did not happen in time"
        time.sleep(0.01)


# --- How a cell ends ------------------------------------------------------------------------------


def test_a_cell_that_ends_well_is_completed(observed):
    history = one_history(observed[0])
    assert (history["outcome"], history["reason"]) == ("completed", "")
    assert [event["details"].get("number") for event in history["events"][4:7]] == [1, 1, 2]


def test_an_exception_of_a_pattern_is_evidence(observed):
    history = one_history(observed[0], "raises-when-wired", "wire")
    assert (history["outcome"], history["reason"]) == (
        "raised",
        "RuntimeError: the counter broke",
    )
    assert [event["kind"] for event in history["events"]] == ["wiring-started"]


def test_an_exception_of_the_application_is_evidence(tiny):
    tiny.replace("experiments/tiny/desk.py", "return self.count(conversation)", "return 1 // 0")

    assert tiny.run("dictionary").returncode == 0
    assert one_history(tiny)["reason"] == ("ZeroDivisionError: integer division or modulo by zero")


def test_an_exception_of_a_library_is_evidence_with_its_module(tiny):
    # The innermost frame outside of Python's own library decides, and this one is a library's.
    library = "class Lost(Exception): ...\ndef lose(): raise Lost('it')\n"
    tiny.write("lib/site-packages/counting.py", library)
    tiny.write(
        OVERLAP,
        experiment_that(
            "sys.path.append(os.environ['HOME'] + '/lib/site-packages')\n"
            "    import counting\n"
            "    counting.lose()"
        ),
    )

    assert tiny.run("dictionary").returncode == 0
    assert one_history(tiny)["reason"] == "counting.Lost: it"


def test_a_reason_names_nothing_of_the_machine(tiny):
    tiny.replace(
        "experiments/tiny/desk.py",
        "return self.count(conversation)",
        "raise ValueError(f'{__file__} {object()}')",
    )

    tiny.run("dictionary")

    assert one_history(tiny)["reason"] == "ValueError: <path>/desk.py <object object at 0x...>"


def test_a_crash_is_an_outcome_and_keeps_the_history_before_it(tiny):
    tiny.write(OVERLAP, experiment_that("os.abort()"))

    assert tiny.run("dictionary").returncode == 0
    history = one_history(tiny)
    assert (history["outcome"], history["reason"]) == ("crashed", "killed by SIGABRT")
    assert [event["kind"] for event in history["events"]] == ["counted"]


@pytest.mark.parametrize("leave", ["os._exit(3)", "sys.exit(3)"])
def test_leaving_without_a_word_is_a_crash(tiny, leave):
    tiny.write(OVERLAP, experiment_that(leave))

    tiny.run("dictionary")

    assert one_history(tiny)["reason"] == "exited with 3"


def test_the_run_goes_on_after_a_crash(tiny):
    tiny.write("experiments/tiny/wire.py", experiment_that("os.abort()"))

    tiny.run("dictionary")

    assert one_history(tiny)["outcome"] == "completed"


def test_a_hang_ends_at_the_limit_with_all_that_it_started(tiny):
    tiny.replace("conf/tiny.toml", "time_limit = 10", "time_limit = 0.3")
    tiny.write(OVERLAP, experiment_that(f"{noted(SLEEPER + '.pid')}; time.sleep(600)"))

    assert tiny.run("dictionary").returncode == 0
    history = one_history(tiny)
    assert (history["outcome"], history["reason"]) == ("timed-out", "no end after 0.3 s")
    assert len(history["events"]) == 1
    sleepers = noted_processes(tiny)
    assert len(sleepers) == 3 * run.RUNS
    wait_until(lambda: not any(map(is_alive, sleepers)))


def test_what_a_finished_cell_left_running_is_killed(tiny):
    tiny.write(OVERLAP, experiment_that(noted(f"{SLEEPER}.pid")))

    assert tiny.run("dictionary").returncode == 0
    assert one_history(tiny)["outcome"] == "completed"
    sleepers = noted_processes(tiny)
    wait_until(lambda: not any(map(is_alive, sleepers)))


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
    assert "1 not the same twice" in process.stdout


def test_cells_share_nothing(tiny):
    # The global of `module_global` counts on from cell to cell, were they not forked.
    tiny.run("module-global")

    for experiment in ("in-turn", "overlap"):
        (history,) = tiny.histories("one-global", experiment, "module-global")
        numbers = [event["details"].get("number") for event in history["events"]]
        assert next(filter(None, numbers)) == 1


def test_running_again_writes_the_same_bytes(tiny):
    tiny.run("dictionary")
    first = tiny.record_file().read_bytes()
    tiny.record_file().unlink()

    tiny.run("dictionary")

    assert tiny.record_file().read_bytes() == first


def test_the_callers_variables_do_not_reach_a_cell(tiny, monkeypatch):
    monkeypatch.setenv("FLASK_DEBUG", "1")
    monkeypatch.setenv("PYTHONWARNINGS", "error")
    tiny.write(OVERLAP, experiment_that("trial.record('saw', names=' '.join(sorted(os.environ)))"))

    tiny.run("dictionary")

    names = one_history(tiny)["events"][1]["details"]["names"].split()
    assert set(names) <= {*order.KEPT_VARIABLES, "PYTHONPATH", "PYTHONHASHSEED", "LC_CTYPE"}


def test_a_cells_folder_is_its_own_and_removed(tiny):
    tiny.write(OVERLAP, experiment_that(f"open('here', 'x').close(); {noted('trial.folder')}"))

    tiny.run("dictionary")

    folders = tiny.path("noted").read_text().split()
    assert len(set(folders)) == 3 * run.RUNS
    assert not any(map(os.path.exists, folders))
    assert not tiny.path("here").exists()


def test_a_cells_folder_is_gone_before_the_next_cell(tiny):
    # Hundreds of databases would fill a container's small /dev/shm.
    tiny.write(OVERLAP, experiment_that(noted("len(os.listdir(trial.folder + '/../..'))")))

    tiny.run("dictionary")

    assert set(tiny.path("noted").read_text().split()) == {"1"}


# --- What the harness gets wrong ------------------------------------------------------------------

FAULTS = {
    "in an experiment": "raise KeyError('mine')",
    "in Python's library, called by an experiment": "__import__('json').loads('{')",
    "a detail that is no scalar": "trial.record('counted', number=[1])",
    "a detail that JSON has no word for": "trial.record('counted', number=float('nan'))",
}


@pytest.mark.parametrize("then", FAULTS.values(), ids=FAULTS)
def test_a_fault_of_the_harness_leaves_the_cell_out_and_fails(tiny, then):
    tiny.write(OVERLAP, experiment_that(then))

    process = tiny.run("dictionary")

    assert process.returncode == 1
    assert "Traceback" in process.stderr
    assert "overlap.py" in process.stderr
    record = tiny.record()
    assert {"pattern": "counts-by-name", "experiment": "overlap"} in record["planned"]
    assert "overlap" not in {cell["experiment"] for cell in record["cells"]}
    assert "2 of 3 experiments" in process.stdout


def test_an_experiment_that_is_no_python_is_named_before_anything_runs(tiny):
    tiny.write(OVERLAP, "def run(trial:\n")

    process = tiny.run("dictionary")

    assert process.returncode == 2
    assert process.stderr == f"{OVERLAP}: line 1: no Python: '(' was never closed: mend it\n"


def test_where_what_cells_rest_on_fails_the_record_stays(tiny):
    tiny.run("dictionary")
    before = tiny.record_file().read_bytes()
    tiny.write(
        "experiments/tiny/__init__.py",
        "def prepare(database, server):\n    raise KeyError('mine')\n",
    )

    process = tiny.run("dictionary")

    assert process.returncode == 1
    assert "KeyError: 'mine'" in process.stderr
    assert tiny.record_file().read_bytes() == before


@pytest.mark.parametrize(
    "failing", ["raise KeyError", "__import__('os').abort()", "__import__('time').sleep(600)"]
)
def test_warming_is_for_speed_alone_and_may_fail(tiny, failing):
    # A library that hangs or crashes on the way is evidence, and cells are where it is recorded.
    tiny.write("experiments/tiny/__init__.py", f"def warm():\n    {failing}\n")
    tiny.replace("conf/tiny.toml", "time_limit = 10", "time_limit = 1")

    assert tiny.run("dictionary").returncode == 0
    assert len(tiny.record()["cells"]) == 10


def test_a_thread_that_warming_leaves_is_a_fault(tiny):
    # A fork keeps the forking thread alone: another one's locks would stay locked for ever.
    tiny.write(
        "experiments/tiny/__init__.py",
        "import threading\n"
        "def warm():\n"
        "    threading.Thread(target=threading.Event().wait, name='left', daemon=True).start()\n",
    )

    process = tiny.run("dictionary")

    assert process.returncode == 1
    assert "left" in process.stderr


def test_a_warm_parent_that_dies_is_a_fault(tiny):
    tiny.write(OVERLAP, experiment_that("os.kill(os.getppid(), signal.SIGKILL)"))

    process = tiny.run("dictionary")

    assert process.returncode == 1
    assert "ended before its last cell" in process.stderr
    assert not tiny.record_file().exists()


# --- What cannot run ------------------------------------------------------------------------------


def test_an_environment_that_cannot_be_imported_keeps_the_exact_error(tiny):
    assert tiny.run("closure-not-importable").returncode == 0

    record = tiny.record("closure-not-importable")
    reason = "ModuleNotFoundError: No module named 'no_such_library'"
    assert record["unavailable"] == reason
    assert len(record["cells"]) == len(record["planned"]) == 10
    assert {json.dumps(cell["histories"]) for cell in record["cells"]} == {
        json.dumps([{"outcome": "unavailable", "reason": reason, "events": []}])
    }


def test_an_error_of_several_lines_is_kept_whole_and_clean(tiny):
    raising = "print('noise')\nraise ImportError(f'first\\n  from {__file__}')\n"
    tiny.write("no_such_library.py", raising)

    tiny.run("closure-not-importable")

    assert tiny.record("closure-not-importable")["unavailable"] == (
        "ImportError: first\n  from <path>/no_such_library.py"
    )


def test_a_library_that_crashes_while_it_is_imported_is_unavailable(tiny):
    tiny.write("no_such_library.py", "import os\nos.abort()\n")

    tiny.run("closure-not-importable")

    assert tiny.record("closure-not-importable")["unavailable"] == "importing: killed by SIGABRT"


def test_a_library_that_takes_too_long_to_import_is_unavailable(tiny):
    tiny.write("no_such_library.py", "import time\ntime.sleep(600)\n")
    tiny.replace("conf/tiny.toml", "time_limit = 10", "time_limit = 0.5")

    tiny.run("closure-not-importable")

    reason = tiny.record("closure-not-importable")["unavailable"]
    assert reason == "importing: no end after 0.5 s"


def test_requirements_that_contradict_each_other_are_recorded_with_the_resolvers_reason(tiny):
    assert tiny.run("closure-not-resolvable").returncode == 0

    record = tiny.record("closure-not-resolvable")
    assert record["unavailable"].startswith("Because you require closure==1 and closure==2")
    assert record["releases"] == {}


def test_an_environment_that_cannot_be_installed_now_keeps_its_record(tiny):
    tiny.run("dictionary")
    before = tiny.record_file().read_bytes()

    run.not_rerun(tiny.root, "tiny", "dictionary", "sqlite", "no network\n")

    assert tiny.record_file().read_bytes() == before
    assert json.loads(tiny.facts_file().read_text()) == {
        "status": "not-rerun",
        "reason": "no network",
    }


@pytest.mark.parametrize("stop", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupted_run_leaves_the_old_record_and_nothing_running(tiny, stop):
    tiny.run("dictionary")
    before = tiny.record_file().read_bytes()
    tiny.write(OVERLAP, experiment_that(f"{noted('os.getpid()')}; time.sleep(600)"))

    process = tiny.start("casebook.run", "tiny", "dictionary")
    wait_until(lambda: len(noted_processes(tiny)) == run.RUNS)
    process.send_signal(stop)
    _, stderr = process.communicate(timeout=10)

    assert process.returncode == 130
    assert stderr == "interrupted: the record stays as it was\n"
    assert tiny.record_file().read_bytes() == before
    wait_until(lambda: not any(map(is_alive, noted_processes(tiny))))


def test_a_wrong_plan_ends_with_2_and_one_line(tiny):
    process = tiny.run("dictionery")

    assert process.returncode == 2
    assert process.stderr == (
        "conf/tiny.toml: environment: 'dictionery' is not declared: "
        "declare it under [[environment]], or write 'dictionary' if you meant that\n"
    )


def test_a_database_that_is_not_declared_ends_with_2(tiny):
    assert tiny.run("dictionary", "--database", "postgresql").returncode == 2


# --- What is written beside the record ------------------------------------------------------------


def test_the_record_says_what_it_was_observed_on(observed):
    project, _ = observed

    record = project.record()
    assert record["python"].count(".") == 1
    assert "pytest" in record["releases"]
    assert not {"pip", "setuptools", "wheel", "uv"} & record["releases"].keys()
    assert "experiments/tiny/in_turn.py" in record["digests"]
    assert "experiments/tiny/claims.py" not in record["digests"]
    assert "experiments/tiny/backends/closure.py" not in record["digests"]


def test_what_is_volatile_stands_beside_the_record(observed):
    project, _ = observed

    facts = json.loads(project.facts_file().read_text())
    assert facts["status"] == "ran"
    assert len(facts["cells"]) == 10
    assert len(facts["cells"]["counts-by-name/overlap"]) == 2


def test_what_cells_print_goes_to_a_log(tiny):
    tiny.write(OVERLAP, experiment_that("print('a word', file=sys.stderr)"))

    process = tiny.run("dictionary")

    assert "a word" not in process.stdout + process.stderr
    for number in (1, 2):
        log = tiny.path(f"build/runs/tiny/dictionary.sqlite.run-{number}.log").read_text()
        assert log.count("a word") == 3


def test_progress_is_a_line_for_each_pattern(observed):
    lines = observed[1].splitlines()

    assert len(lines) == 6
    assert lines[0] == "dictionary  counts-by-name     3 of 3 experiments"
    assert lines[3] == "dictionary  raises-when-wired  1 of 1 experiments, 1 raised"
    assert lines[5].startswith("dictionary  sqlite  10 of 10 cells, 1 raised in ")


# --- One cell -------------------------------------------------------------------------------------


def test_one_cell_is_shown_in_columns_and_nothing_is_written(tiny):
    process = tiny.run("module-global", "--only", "one-global", "overlap")

    assert process.returncode == 0
    lines = process.stdout.splitlines()
    assert lines[4] == "   5  counted              D1 V1  number=1"
    assert lines[-1] == "completed"
    assert not tiny.path("build").exists()
    assert not tiny.path("docs/results").exists()


def test_a_cell_that_is_not_planned_cannot_be_shown(tiny):
    process = tiny.run("closure", "--only", "one-global", "overlap")

    assert process.returncode == 2
    assert "no cell 'one-global' under 'overlap' is planned" in process.stderr


def test_cells_that_are_named_run_alone(tiny):
    assert tiny.run("dictionary", "--cells", "mixed-up/overlap", "kept-apart/wire").returncode == 0
    cells = [(cell["pattern"], cell["experiment"]) for cell in tiny.record()["cells"]]
    assert cells == [("kept-apart", "wire"), ("mixed-up", "overlap")]


def test_a_cell_that_is_named_and_not_planned_ends_with_2(tiny):
    process = tiny.run("dictionary", "--cells", "mixed-up/overlap", "mixed-up/wire")
    assert process.returncode == 2
    assert "no cell 'mixed-up' under 'wire' is planned in it" in process.stderr
