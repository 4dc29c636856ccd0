"""The engine as a package: built, installed and used where nothing else of this project is."""

import json

import pytest

from tests.installed import Installed

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("package")]


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """An investigation that the installed engine wrote, ran, judged and tested."""
    installed = Installed(tmp_path_factory.mktemp("installed"))
    installed.call("casebook", "new", "greeting")
    installed.call("make", "report")
    installed.call("make", "test")
    return installed


def test_a_new_investigation_is_observed_and_answered(made):
    said = made.call("casebook", "summary").stdout
    assert "8 of 8 cells observed; 8 of 8 controls as declared" in said
    assert "avoid        HurriedGreeter().greet: confuses guests" in said


def test_what_is_printed_for_programs_is_that_of_the_site(made):
    printed = json.loads(made.call("casebook", "verdicts").stdout)
    published = json.loads((made.folder / "build/html/verdicts.json").read_text())
    assert printed == published


def test_the_engine_is_digested_wherever_it_is_installed(made):
    record = json.loads(
        (made.folder / "docs/results/greeting/greeting-plain.none.json").read_text()
    )
    assert "casebook/observe/cell.py" in record["digests"]
    assert all(len(digest) == 64 for digest in record["digests"].values())


def test_an_environment_sees_the_engine_and_none_of_its_libraries(made):
    (alone,) = (made.folder / "build" / "engine").iterdir()
    assert [path.name for path in alone.iterdir()] == ["casebook"]
    record = json.loads(
        (made.folder / "docs/results/greeting/greeting-plain.none.json").read_text()
    )
    assert record["releases"] == {}


def test_the_second_time_nothing_runs_and_nothing_changes(made):
    for command in (
        ("init", "-q"),
        ("add", "."),
        ("-c", "user.name=x", "-c", "user.email=x", "commit", "-qm", "x"),
    ):
        made.call("git", *command)
    assert "8 cells are unchanged" in made.call("make", "report").stdout
    assert made.call("git", "status", "--porcelain").stdout == ""


def test_a_second_investigation_stands_beside_the_first(made):
    made.call("casebook", "new", "parting")
    said = made.call("make", "report").stdout
    assert said.count("8 of 8 controls as declared") == 2
    made.call("make", "test")
