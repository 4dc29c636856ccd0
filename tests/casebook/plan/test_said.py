"""Statements are read with their quotations and bindings, and refused where they are wrong."""

import pytest

from casebook.judge.project import read_report
from casebook.plan.mistakes import PlanError
from tests.casebook.plan.builders import STATEMENTS, error_in_said, said


def test_what_is_said_is_read_with_its_quotations_and_bindings(tiny):
    first, second, third = said(tiny).statements
    assert [one.text for one in first.quotations] == [
        "A dictionary keeps its counts apart.",
        "Dictionary | apart: yes",
    ]
    assert first.bindings[0].claims == ("counts-apart",)
    assert (second.bindings[0].check, second.bindings[0].of) == ("begins-at", "0")
    assert (third.bindings, third.opinion) == ((), "A matter of taste.")


def test_an_investigation_without_the_file_has_no_statements(tiny):
    tiny.path(STATEMENTS).unlink()
    assert said(tiny) is None
    assert read_report(tiny.root, "tiny").stated == ()


def test_required_stands_for_every_required_claim(tiny):
    tiny.replace(STATEMENTS, 'claims = ["counts-apart"]', 'claims = ["required"]')
    assert said(tiny).statements[0].bindings[0].claims == ("wires", "counts-apart")


BOUND = 'check = "begins-at", of'
"""Where a binding begins that tests break."""


@pytest.mark.parametrize(
    ("old", "new", "key", "fix"),
    [
        (BOUND, f'said = "x", {BOUND}', "check[1].said", "'says'"),
        (
            'says = "supported" }]\n\n[[statement]]\nid = "dictionaries-are',
            'says = "yes" }]\n\n[[statement]]\nid = "dictionaries-are',
            "says",
            "supported",
        ),
        ('opinion = "A matter of taste."\n', "", "statement 'dictionaries-are-best'", "opinion"),
        ('opinion = "A matter of taste."', "opinon = 1", "opinon", "'opinion'"),
        (
            'id = "dictionaries-keep-counts-apart"',
            'id = "dictionaries-keep-counts-apart"\nopinion = "x"',
            "statement 'dictionaries-keep-counts-apart'",
            "write either",
        ),
        (
            'id = "dictionaries-count-from-zero"',
            'id = "dictionaries-count-from-zero"\nopinion = "x"',
            "statement 'dictionaries-count-from-zero'",
            "write either",
        ),
        ('id = "dictionaries-are-best"', 'id = "dictionaries-count-from-zero"', "id", "change one"),
        ('checks = "experiments.tiny.checks"', 'checks = "no.such"', "checks", "fix the name"),
    ],
)
def test_what_is_wrong_is_named_with_its_fix(tiny, old, new, key, fix):
    tiny.replace(STATEMENTS, old, new)
    error = error_in_said(tiny)
    assert key in error.key
    assert fix in error.fix


def test_a_checks_module_that_fails_is_named(tiny):
    tiny.write("experiments/tiny/checks.py", "import no_such_library\n")
    with pytest.raises(PlanError, match=r"checks.py: line 1: ModuleNotFoundError"):
        said(tiny)
