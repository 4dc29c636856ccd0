"""The markers around a citation: what they hold, and that nothing ends them early."""

import json

import pytest

from casebook.cite.block import (
    Block,
    BlockPart,
    Marker,
    Uncitable,
    closing_marker,
    fitting,
    found,
    opening_marker,
    seal,
    size,
)

DIGEST = "b3055f7accbb" + "1" * 52


def a_marker(**changes):
    values = {"investigation": "tiny", "claim": "good", "edition": DIGEST[:12], "digest": DIGEST}
    return Marker(**{**values, **changes})


def a_block(*texts, **changes):
    return Block(a_marker(**changes), tuple(BlockPart("the text", text) for text in texts))


def only(text):
    (one,) = found(text)
    return one


def test_a_block_is_found_with_what_it_answers():
    one = only("Hello\n\n" + a_block("a\n", "b\n", pattern="used").text + "\nBye\n")
    assert one.marker == a_marker(pattern="used")
    assert one.content == "a\nb\n"
    assert one.whole


def test_what_is_asked_stands_first_so_that_a_later_reply_finds_it_whatever_the_edition():
    assert opening_marker(a_marker(pattern="used")).startswith(
        '<!-- casebook:begin {"form":1,"investigation":"tiny","claim":"good","pattern":"used",'
    )


@pytest.mark.parametrize(
    "hostile", ["--><script>", "a--b", "--", "---", "-", "\n", '"}', "é\u2028"]
)
def test_nothing_that_a_marker_names_ends_it(hostile):
    line = opening_marker(a_marker(claim=hostile))
    assert line.count("\n") == 1
    inside = line.removeprefix("<!-- ").removesuffix(" -->\n")
    assert not [one for one in ("--", "<", ">") if one in inside]
    assert only(line).marker.claim == hostile


def test_several_blocks_are_found_in_one_thread():
    thread = a_block("a\n").text + "and\n" + a_block("b\n", claim="other").text
    assert [(one.marker.claim, one.content) for one in found(thread)] == [
        ("good", "a\n"),
        ("other", "b\n"),
    ]


def test_a_block_without_an_end_goes_to_the_next():
    cut = a_block("a\n").text.splitlines(keepends=True)[0]
    first, second = found(cut + "x\n" + a_block("b\n").text)
    assert (first.seal, first.content, first.whole) == (None, "x\n", False)
    assert second.whole


def test_line_ends_that_a_browser_sends_change_nothing():
    assert only(a_block("a\n\nb \n").text.replace("\n", "\r\n")).whole


def test_a_block_that_a_reply_quotes_is_found():
    quoted = "".join(
        f"> {line}".replace("> \n", ">\n") for line in a_block("a\n\nb\n").text.splitlines(True)
    )
    one = only(f"so:\n{quoted}yes\n")
    assert one.whole
    assert (one.first, one.last, one.quoted) == (1, 6, "> ")


def test_an_end_inside_a_line_is_none():
    assert only(a_block(f"x {closing_marker('')}", f"    {closing_marker('')}").text).whole


def test_a_text_without_a_block_has_none():
    assert list(found("")) == list(found("# A\n\n<!-- casebook -->\n")) == []


ASKED = {"form": 1, "investigation": "tiny", "claim": "good"}
EDITION = {"edition": "0" * 12, "digest": "0" * 64}


@pytest.mark.parametrize(
    ("held", "message"),
    [
        ("{}", "cannot be read"),
        ("{'form': 1}", "cannot be read"),
        ('{"form": 2}', "of form 2, and this Casebook writes 1"),
        (json.dumps({**ASKED, "form": 0, **EDITION}), "of form 0, and this Casebook writes 1"),
        (json.dumps(ASKED), "cannot be read"),
        (json.dumps({**ASKED, "edition": "0" * 12, "digest": "x"}), "cannot be read"),
        (json.dumps({**ASKED, "edition": "0" * 12, "digest": "1" * 64}), "not the beginning"),
    ],
)
def test_a_marker_that_is_none_says_why(held, message):
    with pytest.raises(Uncitable, match=message):
        only(f"<!-- casebook:begin {held} -->\n").marker


def test_an_edited_text_is_not_the_sealed_one():
    assert not only(a_block("a\n").text.replace("\na\n", "\nb\n")).whole


def fitted(*lengths, required=0):
    parts = [
        BlockPart(f"part {number}", "x" * (length - 1) + "\n", number < required)
        for number, length in enumerate(lengths)
    ]
    return fitting(a_marker(), parts, lambda names: f"left out: {', '.join(names)}\n")


def test_what_fits_is_whole():
    assert [part.name for part in fitted(100, 200).parts] == ["part 0", "part 1"]


def test_the_last_parts_are_left_out_first():
    made = fitted(30_000, 30_000, 10_000, 10)
    assert [part.name for part in made.parts] == ["part 0", "part 1", "what was left out"]
    assert made.parts[-1].text == "left out: part 2, part 3\n"


def test_what_is_required_stays():
    made = fitted(10, 70_000, 10, required=1)
    assert [part.name for part in made.parts] == ["part 0", "what was left out"]


def test_no_block_reaches_the_limit_and_none_that_stays_below_is_cut():
    for length in range(64_900, 65_300):
        whole = Block(
            a_marker(), (BlockPart("a", "x" * 9 + "\n"), BlockPart("b", "y" * length + "\n"))
        )
        made = fitting(a_marker(), whole.parts, lambda names: "left out\n")
        assert size(made.text) < 65_536
        assert (made == whole) == (size(whole.text) < 65_536)


def test_a_part_of_many_is_called_the_rest():
    parts = [BlockPart("the table", "x" * 30_000 + "\n") for _ in range(3)]
    made = fitting(a_marker(), parts, lambda names: f"left out: {', '.join(names)}\n")
    assert made.parts[-1].text == "left out: the rest of the table\n"


def test_the_seal_is_the_digest_of_the_text():
    assert seal("a\n") == seal("a\r\n\n") != seal("b\n")


def short(*heights):
    parts = [BlockPart(f"part {number}", "x\n" * height) for number, height in enumerate(heights)]
    return fitting(a_marker(short=True), parts, lambda names: "left out\n")


def test_a_short_block_has_sixty_lines_with_its_markers_and_not_one_more():
    assert len(short(50, 8).text.splitlines()) == 60
    assert [part.name for part in short(50, 9).parts] == ["part 0", "what was left out"]


def test_the_seal_is_the_same_where_an_editor_cut_the_spaces_at_the_ends_of_lines():
    assert seal("a \nb\t\n") == seal("a\nb\n")


def test_a_size_counts_bytes_and_line_ends_as_two():
    assert size("é\n") == 4
