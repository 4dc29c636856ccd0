"""A mistake says where it is and how to fix it."""

import pytest

from casebook.plan.mistakes import PlanError, one_of


def test_a_mistake_names_the_file_the_place_the_problem_and_the_fix():
    error = PlanError("conf/tiny.toml", "pattern 'db'.backend", "unknown backend 'x'", "write 'y'")
    assert str(error) == "conf/tiny.toml: pattern 'db'.backend: unknown backend 'x'; write 'y'"


@pytest.mark.parametrize(
    ("word", "known", "hint"),
    [
        ("sqlit", ["sqlite", "postgresql"], "did you mean 'sqlite'?"),
        ("x", ["sqlite", "postgresql"], "known: 'sqlite', 'postgresql'"),
        ("x", [], "there are none yet"),
    ],
)
def test_of_an_unknown_word_what_may_be_meant_is_named(word, known, hint):
    assert one_of(word, known) == hint
