"""An author's mistake is told with its place, and no library's verdict turns for it."""

import json

import pytest

from casebook.observe.mistakes import briefly
from tests.casebook.builders import AXIS, OLDER
from tests.casebook.observe.builders import OVERLAP, experiment_that
from tests.conftest import Project

TOML = "conf/tiny.toml"
BACKEND = "experiments/tiny/backends/dictionary.py"
ROW = 'id = "dictionary"\ntitle = "Counting with a dictionary"\nbackend = "dictionary"\n'


def with_import(project: Project, line: str) -> int:
    """Let the backend's module begin with this import, and return its line."""
    text = project.path(BACKEND).read_text()
    project.write(
        BACKEND, text.replace("from collections import", f"{line}\nfrom collections import")
    )
    return project.path(BACKEND).read_text().splitlines().index(line) + 1


def faults(project: Project, environment: str = "dictionary") -> list[str]:
    return json.loads(project.facts_file(environment).read_text()).get("faults", [])


def test_a_backends_own_import_that_fails_leaves_the_record_and_names_its_line(
    tiny: Project,
) -> None:
    assert tiny.run("dictionary").returncode == 0
    before = tiny.record_file().read_bytes()
    line = with_import(tiny, "from json import lods")

    process = tiny.run("dictionary")

    said = f"{BACKEND} line {line}: ImportError: cannot import name 'lods' from 'json'"
    assert process.returncode == 1
    assert said in process.stderr
    assert tiny.record_file().read_bytes() == before
    shown = " ".join(tiny.casebook("summary").stdout.split())
    assert "The experiments failed" in shown
    assert f"in dictionary: {said}" in shown
    assert "import inside the patterns' functions" in shown


def test_what_a_release_of_an_axis_lacks_is_an_observation(tiny: Project) -> None:
    tiny.write(TOML, tiny.path(TOML).read_text() + AXIS)
    tiny.write(f"conf/requirements/tiny/{OLDER}.txt", "")
    for other in ("dictionary-at-tally-1.1", "dictionary-at-tally-2.0"):
        tiny.write(f"conf/requirements/tiny/{other}.txt", "")
    with_import(tiny, "from json import lods")

    process = tiny.run(OLDER)

    assert process.returncode == 0, process.stderr
    assert faults(tiny, OLDER) == []


def test_what_a_library_raises_as_a_backend_imports_it_is_an_observation(tiny: Project) -> None:
    tiny.write("lib/site-packages/broken.py", "raise ImportError('broken')\n")
    path = tiny.path("lib/site-packages")
    with_import(tiny, f"import sys; sys.path.insert(0, {str(path)!r}); import broken")

    assert tiny.run("dictionary").returncode == 0
    (history,) = tiny.histories("counts-by-name", "wire")
    assert history["reason"] == "ImportError: broken"


@pytest.mark.parametrize("module", ["jsn", "jsn.decoder"])
def test_a_module_that_no_environment_installs_is_a_mistake_in_its_row(
    tiny: Project, module: str
) -> None:
    row = f'{ROW}install = []\nimports = ["json"'
    tiny.replace(TOML, row, row.replace('"json"', f'"{module}"'))

    process = tiny.run("dictionary")

    assert process.returncode == 1
    said = f"{TOML}: environment 'dictionary'.imports: its lock installs no module {module!r}"
    assert said in process.stderr
    assert not tiny.record_file().exists()
    assert said in " ".join(tiny.casebook("summary").stdout.split())


def test_an_environment_that_differs_from_another_may_lack_a_module(tiny: Project) -> None:
    assert tiny.run("closure-not-importable").returncode == 0
    assert "no_such_library" in tiny.record("closure-not-importable")["unavailable"]


def test_an_experiment_that_raises_is_named_in_the_summary(tiny: Project) -> None:
    tiny.write(OVERLAP, experiment_that("1 / 0"))

    assert tiny.run("dictionary").returncode == 1

    (said,) = faults(tiny)
    assert said.startswith(f"{OVERLAP} line 7: ZeroDivisionError: division by zero (in ")
    shown = " ".join(tiny.casebook("summary").stdout.split())
    assert f"The experiments failed in dictionary: {OVERLAP} line 7: Zero" in shown
    assert "first mend how the experiments failed" in shown


def test_it_is_forgotten_once_it_is_mended(tiny: Project) -> None:
    right = tiny.path(OVERLAP).read_text()
    tiny.write(OVERLAP, experiment_that("1 / 0"))
    tiny.run("dictionary")
    tiny.write(OVERLAP, right)

    assert tiny.run("dictionary").returncode == 0
    assert faults(tiny) == []


def test_a_traceback_in_a_line_names_the_projects_own_code(tiny: Project) -> None:
    fault = f'''Traceback (most recent call last):
  File "/engine/casebook/observe/cell.py", line 9, in attempt
  File "{tiny.root}/experiments/tiny/overlap.py", line 4, in run
  File "{tiny.root}/.venv/lib/python3.11/site-packages/tally.py", line 2, in next
ValueError: no'''
    assert briefly(tiny.root, fault) == "experiments/tiny/overlap.py line 4: ValueError: no"
    assert briefly(tiny.root, "a warm parent ended") == "a warm parent ended"


IN_A_THREAD = """
import threading
from casebook.record import Trial

def run(trial: Trial) -> None:
    thread = threading.Thread(target=lambda: 1 / 0)
    thread.start()
    thread.join()
"""


def test_what_an_experiment_raises_in_a_thread_is_said(tiny: Project) -> None:
    tiny.write(OVERLAP, IN_A_THREAD)

    process = tiny.run("dictionary")

    said = f"dictionary: {OVERLAP} line 6: ZeroDivisionError: division by zero, "
    assert process.returncode == 0
    assert said in process.stderr
    assert process.stderr.count("raise again in `run` what threads raised") == 1
