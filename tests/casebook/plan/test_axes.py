"""An axis of releases as data: what a release is called, and what it is installed with."""

from casebook.plan.axes import Axis, Companion, Former

AXIS = Axis(
    package="tally-next",
    start="dictionary",
    releases=("1.0", "2.0"),
    companions=(Companion(("1.0",), ("abacus<2",), "it needs beads"),),
    former=(Former("tally", ("1.0",)),),
)


def test_a_release_is_called_as_the_index_knew_it():
    assert AXIS.name_at("1.0") == "tally"
    assert AXIS.name_at("2.0") == "tally-next"


def test_an_environment_is_named_by_its_start_the_package_then_and_the_release():
    assert AXIS.environment_id("1.0") == "dictionary-at-tally-1.0"
    assert AXIS.environment_id("2.0") == "dictionary-at-tally-next-2.0"


def test_companions_are_those_of_the_release():
    assert [one.install for one in AXIS.companions_at("1.0")] == [("abacus<2",)]
    assert AXIS.companions_at("2.0") == ()
