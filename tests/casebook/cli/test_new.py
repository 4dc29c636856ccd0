"""A new investigation: what is written, and what is refused."""

import pytest

from casebook.cli.main import main
from casebook.cli.new import Taken, write_new


def test_it_is_written_with_the_project_around_it(tmp_path, capsys):
    assert main(["--root", str(tmp_path), "new", "who-greets"]) == 0
    assert (tmp_path / "experiments/who_greets/claims.py").exists()
    assert 'title = "Who greets"' in (tmp_path / "conf/who-greets.toml").read_text()
    assert "make report" in capsys.readouterr().out


def test_nothing_is_left_to_fill_in(tmp_path):
    for path in write_new(tmp_path, "greeting"):
        assert "@" not in str(path)
        assert not any(word in path.read_text() for word in ("@id@", "@module@", "@title@"))


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


@pytest.mark.parametrize("id", ["Greeting", "2greet", "a b", "../up", "site", "test"])
def test_what_cannot_be_an_id_is_refused(tmp_path, id):
    with pytest.raises(Taken):
        write_new(tmp_path, id)
