"""What need not run again: what this machine observed with exactly the same inputs."""

import json
import sys

import pytest

from casebook.observe.earlier import Note, as_json, inputs, machine, read_notes
from casebook.plan.cells import planned_cells
from casebook.plan.conf import read_investigation
from tests.casebook.observe.builders import OVERLAP, experiment_that

BACKEND = "experiments/tiny/backends/dictionary.py"


def runs(project):
    """Run the environment again; return how many cells ran, or 0 where none did."""
    process = project.run("dictionary")
    assert process.returncode == 0, process.stderr
    if "none changed" in process.stdout:
        return 0
    return json.loads(project.facts_file().read_text())["ran"]


@pytest.fixture
def ran(tiny):
    assert runs(tiny) == 10
    return tiny


def test_the_second_time_nothing_runs_and_nothing_changes(ran):
    before = ran.record_file().read_bytes(), ran.facts_file().read_bytes()
    assert runs(ran) == 0
    assert (ran.record_file().read_bytes(), ran.facts_file().read_bytes()) == before


def test_all_cells_run_where_they_are_to_be_fresh(ran):
    assert "10 of 10 cells" in ran.run("dictionary", "--fresh").stdout


def test_after_an_edit_of_a_pattern_its_cells_run_and_no_others(ran):
    ran.replace(BACKEND, "return Counts().next", "return Counts( ).next")
    assert runs(ran) == 3
    assert len(ran.record()["cells"]) == 10
    assert runs(ran) == 0


def test_after_an_edit_of_an_experiment_its_cells_run_and_no_others(ran):
    own = sum("overlap" in experiments for experiments in ran.record()["planned"].values())
    ran.write(
        "experiments/tiny/overlap.py", ran.path("experiments/tiny/overlap.py").read_text() + "#\n"
    )
    assert runs(ran) == own > 0


def test_after_an_edit_of_a_claim_nothing_runs(ran):
    claims = "experiments/tiny/claims.py"
    ran.write(claims, ran.path(claims).read_text() + "\n# said otherwise\n")
    assert runs(ran) == 0


@pytest.mark.parametrize("lost", ["history", "notes"])
def test_what_is_lost_is_observed_again(ran, lost):
    record = ran.record_file().read_bytes()
    histories = sorted(ran.path("docs/results/tiny/histories").glob("*.json"))
    {"history": histories[0], "notes": ran.facts_file()}[lost].unlink()
    assert runs(ran) > 0
    assert ran.record_file().read_bytes() == record
    assert sorted(ran.path("docs/results/tiny/histories").glob("*.json")) == histories


def gone(text):
    return None


def of_another_history(text):
    first, second = (cell["histories"][0] for cell in json.loads(text)["cells"][:2])
    return text.replace(first, second, 1)


def doubled(text):
    lines = text.splitlines(keepends=True)
    at = next(at for at, line in enumerate(lines) if '"histories": [' in line)
    return "".join([*lines[:at], lines[at], *lines[at:]])


def of_another_python(text):
    return text.replace('"python": "3.', '"python": "2.')


@pytest.mark.parametrize("changed", [gone, of_another_history, doubled, of_another_python])
def test_a_record_that_is_not_what_was_written_is_written_again(ran, changed):
    before = ran.record_file().read_text()
    text = changed(before)
    assert text != before
    ran.record_file().unlink() if text is None else ran.record_file().write_text(text)
    assert runs(ran) == 0
    assert ran.record_file().read_text() == before


def test_a_history_that_was_changed_is_observed_again(ran):
    name = ran.record()["cells"][0]["histories"][0]
    file = ran.path(f"docs/results/tiny/histories/{name}.json")
    before = file.read_text()
    file.write_text(before.replace("wiring", "waring"))
    assert runs(ran) > 0
    assert file.read_text() == before


@pytest.mark.parametrize("then", ["os.kill(os.getpid(), 9)", "trial.record('x', number=hash('a'))"])
def test_what_may_come_out_otherwise_runs_each_time(tiny, then):
    tiny.write(OVERLAP, experiment_that(then))
    runs(tiny)
    assert runs(tiny) == 3
    assert runs(tiny) == 3


def test_after_a_change_of_the_time_limit_all_run(ran):
    ran.replace("conf/tiny.toml", "time_limit = ", "time_limit = 1")
    assert runs(ran) == 10


def its_inputs(project):
    """Return what could change the history of each cell of an environment, as digests."""
    investigation = read_investigation(project.root, "tiny")
    cells = planned_cells(project.root, investigation)
    own = [one for one in cells if one.environment == "dictionary"]
    return inputs(project.root, investigation, own)


INSTALLS = 'installs = "conf/requirements/server.txt"'

CHANGES = {
    "the time limit": ("conf/tiny.toml", "time_limit = 10", "time_limit = 11"),
    "what must be imported": ("conf/tiny.toml", 'imports = ["json"]', 'imports = ["csv"]'),
    "the lock": ("conf/requirements/tiny/dictionary.txt", "", "# another\n"),
    "the lock of a server": ("conf/requirements/server.txt", "", "server==2\n"),
    "the driver": ("experiments/tiny/driver.py", "", "\n#\n"),
}
"""What changes of these files: the old text and the new one, or what is added."""


@pytest.mark.parametrize(("file", "old", "new"), CHANGES.values(), ids=CHANGES)
def test_whatever_could_change_a_history_is_one_of_its_inputs(served, file, old, new):
    served.write("conf/requirements/server.txt", "")
    served.replace("conf/tiny.toml", 'title = "A ledger"', 'title = "A ledger"\n' + INSTALLS)
    before = its_inputs(served)
    text = served.path(file).read_text()
    served.write(file, text.replace(old, new) if old else text + new)
    after = its_inputs(served)
    assert before.keys() == after.keys()
    assert not [cell for cell in before if before[cell] == after[cell]]


@pytest.mark.parametrize("of", ["platform.platform", "sqlite_release"])
def test_so_is_what_runs_it(tiny, monkeypatch, of):
    before = its_inputs(tiny)
    monkeypatch.setattr(f"casebook.observe.earlier.{of}", lambda: "another")
    after = its_inputs(tiny)
    assert not [cell for cell in before if before[cell] == after[cell]]


def test_an_environment_that_could_not_be_imported_is_asked_whole_where_a_cell_changed(tiny):
    assert "10 unavailable" in tiny.run("closure-not-importable").stdout
    assert "none changed" in tiny.run("closure-not-importable").stdout
    tiny.write("no_such_library.py", "")
    path = "experiments/tiny/overlap.py"
    tiny.write(path, tiny.path(path).read_text() + "#\n")
    assert "10 of 10 cells" in tiny.run("closure-not-importable").stdout
    assert tiny.record("closure-not-importable")["unavailable"] is None


def test_a_record_of_what_could_not_be_imported_is_written_again_as_it_was(tiny):
    tiny.run("closure-not-importable")
    before = tiny.record_file("closure-not-importable").read_bytes()
    tiny.record_file("closure-not-importable").unlink()
    assert "none changed" in tiny.run("closure-not-importable").stdout
    assert tiny.record_file("closure-not-importable").read_bytes() == before


@pytest.mark.parametrize("lock", ["zzz==1.0\n", "zzz==1.0\npytest==1\n"])
def test_an_environment_that_is_not_what_its_lock_holds_is_a_fault(tiny, lock):
    tiny.write("conf/requirements/tiny/dictionary.txt", lock)
    process = tiny.run("dictionary")
    assert process.returncode == 1
    assert "is installed, the lock holds" in process.stderr
    assert not tiny.record_file().exists()


def test_a_cell_that_is_planned_no_more_leaves_the_record_and_nothing_runs(ran):
    claims = "experiments/tiny/claims.py"
    ran.replace(claims, 'experiments=("in-turn", "overlap")', 'experiments=("in-turn",)')
    ran.replace("conf/tiny.toml", '["in-turn", "overlap"]', '["in-turn"]')
    process = ran.run("dictionary")
    assert process.returncode == 0, process.stderr
    assert "7 cells, none changed" in process.stdout
    assert not any(cell["experiment"] == "overlap" for cell in ran.record()["cells"])


def test_cells_that_are_named_run_each_time(ran):
    assert "1 of 1 cells" in ran.run("dictionary", "--cells", "counts-by-name/wire").stdout


@pytest.mark.parametrize("text", ["", "{", "[]", '{"notes": 1}', '{"notes": {"a/b": {}}}'])
def test_notes_that_cannot_be_read_are_none(tmp_path, text):
    (tmp_path / "x.json").write_text(text)
    assert read_notes(tmp_path / "x.json") == {}


def test_notes_are_read_as_they_were_written(tmp_path):
    notes = {("a", "b"): Note("f" * 64, "2026-11-27", 2, ("e" * 64,), (0.1, 0.2))}
    (tmp_path / "x.json").write_text(json.dumps({"notes": as_json(notes)}))
    assert read_notes(tmp_path / "x.json") == notes


def test_another_python_says_itself_what_runs_a_cell(monkeypatch):
    own = machine("")
    monkeypatch.setattr("casebook.observe.earlier.python", lambda release: sys.executable)
    assert machine("3.98") == own


def test_a_python_that_is_not_here_runs_nothing(monkeypatch):
    monkeypatch.setattr("casebook.observe.earlier.python", lambda release: None)
    assert machine("3.98") == ""
