"""A cell turns whatever a pattern does into its outcome."""

import io
import os
from pathlib import Path
from typing import Any

import pytest

from casebook.observe import run
from casebook.observe.cell import WarmParent
from casebook.observe.orders import Order
from casebook.observe.run import RUNS
from casebook.record import History
from casebook.stored import digest_of
from tests.casebook.observe.builders import (
    OVERLAP,
    SLEEPER,
    experiment_that,
    is_alive,
    noted,
    noted_processes,
    one_history,
    wait_until,
)
from tests.conftest import CASEBOOK

pytestmark = pytest.mark.slow

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


def test_cells_share_nothing(tiny):
    # The global of `module_global` counts on from cell to cell, were they not forked.
    tiny.run("module-global")

    for experiment in ("in-turn", "overlap"):
        (history,) = tiny.histories("one-global", experiment, "module-global")
        numbers = [event["details"].get("number") for event in history["events"]]
        assert next(filter(None, numbers)) == 1


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
    assert "overlap" in record["planned"]["counts-by-name"]
    assert "overlap" not in {cell["experiment"] for cell in record["cells"]}
    assert "7 of 10 cells" in process.stdout


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


def test_an_experiment_prepares_once_for_its_own_cells_alone(tiny):
    told = tiny.path("told")
    with tiny.path("experiments/tiny/overlap.py").open("a", encoding="utf-8") as module:
        module.write(
            "\n\ndef prepare(database, server):\n"
            f"    with open({str(told)!r}, 'a') as file:\n"
            "        print(database, repr(server), file=file)\n"
        )

    process = tiny.run("dictionary")
    assert process.returncode == 0, process.stderr
    assert told.read_text() == "sqlite ''\n" * RUNS

    told.unlink()
    tiny.run("dictionary", "--fresh", "--cells", "counts-by-name/in-turn")
    assert not told.exists()


def test_where_an_experiment_cannot_prepare_the_record_stays(tiny):
    tiny.run("dictionary")
    before = tiny.record_file().read_bytes()
    with tiny.path("experiments/tiny/overlap.py").open("a", encoding="utf-8") as module:
        module.write("\n\ndef prepare(database, server):\n    raise KeyError('mine')\n")

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


# --- What cannot run ------------------------------------------------------------------------------


def test_an_environment_that_cannot_be_imported_keeps_the_exact_error(tiny):
    assert tiny.run("closure-not-importable").returncode == 0

    record = tiny.record("closure-not-importable")
    reason = "ModuleNotFoundError: No module named 'no_such_library'"
    assert record["unavailable"] == reason
    assert len(record["cells"]) == sum(map(len, record["planned"].values())) == 10
    (names,) = {tuple(cell["histories"]) for cell in record["cells"]}
    assert names == (digest_of(History("unavailable", reason, ())),)


def test_an_error_of_several_lines_is_kept_whole_and_clean(tiny):
    raising = "print('noise')\nraise ImportError(f'first\\n  from {__file__}')\n"
    tiny.write("no_such_library.py", raising)

    tiny.run("closure-not-importable")

    assert tiny.record("closure-not-importable")["unavailable"] == (
        "ImportError: first\n  from <path>/no_such_library.py"
    )


def test_a_library_that_takes_too_long_to_import_is_unavailable(tiny):
    tiny.write("no_such_library.py", "import time\ntime.sleep(600)\n")
    tiny.replace("conf/tiny.toml", "time_limit = 10", "time_limit = 0.5")

    tiny.run("closure-not-importable")

    reason = tiny.record("closure-not-importable")["unavailable"]
    assert reason == "importing: no end after 0.5 s"


# --- The warm parent by itself --------------------------------------------------------------------


def a_parent(root: Path = Path("/project")) -> WarmParent:
    order = Order(str(root), [], "own", "sqlite", 2.5, str(root), {}, [], [], False, "")
    return WarmParent(order, 1, io.StringIO())


def outcome_of(folder: Path, written: bytes | None, status: int = 0, expired: bool = False) -> Any:
    """Return the outcome of a child that wrote this and ended so."""
    file = folder / "events"
    if written is not None:
        file.write_bytes(written)
    parent = a_parent()
    parent.expired = expired
    return parent.outcome(status, file)


EVENT = b'["counted", ["D1"], {}]\n'


def test_what_a_child_says_of_its_end_is_its_outcome(tmp_path):
    said = outcome_of(tmp_path, EVENT + b'{"outcome": "raised", "reason": "E"}\n')
    assert said == {"outcome": "raised", "reason": "E", "events": [["counted", ["D1"], {}]]}


@pytest.mark.parametrize(
    ("status", "expired", "outcome", "reason"),
    [
        (-6, False, "crashed", "killed by SIGABRT"),
        (-9, True, "timed-out", "no end after 2.5 s"),
    ],
)
def test_a_child_that_could_not_say_how_it_ended_keeps_its_events(
    tmp_path, status, expired, outcome, reason
):
    said = outcome_of(tmp_path, EVENT + b'["half an ev', status, expired)
    assert (said["outcome"], said["reason"]) == (outcome, reason)
    assert said["events"] == [["counted", ["D1"], {}]]


def test_a_child_that_wrote_nothing_has_no_events(tmp_path):
    assert outcome_of(tmp_path, None, -11)["events"] == []


def raised_in(file: str) -> BaseException:
    """Return an exception that was raised by the code of a file."""
    try:
        exec(compile("1 // 0", file, "exec"))
    except ZeroDivisionError as error:
        return error
    raise AssertionError("nothing was raised")


@pytest.mark.parametrize(
    ("file", "fault"),
    [
        ("/project/experiments/own/use.py", True),
        (f"{CASEBOOK}/casebook/record.py", True),
        ("/project/.nox/x/lib/site-packages/library.py", False),
        ("/project/experiments/own/patterns.py", False),
        ("/elsewhere/module.py", False),
    ],
)
def test_an_exception_is_a_fault_where_the_harness_raised_it(file, fault):
    parent = a_parent()
    parent.evidence = ("/project/experiments/own/patterns.py",)
    assert parent.is_fault(raised_in(file)) is fault
