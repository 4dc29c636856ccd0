"""What a statement names is declared, and what it is bound to can be decided."""

import pytest

from tests.casebook.plan.builders import STATEMENTS, error_in_said

BOUND = 'check = "begins-at", of'
"""Where a binding begins that tests break."""


@pytest.mark.parametrize(
    ("old", "new", "key", "fix"),
    [
        ('["counts-apart"]', '["count-apart"]', "finding[1].claims", "'counts-apart'"),
        ('check = "begins-at"', 'check = "begin-at"', "check[1].check", "'begins-at'"),
        (BOUND, f'databases = ["x"], {BOUND}', "databases", "'sqlite'"),
        (BOUND, f'environments = ["closure"], {BOUND}', "environments", "'dictionary'"),
        (
            'source = "letter", section = "C',
            'source = "leter", section = "C',
            "n[1].source",
            "'letter'",
        ),
        ('source = "notes"\nwhy', 'source = "note"\nwhy', "nothing[1].source", "'notes'"),
    ],
)
def test_a_name_that_is_not_declared_is_named_with_its_fix(tiny, old, new, key, fix):
    tiny.replace(STATEMENTS, old, new)
    error = error_in_said(tiny)
    assert key in error.key
    assert fix in error.fix


def test_a_claim_is_bound_only_to_patterns_that_it_is_asked_of(tiny):
    tiny.replace(STATEMENTS, 'claims = ["counts-apart"], patterns = ["counts-by-name"]',
                 'claims = ["no-warnings"], patterns = ["mixed-up"]')  # fmt: skip
    error = error_in_said(tiny)
    assert "claim 'no-warnings' is not asked of 'mixed-up'" in str(error)


def test_a_check_is_bound_only_to_patterns_that_are_about_the_same(tiny):
    tiny.replace("experiments/tiny/checks.py", 'about=""', 'about="looking"')
    assert "check 'begins-at' is not asked of 'counts-by-name'" in str(error_in_said(tiny))
