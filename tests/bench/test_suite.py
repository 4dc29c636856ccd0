"""What pytest counted is read from its closing line."""

from bench.suite import counts


def test_the_last_line_counts():
    assert counts(
        "=== 3 passed in 0.1s ===\n\n==== 812 passed, 3 skipped in 200.12s (0:03:20) ====\n"
    ) == ("812 passed, 3 skipped")


def test_colors_are_no_part_of_it():
    assert counts("\x1b[32m\x1b[1m12 passed\x1b[0m\x1b[32m in 0.10s\x1b[0m") == "12 passed"


def test_no_closing_line_is_said():
    assert counts("killed") == "pytest did not finish"
