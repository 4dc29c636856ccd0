"""What a cell imports while it runs is among the files that outdate its record."""

import json
import subprocess
from pathlib import Path

import pytest

from casebook.installed import EnvironmentMissing, interpreter
from casebook.plan.cells import cell_inputs, cells_in
from casebook.plan.conf import read_investigation

pytestmark = pytest.mark.slow

ROOT = Path(__file__).resolve().parents[3]

RUN = """
import importlib, json, sys, tempfile
from casebook.record import Trial

package, patterns, function, experiment = sys.argv[1:]
investigation = importlib.import_module(package)
investigation.warm()
investigation.prepare("sqlite", "")
pattern = getattr(importlib.import_module(patterns), function)
module = importlib.import_module(experiment)
with tempfile.TemporaryDirectory() as folder:
    module.run(Trial(pattern, "sqlite", folder, lambda event: None))
own = [one for name, one in list(sys.modules.items()) if name.startswith(package)]
files = [vars(one).get("__file__") for one in own]
print(json.dumps([file for file in files if file]), file=sys.stderr)
"""


@pytest.mark.parametrize(
    ("pattern", "experiment"),
    [
        ("session", "three-requests"),
        ("session", "operations-with-options"),
        ("session", "streamed"),
        ("session", "refusing-hooks"),
        ("scoped-session-removed", "overlap"),
        ("plain-views", "operations-failing"),
    ],
)
def test_what_a_cell_imports_is_an_input_of_it(pattern, experiment):
    investigation = read_investigation(ROOT, "session_scoping")
    cells = cells_in(ROOT, investigation, "flask-sqlalchemy")
    (cell,) = (
        one
        for one in cells
        if (one.pattern, one.experiment, one.database) == (pattern, experiment, "sqlite")
    )
    inputs = {one.partition("::")[0] for one in cell_inputs(ROOT, investigation, [cell])[cell]}
    declared = investigation.pattern(pattern)
    arguments = (
        investigation.experiments,
        investigation.backend(declared.backend).patterns,
        declared.function,
        investigation.experiment_module(experiment),
    )
    try:
        python = interpreter(ROOT, "flask-sqlalchemy")
    except EnvironmentMissing as error:
        pytest.skip(str(error))
    ran = subprocess.run(
        [python, "-c", RUN, *arguments], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert ran.returncode == 0, ran.stderr
    imported = {
        Path(file).relative_to(ROOT).as_posix() for file in json.loads(ran.stderr.splitlines()[-1])
    }
    assert imported <= inputs
    assert len(imported) > 5


def test_how_a_server_serves_is_no_input_of_a_cell_without_one():
    investigation = read_investigation(ROOT, "session_scoping")
    cells = cells_in(ROOT, investigation, "flask-sqlalchemy-with-servers")
    cells += cells_in(ROOT, investigation, "flask-sqlalchemy")
    served = {
        cell.experiment
        for cell, inputs in cell_inputs(ROOT, investigation, cells).items()
        if any("/rig/served/threads.py" in one for one in inputs)
    }
    assert served == {
        "gunicorn-preloaded",
        "gunicorn-preloaded-after-use",
        "gunicorn-threads",
        "waitress-threads",
    }
