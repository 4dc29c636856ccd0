"""Statements are read with their sources and bindings, and refused where they are wrong."""

import pytest

from casebook.judge.project import read_report
from casebook.plan.claims import read_claims
from casebook.plan.conf import read_investigation
from casebook.plan.investigation import PlanError
from casebook.plan.statements import read_statements
from tests.casebook.plan.builders import STATEMENTS


def read(tiny):
    investigation = read_investigation(tiny.root, "tiny")
    return read_statements(tiny.root, investigation, read_claims(tiny.root, investigation))


def error_of(tiny):
    with pytest.raises(PlanError) as caught:
        read(tiny)
    assert caught.value.file == STATEMENTS
    return caught.value


def test_what_is_said_is_read_with_its_quotations_and_bindings(tiny):
    first, second, third = read(tiny).statements
    assert [one.text for one in first.quotations] == [
        "A dictionary keeps its counts apart.",
        "Dictionary | apart: yes",
    ]
    assert first.bindings[0].claims == ("counts-apart",)
    assert (second.bindings[0].check, second.bindings[0].of) == ("begins-at", "0")
    assert (third.bindings, third.opinion) == ((), "A matter of taste.")


def test_an_investigation_without_the_file_has_no_statements(tiny):
    tiny.path(STATEMENTS).unlink()
    assert read(tiny) is None
    assert read_report(tiny.root, "tiny").stated == ()


def test_required_stands_for_every_required_claim(tiny):
    tiny.replace(STATEMENTS, 'claims = ["counts-apart"]', 'claims = ["required"]')
    assert read(tiny).statements[0].bindings[0].claims == ("wires", "counts-apart")


BOUND = 'check = "begins-at", of'
"""Where a binding begins that tests break."""


@pytest.mark.parametrize(
    ("old", "new", "key", "fix"),
    [
        ('["counts-apart"]', '["count-apart"]', "finding[1].claims", "'counts-apart'"),
        ('check = "begins-at"', 'check = "begin-at"', "check[1].check", "'begins-at'"),
        (BOUND, f'databases = ["x"], {BOUND}', "databases", "'sqlite'"),
        (BOUND, f'environments = ["closure"], {BOUND}', "environments", "'dictionary'"),
        (BOUND, f'said = "x", {BOUND}', "check[1].said", "'says'"),
        (
            'says = "supported" }]\n\n[[statement]]\nid = "dictionaries-are',
            'says = "yes" }]\n\n[[statement]]\nid = "dictionaries-are',
            "says",
            "supported",
        ),
        (
            'source = "letter", section = "C',
            'source = "leter", section = "C',
            "n[1].source",
            "'letter'",
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
        ('source = "notes"\nwhy', 'source = "note"\nwhy', "nothing[1].source", "'notes'"),
    ],
)
def test_what_is_wrong_is_named_with_its_fix(tiny, old, new, key, fix):
    tiny.replace(STATEMENTS, old, new)
    error = error_of(tiny)
    assert key in error.key
    assert fix in error.fix


def test_a_claim_is_bound_only_to_patterns_that_it_is_asked_of(tiny):
    tiny.replace(STATEMENTS, 'claims = ["counts-apart"], patterns = ["counts-by-name"]',
                 'claims = ["no-warnings"], patterns = ["mixed-up"]')  # fmt: skip
    error = error_of(tiny)
    assert "claim 'no-warnings' is not asked of 'mixed-up'" in str(error)


def test_a_check_is_bound_only_to_patterns_that_are_about_the_same(tiny):
    tiny.replace("experiments/tiny/checks.py", 'about=""', 'about="looking"')
    assert "check 'begins-at' is not asked of 'counts-by-name'" in str(error_of(tiny))


def test_a_checks_module_that_fails_is_named(tiny):
    tiny.write("experiments/tiny/checks.py", "import no_such_library\n")
    with pytest.raises(PlanError, match=r"checks.py: line 1: ModuleNotFoundError"):
        read(tiny)
