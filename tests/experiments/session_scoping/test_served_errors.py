"""An exception of one process, raised again in another."""

import traceback

import pytest

from experiments.session_scoping.rig.served.errors import InServer, raise_again, told


class Trouble(RuntimeError):
    """An exception of no standard module."""


def caught(error):
    try:
        raise error
    except Exception as raised:
        return raised


def again(error):
    try:
        raise_again(told(error))
    except Exception as raised:
        return raised


@pytest.mark.parametrize(
    "error",
    [RuntimeError("no"), Trouble("no\nand no"), KeyError("key"), ValueError(), OSError(2, "none")],
)
def test_it_is_printed_alike(error):
    first = caught(error)
    assert traceback.format_exception_only(again(first)) == traceback.format_exception_only(first)


def test_its_notes_are_printed():
    error = caught(RuntimeError("no"))
    error.add_note("because")
    assert "because" in "".join(traceback.format_exception_only(again(error)))


def test_it_comes_out_of_the_same_file():
    *_, (frame, _) = traceback.walk_tb(again(caught(Trouble())).__traceback__)
    assert frame.f_code.co_filename == __file__


def test_it_says_where_it_was_raised_at_first():
    cause = again(caught(Trouble("no"))).__cause__
    assert isinstance(cause, InServer)
    assert "in caught" in str(cause)
