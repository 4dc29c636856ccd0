"""A new investigation: what is written, and what is refused."""

import json
import tomllib
from importlib.metadata import PackageNotFoundError

import pytest

from casebook import DISTRIBUTION, ENGINE, __version__
from casebook.cli import new
from casebook.cli.main import main
from casebook.cli.new import Taken, write_new
from tests.conftest import CASEBOOK


def test_it_is_written_with_the_project_around_it(tmp_path, capsys):
    assert main(["--root", str(tmp_path), "new", "who-greets"]) == 0
    assert (tmp_path / "experiments/who_greets/claims.py").exists()
    assert 'title = "Who greets"' in (tmp_path / "conf/who-greets.toml").read_text()
    assert "make report" in capsys.readouterr().out


def test_nothing_is_left_to_fill_in(tmp_path):
    for path in write_new(tmp_path, "greeting"):
        assert "@" not in str(path)
        assert not any(word in path.read_text() for word in ("@id@", "@module@", "@title@", "@req"))


def test_the_project_that_is_there_stays_as_it_is(tmp_path):
    (tmp_path / "noxfile.py").write_text("# mine\n")
    written = write_new(tmp_path, "greeting")
    assert (tmp_path / "noxfile.py").read_text() == "# mine\n"
    assert tmp_path / "noxfile.py" not in written


def test_an_id_that_is_taken_is_refused_and_nothing_is_written(tmp_path, capsys):
    (tmp_path / "conf").mkdir()
    (tmp_path / "conf" / "greeting.toml").write_text("")
    assert main(["--root", str(tmp_path), "new", "greeting"]) == 2
    assert "conf/greeting.toml exists: choose another id" in capsys.readouterr().err
    assert [path.name for path in tmp_path.iterdir()] == ["conf"]


@pytest.mark.parametrize(
    "id",
    ["Greeting", "2greet", "a b", "../up", "site", "test", "rigs", "results", "async", "import"],
)
def test_what_cannot_be_an_id_is_refused(tmp_path, id):
    with pytest.raises(Taken):
        write_new(tmp_path, id)
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("id", ["greeting", "who-greets", "match", "a-1"])
def test_what_is_written_can_be_compiled(tmp_path, id):
    for path in write_new(tmp_path, id):
        if path.suffix == ".py":
            compile(path.read_bytes(), path, "exec")


def required(folder, monkeypatch, noted):
    """Return what the new project installs where the installer noted this of the engine."""

    class Installed:
        def read_text(self, name):
            return noted and json.dumps(noted)

    monkeypatch.setattr(new, "distribution", lambda name: Installed())
    write_new(folder, "greeting")
    return (folder / "requirements.txt").read_text().splitlines()[1:]


def test_the_package_is_called_as_it_is_required():
    project = tomllib.loads((CASEBOOK / "pyproject.toml").read_text())["project"]
    assert project["name"] == DISTRIBUTION


@pytest.mark.parametrize(
    ("noted", "required_as"),
    [
        (None, f"=={__version__}"),
        ({"url": "https://a.example/x.whl", "archive_info": {}}, " @ https://a.example/x.whl"),
        (
            {"url": "https://a.example/x.whl", "archive_info": {"hashes": {"sha256": "12ab"}}},
            " @ https://a.example/x.whl#sha256=12ab",
        ),
        (
            {
                "url": "https://a.example/x.git",
                "vcs_info": {"vcs": "git", "commit_id": "0ff1ce"},
                "subdirectory": "engine",
            },
            " @ git+https://a.example/x.git@0ff1ce#subdirectory=engine",
        ),
    ],
)
def test_the_project_installs_the_engine_that_wrote_it(tmp_path, monkeypatch, noted, required_as):
    assert required(tmp_path, monkeypatch, noted) == [f"{DISTRIBUTION}{required_as}"]


def test_a_place_on_one_machine_is_called_so(tmp_path, monkeypatch):
    place = {"url": "file:///wheels/x.whl", "archive_info": {}}
    *comment, requirement = required(tmp_path, monkeypatch, place)
    assert "one machine" in comment[0]
    assert requirement == f"{DISTRIBUTION} @ file:///wheels/x.whl"


def test_a_checkout_is_required_as_the_folder_that_it_is(tmp_path, monkeypatch):
    def missing(name):
        raise PackageNotFoundError(name)

    monkeypatch.setattr(new, "distribution", missing)
    write_new(tmp_path, "greeting")
    last = (tmp_path / "requirements.txt").read_text().splitlines()[-1]
    assert last == f"{DISTRIBUTION} @ {ENGINE.parent.as_uri()}"
