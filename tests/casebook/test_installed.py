"""Where an environment's interpreter is, and why one could not be installed."""

import pytest

from casebook.installed import (
    EnvironmentMissing,
    cannot,
    interpreter,
    is_final,
    is_installed,
    python,
    reason,
)


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


def test_a_long_name_may_have_been_shortened_by_nox(tmp_path, monkeypatch):
    monkeypatch.setenv("CASEBOOK_ENVIRONMENTS", str(tmp_path))
    long = "counting-with-a-dictionary-beside-an-abacus-at-counting-with-a-dictionary-1.1-and-so-on"
    path = installed(tmp_path, "367097e7")
    assert interpreter(tmp_path, long) == path


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


# --- What cannot be -------------------------------------------------------------------------------

BROKEN = """\
error: Failed to build `tally==1`
  cause: The build backend returned an error
"""


@pytest.mark.parametrize(
    ("reason", "words", "error"),
    [
        ("cannot be resolved: a and b", "cannot be resolved", "a and b"),
        ("cannot be installed: no wheel", "cannot be installed", "no wheel"),
        ("ImportError: no name", "cannot be imported", "ImportError: no name"),
    ],
)
def test_what_an_environment_cannot_be_is_said_in_words_that_fit(reason, words, error):
    assert cannot(reason) == (words, error)


def test_what_cannot_be_built_cannot_be_built_another_time():
    assert is_final(BROKEN)


@pytest.mark.parametrize("said", [NO_NETWORK, NO_SOLUTION, BROKEN + "Connection refused"])
def test_what_was_out_of_reach_this_time_says_nothing_of_the_lock(said):
    assert not is_final(said)


def test_requirements_without_a_solution_have_none_another_time():
    assert is_final(NO_SOLUTION, resolving=True)
    assert not is_final(f"{NO_SOLUTION} the network\nwas disabled", resolving=True)


# --- Another Python -------------------------------------------------------------------------------


@pytest.fixture
def pythons(tmp_path, monkeypatch):
    """Return a function that puts a Python of a release into a folder; nothing else is there."""
    for name in ("PYENV_ROOT", "UV_PYTHON_INSTALL_DIR", "XDG_DATA_HOME"):
        monkeypatch.setenv(name, str(tmp_path / name))
    monkeypatch.setenv("PATH", str(tmp_path / "path"))
    python.cache_clear()

    def put(folder, release, name="python3.99"):
        path = tmp_path / folder / name
        path.parent.mkdir(parents=True)
        path.write_text(f"#!/bin/sh\necho Python {release}\n")
        path.chmod(0o755)
        return str(path)

    yield put
    python.cache_clear()


def test_a_python_in_the_path_is_found(pythons):
    path = pythons("path", "3.99.1")
    assert python("3.99") == path


def test_the_newest_of_pyenv_is_found_where_the_path_leads_nowhere(pythons):
    pythons("path", "3.98.0")
    pythons("PYENV_ROOT/versions/3.99.9/bin", "3.99.9")
    newest = pythons("PYENV_ROOT/versions/3.99.10/bin", "3.99.10")
    assert python("3.99") == newest


def test_a_python_that_uv_installed_is_found(pythons):
    path = pythons("UV_PYTHON_INSTALL_DIR/cpython-3.99.1-linux-x86_64-gnu/bin", "3.99.1")
    assert python("3.99") == path


def test_a_python_that_is_not_there_is_none(pythons):
    assert python("3.99") is None
