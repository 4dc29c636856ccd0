"""Where an environment's interpreter is, and why one could not be installed."""

import pytest

from casebook.installed import EnvironmentMissing, interpreter, is_installed, reason


def installed(folder, name):
    path = folder / name / "bin" / "python"
    path.parent.mkdir(parents=True)
    path.touch()
    return path


def test_the_interpreter_is_in_the_folder_that_nox_made(tmp_path, monkeypatch):
    monkeypatch.delenv("CASEBOOK_ENVIRONMENTS", raising=False)
    path = installed(tmp_path / ".nox", "experiments-flask-admin-2-0-2-lite")
    assert interpreter(tmp_path, "flask-admin-2.0.2-lite") == path


def test_environments_may_be_in_another_folder(tmp_path, monkeypatch):
    monkeypatch.setenv("CASEBOOK_ENVIRONMENTS", str(tmp_path / "elsewhere"))
    path = installed(tmp_path / "elsewhere", "experiments-lite")
    assert interpreter(tmp_path / "project", "lite") == path


def test_an_environment_that_is_not_installed_says_how_to_install_it(tmp_path, monkeypatch):
    monkeypatch.delenv("CASEBOOK_ENVIRONMENTS", raising=False)
    with pytest.raises(EnvironmentMissing, match=r'run `nox -s "experiments\(lite\)"` first'):
        interpreter(tmp_path, "lite")


NO_NETWORK = """\
Using Python 3.11.2 environment at: .nox/experiments-lite
error: Request failed after 3 retries in 6.9s
  cause: Failed to fetch: https://pypi.org/simple/flask-admin/
  cause: Connection refused (os error 111)
"""

NO_SOLUTION = """\
  \x1b[31m\N{MULTIPLICATION SIGN}\x1b[39m No solution found when resolving dependencies:
  \x1b[31m╰─▶\x1b[39m Because you require a==1 and a==2, we are lost.

hint: Try something else.
"""


def test_a_reason_is_one_line_without_durations():
    assert reason(NO_NETWORK) == (
        "Request failed after 3 retries: Failed to fetch: https://pypi.org/simple/flask-admin/: "
        "Connection refused (os error 111)"
    )


def test_a_reason_has_no_colors_no_drawing_and_no_hints():
    assert reason(NO_SOLUTION) == (
        "No solution found when resolving dependencies: Because you require a==1 and a==2, we "
        "are lost."
    )


def test_a_reason_names_no_folder_of_the_machine():
    assert reason("error: Failed to read `/home/maria/work/lite.whl`") == (
        "Failed to read `<path>/lite.whl`"
    )


def test_a_reason_names_no_mirror():
    said = "error: Failed to fetch: https://maria:secret@mirror.example/simple/flask/"
    assert reason(said) == "Failed to fetch: <index>/simple/flask/"


def test_a_reason_is_cut():
    assert len(reason("error: " + 1000 * "why ")) == 400


def test_an_installer_that_says_nothing_gives_a_reason():
    assert reason("") == "the installer failed and said nothing"


def test_what_is_installed_is_what_the_lock_holds(tmp_path, monkeypatch):
    monkeypatch.delenv("CASEBOOK_ENVIRONMENTS", raising=False)
    (tmp_path / "lite.txt").write_text("lite==1\n")
    assert not is_installed(tmp_path, "experiments(lite)", "lite.txt")
    folder = tmp_path / ".nox" / "experiments-lite"
    folder.mkdir(parents=True)
    (folder / "installed.txt").write_text("lite==1\n")
    assert is_installed(tmp_path, "experiments(lite)", "lite.txt")
    (tmp_path / "lite.txt").write_text("lite==2\n")
    assert not is_installed(tmp_path, "experiments(lite)", "lite.txt")
