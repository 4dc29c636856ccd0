"""The command line: what it waits for, and how it fails."""

import os
import subprocess
import sys

import pytest

from casebook.cli.command import UsageError
from casebook.cli.main import main
from casebook.exit_codes import HarnessError
from casebook.installed import EnvironmentMissing
from casebook.record import NoServer
from tests.conftest import CASEBOOK


def modules_after(*arguments):
    code = "import sys, runpy; sys.argv = ['casebook', *{}]\ntry: runpy.run_module('casebook')\n"
    code += "except SystemExit: pass\nprint(*sys.modules, file=sys.stderr)"
    program = code.replace("run_module('casebook')", "run_module('casebook', run_name='__main__')")
    ended = subprocess.run(
        [sys.executable, "-c", program.format(list(arguments))],
        cwd=CASEBOOK,
        capture_output=True,
        text=True,
        check=True,
    )
    return set(ended.stderr.split())


def test_help_waits_for_none_of_the_site_s_libraries():
    assert modules_after("--help").isdisjoint({"msgspec", "jinja2", "sphinx"})


def test_running_experiments_needs_the_standard_library_alone(tiny):
    loaded = modules_after("--root", str(tiny.root), "run", "dictionary")
    outside = {name.partition(".")[0] for name in loaded} - sys.stdlib_module_names
    assert {name for name in outside if not name.startswith(("_", "__"))} <= {
        "casebook",
        "experiments",
        "sitecustomize",
    }


def test_a_wrong_file_is_one_line_with_file_place_and_fix(tiny, capsys):
    file = tiny.root / "conf" / "tiny.toml"
    file.write_text(file.read_text().replace('backend = "closure"', 'backend = "colsure"', 1))
    assert main(["--root", str(tiny.root), "summary"]) == 2
    [line] = capsys.readouterr().err.splitlines()
    assert line.startswith("casebook: conf/tiny.toml: environment 'closure'.backend: ")


def test_a_reader_that_stops_reading_is_no_error(tiny):
    command = f'"{sys.executable}" -m casebook --root "{tiny.root}" verdicts | true'
    ended = subprocess.run(command, shell=True, cwd=CASEBOOK, capture_output=True, text=True)
    assert "Traceback" not in ended.stderr


@pytest.mark.parametrize(
    ("error", "code", "said"),
    [
        (UsageError("name it"), 2, "name it"),
        (EnvironmentMissing("run it first"), 2, "run it first"),
        (HarnessError("it broke"), 1, "it broke"),
        (NoServer("postgresql: not there"), 3, "postgresql: not there"),
        (KeyboardInterrupt(), 130, "interrupted: nothing is half-written"),
    ],
)
def test_an_error_is_one_line_and_has_its_exit_code(error, code, said, monkeypatch, capsys):
    def failed(root):
        raise error

    monkeypatch.setattr("casebook.judge.project.read_reports", failed)
    assert main(["summary"]) == code
    assert capsys.readouterr().err == f"casebook: {said}\n"


def test_a_reader_that_stops_before_the_last_line_is_no_error():
    command = f'{{ "{sys.executable}" -m casebook explain 3; echo "$?" >&2; }} | true'
    buffered = {**os.environ, "PYTHONUNBUFFERED": ""}
    ended = subprocess.run(
        command, shell=True, cwd=CASEBOOK, capture_output=True, text=True, env=buffered
    )
    assert ended.stderr == "0\n"


def test_a_folder_that_is_no_project_is_wrong_usage(tmp_path, capsys):
    assert main(["--root", str(tmp_path), "summary"]) == 2
    assert f"{tmp_path}: conf: does not exist; name the project's folder" in capsys.readouterr().err
