"""Quotations are compared with texts without markup, under their headings, in cells of tables."""

import pytest

from casebook.plan.quoted import Cell, Text, cells, holds, mistaken_text, nearest, plain


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("**Bold** and _slanted_ and `code`", "Bold and slanted and code"),
        ("a snake_case_name stays", "a snake_case_name stays"),
        ("```thread_safe``` is ``True``", "thread_safe is True"),
        ("[link](https://a.example/b) ![image](b.png) [other][ref]", "link image other"),
        ("`words <https://a.example>`_ and :func:`~pkg.name`", "words and pkg.name"),
        ("> some\n> lines\n- an item\n2. another\n## A heading",
         "some lines an item another A heading"),
        ("│ a box │\n└───┘", "a box"),
        (r"an escaped \* star, C:\path", "an escaped star, C:\\path"),
        ("3 * 4 at\n  most", "3 4 at most"),
    ],
)  # fmt: skip
def test_markup_and_white_space_are_left_out(text, words):
    assert plain(text) == words


def test_a_quotation_begins_and_ends_where_words_do():
    assert holds("It is unknown.", "unknown")
    assert not holds("It is unknown.", "known")
    assert not holds("It is unknown.", "unkno")
    assert holds("✔️ yes", "✔️")
    assert not holds("Anything", "**")
    assert holds("two ** stars", "**")


def test_the_nearest_words_are_those_that_resemble_most():
    text = "One is slow. Setting it to ```False``` enhances performance. Nothing else."
    assert nearest(text, "Setting it to False makes coffee.") == (
        "Setting it to False enhances performance."
    )
    assert nearest(text, "xyz") == ""


MARKDOWN = """
# Title

Above all.

## First

In the first.

### Below

Deeper.

```python
# Not a heading
code()
...
```

```code``` that begins a line is no fence.

After the code.

Underlined
----------

In the second.
"""


def test_a_part_holds_the_headings_below_its_own_and_no_comment_ends_it():
    (first,) = Text(MARKDOWN).under("First")
    for words in ("First", "In the first.", "Deeper.", "code()", "After the code."):
        assert words in first
    assert "In the second." not in first
    assert Text(MARKDOWN).headings == ["Title", "First", "Below", "Underlined"]
    assert Text(MARKDOWN).sections_of("After the code.") == ["Below"]


FENCES = """
# Title

````markdown
```
# Not a heading
```
# Not a heading either
````

~~~ python
```
# Nor this
~~~

## Second
"""


def test_a_fence_ends_at_one_that_is_as_long_and_of_the_same_kind():
    assert Text(FENCES).headings == ["Title", "Second"]


RESTRUCTURED = """
=====
Title
=====

v2 (today)
----------

# not a heading here
- Fixed ``it``.

v1
--

- Began::

    code
"""


def test_underlined_headings_are_those_of_restructured_text():
    text = Text(RESTRUCTURED, ".rst")
    assert text.headings == ["Title", "v2 (today)"]
    (second,) = text.under("v2 (today)")
    assert "Fixed" in second


def test_a_line_of_its_own_may_be_the_heading():
    (part,) = Text("Before:\n\nnothing\n\n**After:**\n\nall\n").under("After:")
    assert part == "**After:**\n\nall"


def test_headings_with_the_same_words_are_each_a_part():
    assert len(Text("# A\none\n# B\n# A\ntwo\n").under("A")) == 2


@pytest.mark.parametrize(
    "table",
    [
        "| |**x**|y|\n|:-|---|---|\n|`a`|1|2|\n|b|3|4|",
        "r | x | y\n--- | --- | ---\na | 1 | 2\nb | 3 | 4",
        "+--+--+--+\n|  |x |y |\n+==+==+==+\n|a |1 |2 |\n+--+--+--+\n|b |3 |4 |\n+--+--+--+",
        "== == ==\n.. x  y\n== == ==\na  1  2\nb  3  4\n== == ==",
    ],
)
def test_the_cells_of_a_table_have_a_row_and_a_column(table):
    assert list(cells(f"Words.\n\n{table}\n\nMore words.")) == [
        Cell("a", "x", "1"),
        Cell("a", "y", "2"),
        Cell("b", "x", "3"),
        Cell("b", "y", "4"),
    ]


def test_two_tables_are_apart():
    found = cells("|r|x|\n|-|-|\n|a|1|\n\n|r|y|\n|-|-|\n|a|2|\n")
    assert list(found) == [Cell("a", "x", "1"), Cell("a", "y", "2")]


def test_a_cell_that_states_nothing_is_named_with_its_row_and_column():
    table = Text("# T\n\n|r|x|\n|-|-|\n|a|1|\n")
    assert mistaken_text(table, "T", "a | x | 1") == ("", "", "")
    assert mistaken_text(table, "T", "a | x | 2")[0] == "texts"
