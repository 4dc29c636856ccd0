"""What became of findings, told: rows, lines, and Markdown that nothing can break."""

from dataclasses import replace

from casebook.cite.compared import compared_lines, compared_markdown, turned_rows
from casebook.judge.comparison import Compared, Comparison, Side, Turn
from casebook.judge.settings import Difference
from casebook.plan.investigation import Setting

HERE, THERE = Setting("now", "sqlite"), Setting("now", "postgresql")


def one(claim="good", pattern="used", setting=HERE, verdict="supported", reason="S1 was good"):
    id = ".".join((claim, pattern, *setting))
    return Compared(id, claim, pattern, setting[0], setting[1], verdict, reason, {})


def turn(claim="good", pattern="used", setting=HERE, verdict="refuted", reason="S1 was bad"):
    before, after = one(claim, pattern, setting), one(claim, pattern, setting, verdict, reason)
    return Turn(before, after, "use", "after event 1 (start): before, good; after, bad")


def comparison(*turns, **more):
    return Comparison(
        Side("then", {}), Side("now", {}), turns, **{"appeared": (), "went": (), **more}
    )


def test_settings_and_patterns_that_tell_the_same_are_one_row():
    turns = [turn(pattern=name, setting=at) for name in ("a", "b") for at in (HERE, THERE)]
    (row,) = turned_rows(turns)
    assert (row.pattern, row.where) == ("a, b", "now (sqlite, postgresql)")


def test_patterns_that_turned_in_other_settings_are_rows_of_their_own():
    turns = [turn(pattern="a"), turn(pattern="b"), turn(pattern="b", setting=THERE)]
    assert [row.pattern for row in turned_rows(turns)] == ["a", "b"]


def test_other_reasons_are_rows_of_their_own_and_what_is_refuted_comes_first():
    turns = [turn(verdict="inconclusive", reason="no occasion"), turn(pattern="b")]
    assert [row.became for row in turned_rows(turns)] == ["refuted", "inconclusive"]


def test_what_was_otherwise_before_is_a_row_of_its_own():
    was = turn(pattern="b")
    others = (
        replace(was, before=replace(was.before, verdict="inconclusive")),
        replace(was, before=replace(was.before, reason="S2 was good")),
        replace(was, parting="after event 2"),
    )
    for other in others:
        assert [row.pattern for row in turned_rows([turn(pattern="a"), other])] == ["a", "b"]


def test_the_lines_have_counts_a_table_and_the_reasons():
    assert compared_lines(comparison(turn(), same={HERE: 3})) == (
        "1 finding turned: 1 from supported to refuted; "
        "0 say the same of other releases; 3 say the same of",
        "  the same releases.",
        "claim  pattern  where         verdict",
        "good   used     now (sqlite)  supported -> refuted",
        "      before: S1 was good",
        "      after: S1 was bad",
        "      in use: after event 1 (start): before, good; after, bad",
    )


def test_releases_that_moved_and_what_only_one_side_has_are_told():
    moved = {HERE: (Difference("library", "1", "2"), Difference("new", None, "1"))}
    told = comparison(moved=moved, same={HERE: 2}, appeared=(one("new"),), went=(one("old"),))
    assert compared_lines(told) == (
        "No finding turned; 2 say the same of other releases; 0 say the same of the same releases.",
        "  Other releases in now (sqlite): library 1 -> 2, new none -> 1.",
        "  1 finding appeared: pattern used.",
        "  1 finding went: pattern used.",
    )


def test_what_has_no_room_is_counted():
    turns = [turn(f"c{number}") for number in range(5)]
    assert compared_lines(comparison(*turns), 2)[-1] == "and 3 more rows"
    assert "| and 3 more | | | | |" in compared_markdown(comparison(*turns), 2)
    assert "more" not in compared_markdown(comparison(*turns), None)


def test_markdown_shows_any_text_and_does_nothing():
    hostile = turn(reason="<script> | @somebody [x](y)\n# no")
    text = compared_markdown(comparison(hostile))
    assert "\\<script\\> \\| @&#8203;somebody \\[x\\](y) # no" in text
    assert "| `good` | `used` | now (sqlite) | supported | refuted |" in text
