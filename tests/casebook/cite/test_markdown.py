"""Text in Markdown: nothing that a library said ends it or becomes markup."""

import pytest

from casebook.cite.markdown import code, escape, listing, plain


def test_a_fence_is_longer_than_any_that_it_holds() -> None:
    assert listing(["````", "x"]).splitlines() == ["`````text", "````", "x", "`````"]


def test_a_code_span_holds_backticks_and_in_a_table_bars() -> None:
    assert code("a `b` | c", in_table=True) == "``a `b` \\| c``"
    assert code("`b`") == "`` `b` ``"


def test_escaped_text_reads_as_written() -> None:
    assert escape("S1 served R1, R2 and R3") == "S1 served R1, R2 and R3"
    assert escape("a_b*c") == "a\\_b\\*c"


@pytest.mark.parametrize("text", ["a b", r"\ \* x :tada: www.x.y GH-1 a@b & <b> ~s~ $x$ 1: 2"])
def test_what_is_escaped_can_be_read_again(text: str) -> None:
    assert plain(escape(text)) == text


def test_no_name_becomes_a_picture() -> None:
    assert ":tada:" not in escape("done :tada: and :+1:")
    assert ":+1:" not in escape("done :tada: and :+1:")
