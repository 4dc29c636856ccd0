"""What need not run again: what this machine observed with exactly the same inputs."""

import json

import pytest

from casebook.observe.earlier import Note, as_json, read_notes

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


@pytest.mark.parametrize("lost", ["record", "history", "notes"])
def test_what_is_lost_is_observed_again(ran, lost):
    record = ran.record_file().read_bytes()
    histories = sorted(ran.path("docs/results/tiny/histories").glob("*.json"))
    {"record": ran.record_file(), "history": histories[0], "notes": ran.facts_file()}[lost].unlink()
    assert runs(ran) > 0
    assert ran.record_file().read_bytes() == record
    assert sorted(ran.path("docs/results/tiny/histories").glob("*.json")) == histories


def test_a_record_that_says_otherwise_than_what_was_observed_here_is_observed_again(ran):
    first, second = (cell["histories"][0] for cell in ran.record()["cells"][:2])
    before = ran.record_file().read_text()
    ran.record_file().write_text(before.replace(first, second, 1))
    assert runs(ran) == 1
    assert ran.record_file().read_text() == before


def test_a_cell_that_is_planned_no_more_leaves_the_record_and_nothing_runs(ran):
    claims = "experiments/tiny/claims.py"
    ran.replace(claims, 'experiments=("in-turn", "overlap")', 'experiments=("in-turn",)')
    ran.replace("conf/tiny.toml", '["in-turn", "overlap"]', '["in-turn"]')
    process = ran.run("dictionary")
    assert process.returncode == 0, process.stderr
    assert json.loads(ran.facts_file().read_text())["ran"] == 0
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
