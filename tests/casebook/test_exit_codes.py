import pytest

from casebook.exit_codes import gravest


@pytest.mark.parametrize(
    ("codes", "counts"),
    [((0, 0), 0), ((0, 3), 3), ((3, 4), 4), ((4, 1), 1), ((1, 2), 2), ((4, 3, 0), 4), ((0, 77), 1)],
)
def test_the_gravest_of_several_codes_counts(codes, counts):
    assert gravest(*codes) == counts
