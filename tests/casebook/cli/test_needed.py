"""What must run, and what had not to: of a run of one environment of the miniature."""

import json
import sys
from datetime import UTC, datetime, timedelta

import pytest

from casebook.cli.main import main
from casebook.cli.needed import ran_since
from tests.casebook.builders import AXIS, OLDER, append

NOW = datetime.now(UTC)


@pytest.fixture
def ran(tiny):
    process = tiny.run("dictionary")
    assert process.returncode == 0, process.stderr
    return tiny


MORE = """
[[pattern]]
id = "another-global"
title = "Desk(count) once more"
backend = "module-global"
function = "one_global"
"""


def needed(project, capsys, *what):
    capsys.readouterr()
    assert main(["--root", str(project.root), "needs", *what]) == 0
    return capsys.readouterr().out.split()


# --- Environments ---------------------------------------------------------------------------------


def test_environments_that_were_observed_here_are_not_needed(ran, capsys):
    others = needed(ran, capsys, "experiments")
    assert "dictionary" not in others
    assert "closure" in others
    assert "dictionary" in needed(ran, capsys, "experiments", "--fresh")


def test_another_interpreter_observes_all_again(ran, capsys, monkeypatch):
    monkeypatch.setattr("sys.version", f"{sys.version} of another")
    assert "dictionary" in needed(ran, capsys, "experiments")


def test_the_environment_with_the_most_cells_runs_first(tiny, capsys):
    declared = needed(tiny, capsys, "experiments")
    assert declared[0] != "module-global"
    append(tiny, "conf/tiny.toml", MORE)
    others = [id for id in declared if id != "module-global"]
    assert needed(tiny, capsys, "experiments") == ["module-global", *others]


def test_an_environment_that_could_not_be_rerun_is_needed(ran, capsys):
    facts = json.loads(ran.facts_file().read_text()) | {"status": "not-rerun"}
    ran.facts_file().write_text(json.dumps(facts))
    assert "dictionary" in needed(ran, capsys, "experiments")


def test_an_environment_with_a_cell_that_is_planned_no_more_is_needed(ran, capsys):
    claims = "experiments/tiny/claims.py"
    ran.replace(claims, 'experiments=("in-turn", "overlap")', 'experiments=("in-turn",)')
    ran.replace("conf/tiny.toml", '["in-turn", "overlap"]', '["in-turn"]')
    assert "dictionary" in needed(ran, capsys, "experiments")


# --- What had not to run --------------------------------------------------------------------------


def test_where_all_cells_ran_nothing_is_said(ran):
    assert ran_since(ran.root, NOW - timedelta(hours=1)) == ""


def test_cells_that_had_not_to_run_are_counted_with_the_day(ran):
    today = json.loads(ran.facts_file().read_text())["started"][:10]
    assert ran_since(ran.root, NOW + timedelta(hours=1)) == (
        f"10 cells are unchanged since {today}, when observed here; `-- --fresh` runs all"
    )


def test_where_some_ran_both_are_counted(ran):
    facts = json.loads(ran.facts_file().read_text()) | {"ran": 3}
    ran.facts_file().write_text(json.dumps(facts))
    assert ran_since(ran.root, NOW - timedelta(hours=1)).startswith("3 cells ran, 7 are unchanged ")


# --- A sweep --------------------------------------------------------------------------------------


def test_a_sweep_needs_what_axes_generate_and_was_not_observed_here(swept, capsys):
    assert swept.run(OLDER).returncode == 0
    assert needed(swept, capsys, "sweep") == ["dictionary-at-tally-1.1", "dictionary-at-tally-2.0"]
    assert OLDER in needed(swept, capsys, "sweep", "--fresh")
    assert not [id for id in needed(swept, capsys, "experiments") if "-at-" in id]


def test_a_sweep_may_be_of_some_packages(swept, capsys):
    other = AXIS.replace('"tally"', '"beads"').replace('"1.0", "1.1", "2.0"', '"1"')
    append(swept, "conf/tiny.toml", other)
    swept.write("conf/requirements/tiny/dictionary-at-beads-1.txt", "")
    assert needed(swept, capsys, "sweep", "beads") == ["dictionary-at-beads-1"]


def test_a_package_without_an_axis_is_wrong_usage(swept, capsys):
    assert main(["--root", str(swept.root), "needs", "sweep", "taly"]) == 2
    assert "no [[axis]] has the package 'taly': did you mean 'tally'?" in capsys.readouterr().err


def test_a_python_that_is_not_installed_is_not_needed(swept, capsys):
    axis = AXIS.replace('"tally"', '"python"').replace('"1.0", "1.1", "2.0"', '"3.98"')
    append(swept, "conf/tiny.toml", axis)
    swept.write("conf/requirements/tiny/dictionary-at-python-3.98.txt", "")
    assert needed(swept, capsys, "sweep", "python") == []


def test_an_edit_sweeps_again_what_it_touches_and_no_more(swept, capsys):
    releases = [OLDER, "dictionary-at-tally-1.1", "dictionary-at-tally-2.0"]
    for id in releases:
        assert swept.run(id).returncode == 0
    assert needed(swept, capsys, "sweep") == []
    closure = "experiments/tiny/backends/closure.py"
    swept.write(closure, swept.path(closure).read_text() + "\n\nMORE = 1\n")
    assert needed(swept, capsys, "sweep") == []
    overlap = "experiments/tiny/overlap.py"
    swept.write(overlap, swept.path(overlap).read_text() + "\n\nMORE = 1\n")
    assert needed(swept, capsys, "sweep") == releases
    assert "7 of them unchanged" in swept.run(OLDER).stdout
