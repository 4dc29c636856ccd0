"""Grades: one table with the words of each."""

from typing import get_args

import pytest

from casebook.judge.grades import GRADES, WORKING, GradeWord


def test_each_grade_has_its_words_in_the_table_and_nothing_else_has() -> None:
    assert set(GRADES) == set(get_args(GradeWord))


@pytest.mark.parametrize(
    ("grade", "told"),
    [
        ("recommended", "✓ recommended"),
        ("works-but", "! works, but"),
        ("avoid", "✗ avoid"),
        ("unknown", "? unknown"),
    ],
)
def test_each_grade_is_told_by_its_sign_and_its_name(grade: GradeWord, told: str) -> None:
    assert f"{GRADES[grade].sign} {GRADES[grade].name}" == told


def test_grades_are_ranked_from_avoid_to_recommended() -> None:
    ranked = sorted(GRADES, key=lambda grade: GRADES[grade].rank)
    assert ranked == ["avoid", "unknown", "works-but", "recommended"]


def test_what_is_unknown_or_to_be_avoided_does_not_count_as_working() -> None:
    assert WORKING == ("recommended", "works-but")
