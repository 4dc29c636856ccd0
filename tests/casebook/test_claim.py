"""A claim and a check are made of their functions."""

from typing import Any

import pytest

from casebook.claim import Verdict, check, claim, inconclusive, refuted, supported
from casebook.record import Event


def test_a_checkers_docstring_is_the_claims_text():
    @claim(experiments=("wire",), supported_by=("right",), refuted_by={"wrong": "why"})
    def stays_whole(history):
        """It stays whole.

        Nothing breaks.
        """

    assert (stays_whole.id, stays_whole.title, stays_whole.text) == (
        "stays-whole",
        "It stays whole",
        "Nothing breaks.",
    )


def test_a_checker_without_a_docstring_is_refused():
    def silent(history):
        return supported("")

    with pytest.raises(TypeError, match="no docstring"):
        claim(experiments=(), supported_by=(), refuted_by={})(silent)


@pytest.mark.parametrize(
    ("say", "word"),
    [(supported, "supported"), (refuted, "refuted"), (inconclusive, "inconclusive")],
)
def test_a_verdict_has_its_word_its_reason_and_its_events(say, word):
    event = Event("used")
    assert say("why", event) == Verdict(word, "why", (event,))


def declared(**changes):
    def holds(history):
        """It holds."""

    controls = {"supported_by": ("right",), "refuted_by": {"wrong": "why"}}
    asked: dict[str, Any] = {"experiments": ("wire",), **controls, **changes}
    return claim(**asked)(holds)


def test_a_claim_is_required_and_weighs_and_is_no_gate_unless_it_says_so():
    one = declared()
    assert (one.required, one.weighs, one.gate, one.baseline, one.about) == (
        True, True, False, None, "",
    )  # fmt: skip


def test_a_claim_says_what_is_so_where_it_is_refuted():
    assert declared().otherwise == "holds refuted"
    assert declared(otherwise="deprecated").otherwise == "deprecated"


def test_a_claim_names_its_controls_the_right_ones_first_and_its_baseline():
    one = declared(baseline="like-this")
    assert one.controls == ("right", "wrong")
    assert [name for name in ("right", "wrong", "like-this", "other") if one.names(name)] == [
        "right",
        "wrong",
        "like-this",
    ]


# --- Checks ---------------------------------------------------------------------------------------


def test_a_check_is_made_of_its_function_and_asked_as_a_claim():
    @check(experiments=("use",), about="looking")
    def begins_at(history, of):
        """Where does it begin?"""
        return supported(f"{history} begins at {of}")

    asked = begins_at.asked("0")
    assert (asked.id, asked.title, asked.about) == ("begins-at", "Where does it begin?", "looking")
    assert asked.check("it").reason == "it begins at 0"


def test_a_check_without_a_docstring_is_refused():
    with pytest.raises(TypeError, match="'silent' has no docstring"):

        @check(experiments=(), about="")
        def silent(history, of):
            return supported("")
