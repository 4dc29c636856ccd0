"""Symptoms are read strictly: each can be shown by something, and no two by the same text."""

import pytest

from casebook.plan.conf import read_investigation
from casebook.plan.symptoms import DeclaredSymptoms, Symptom, read_symptoms
from tests.casebook.plan.builders import claims_of, error_of

FILE = "conf/tiny.symptoms.toml"

SYMPTOMS = """
errors = ["warning-raised"]

[[symptom]]
id = "on-its-way-out"
title = "Warning: this counter is on its way out"
match = ["on its way out"]
meaning = "The counter is deprecated."

[[symptom]]
id = "wrong-number"
title = "The number is somebody else's"
claims = ["counts-apart"]
meaning = "Two conversations share a count."
"""


def read(tiny):
    return read_symptoms(tiny.root, read_investigation(tiny.root, "tiny"), claims_of(tiny))


def test_symptoms_are_read_in_the_order_of_the_file(tiny):
    tiny.write(FILE, SYMPTOMS)
    found = read(tiny)
    assert found.errors == ("warning-raised",)
    assert found.symptoms[0] == Symptom(
        "on-its-way-out",
        "Warning: this counter is on its way out",
        "The counter is deprecated.",
        match=("on its way out",),
    )
    assert found.symptom("wrong-number").claims == ("counts-apart",)


def test_without_the_file_there_are_none(tiny):
    assert read(tiny) == DeclaredSymptoms()


WRONG = {
    "nothing that could show it": (
        'match = ["on its way out"]\n',
        "",
        "'on-its-way-out'",
        "match =",
    ),
    "an unknown claim": ('["counts-apart"]', '["counts-apatr"]', ".claims", "'counts-apart'"),
    "a text that another has": (
        'claims = ["counts-apart"]',
        'match = ["on its way out"]',
        "'wrong-number'.match",
        "delete one",
    ),
    "no meaning": ('meaning = "The counter is deprecated."\n', "", ".meaning", "add `meaning"),
    "an id twice": ('"wrong-number"', '"on-its-way-out"', ".id", "change one"),
    "no kinds of events": ('errors = ["warning-raised"]', "errors = []", "errors", "write a list"),
}


@pytest.mark.parametrize(("old", "new", "place", "fix"), WRONG.values(), ids=WRONG)
def test_a_mistake_is_refused_with_its_place_and_a_fix(tiny, old, new, place, fix):
    assert SYMPTOMS.count(old) == 1
    tiny.write(FILE, SYMPTOMS.replace(old, new))
    error = error_of(read, tiny)
    assert error.file == FILE
    assert place in error.key
    assert fix in error.fix
