"""Text in one line, and in a block that nothing inside it closes."""

import pytest

from casebook.text import fence, one_line


def test_nothing_inside_a_fence_closes_it():
    text = fence("```\n````\n</div>", "{raw} html")
    assert text.startswith("`````{raw} html\n")
    assert text.endswith("\n`````\n")


def test_one_line_shows_what_it_cannot_print_by_number() -> None:
    assert one_line("a\n\t b\x1b[31m\u202e") == "a b\\u001b[31m\\u202e"
    assert one_line("a long text", 6) == "a lon…"


def test_one_line_keeps_a_text_that_fits_as_it_is():
    assert one_line("é ✓ text") == "é ✓ text"
    assert one_line("four", 4) == "four"


def test_one_line_is_never_longer_than_its_width_and_does_not_end_in_a_space():
    assert one_line("one two three", 5) == "one…"


@pytest.mark.parametrize("character", ["\x00", "\x7f", "\u200b", "\u202e", "\ufeff"])
def test_one_line_leaves_nothing_that_nobody_would_see(character):
    assert one_line(f"a{character}b") == f"a\\u{ord(character):04x}b"


def test_a_fence_has_three_ticks_where_that_is_enough():
    assert fence("a `b` ``c``\n\n", "python") == "```python\na `b` ``c``\n```\n"
