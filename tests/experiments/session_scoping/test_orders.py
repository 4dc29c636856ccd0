"""What comes out of operations in each order in which they may have run."""

from experiments.session_scoping.rig.orders import (
    apart,
    create_rows,
    delete_rows,
    edit_rows,
    edit_rows_inline,
    extend_rows,
    in_some_order,
    read_rows,
)


def test_two_at_once_come_out_as_in_one_order_or_the_other():
    assert in_some_order([edit_rows, edit_rows], {0}) == [
        "done, done: Edited by b, Post, none new",
        "done, done: Edited by a, Post, none new",
    ]


def test_one_that_was_over_before_the_other_began_stands_before_it():
    assert in_some_order([edit_rows, read_rows], set()) == [
        "done, shows Edited by a: Edited by a, Post, none new"
    ]


def test_those_that_run_inside_a_preempted_one_stand_in_their_own_order():
    found = in_some_order([extend_rows, read_rows, delete_rows], {0})
    assert found == [
        "done, shows Old again, done: no user, no post, none new",
        "done, shows Old, done: no user, no post, none new",
        "refused, shows Old, done: no user, no post, none new",
    ]


def test_what_is_gone_can_be_neither_changed_nor_deleted_and_what_exists_not_created():
    for operation in (edit_rows, edit_rows_inline, extend_rows, delete_rows):
        found = in_some_order([delete_rows, operation], set())
        assert found == ["done, refused: no user, no post, none new"]
    assert in_some_order([create_rows, create_rows], set()) == [
        "done, refused: Old, Post, New by a"
    ]


def test_three_of_which_two_are_preempted_may_have_run_in_any_order():
    found = in_some_order([edit_rows, edit_rows, edit_rows], {0, 1})
    assert {one.partition(": ")[2].split(",")[0] for one in found} == {
        "Edited by a",
        "Edited by b",
        "Edited by c",
    }


def test_operations_that_meet_on_no_rows_come_out_as_each_does_alone():
    assert apart([edit_rows, delete_rows]) == (
        "done, done: Edited by a, Post, none new; no user, no post, none new"
    )
