"""What is kept of bisections, and how it is read again."""

from dataclasses import replace
from typing import Any

import pytest

from casebook.judge.bisected import (
    Bisection,
    Bisections,
    Step,
    bisections_file,
    read_bisections,
)
from casebook.judge.results import Problem
from casebook.releases.bisections import keep

MADE = Bisection(
    claim="counts-apart",
    pattern="counts-by-name",
    package="tally",
    environment="dictionary",
    database="sqlite",
    python="3.11",
    turned=True,
    before="1.1",
    first="1.3",
    skipped=("1.2",),
    moved={"other": ("1", "2")},
    experiment="in-turn",
    parting="after event 3",
    steps=(Step("1.1", "supported", "so"), Step("1.2", None, "no"), Step("1.3", "refuted", "not")),
    inputs="00",
)


def kept(folder):
    """The bisections that are kept, of a file that can be read."""
    found = read_bisections(folder, "tiny")
    assert isinstance(found, Bisections), found
    return found.bisections


def test_nothing_is_kept_at_first(tmp_path):
    assert kept(tmp_path) == ()


def test_what_is_kept_is_read_again(tmp_path):
    assert keep(tmp_path, "tiny", MADE) is None
    assert kept(tmp_path) == (MADE,)
    assert MADE.step("1.2").reason == "no"


@pytest.mark.parametrize("key", ["claim", "pattern", "package", "environment", "database"])
def test_the_same_question_asked_again_takes_the_place_of_the_earlier_answer_alone(tmp_path, key):
    changes: dict[str, Any] = {key: "another"}
    other, later = replace(MADE, **changes), replace(MADE, first="1.4")
    for one in (MADE, other, later):
        keep(tmp_path, "tiny", one)
    assert set(map(str, kept(tmp_path))) == {str(other), str(later)}


def test_a_file_that_cannot_be_read_is_a_problem_and_stays(tmp_path):
    keep(tmp_path, "tiny", MADE)
    file = tmp_path / bisections_file("tiny")
    file.write_text(file.read_text().replace('"turned": true', '"turned": 1'))
    before = file.read_text()
    problem = keep(tmp_path, "tiny", MADE)
    assert isinstance(problem, Problem)
    assert "turned" in problem.place
    assert file.read_text() == before


def test_a_file_of_another_form_is_a_problem(tmp_path):
    keep(tmp_path, "tiny", MADE)
    file = tmp_path / bisections_file("tiny")
    file.write_text(file.read_text().replace('"schema": 1', '"schema": 7'))
    problem = Problem(bisections_file("tiny"), "$.schema", "schema 7, this Casebook reads 1")
    assert read_bisections(tmp_path, "tiny") == problem
