"""The mutants that a plan makes of installed files."""

import pytest

from casebook.plan.conf import read_investigation
from casebook.plan.mistakes import PlanError
from casebook.plan.mutants import read_mutants
from casebook.proof.mutants import chosen_of, mutants_of
from tests.casebook.plan.builders import HARMLESS_MUTANTS, MUTANTS, OPERATORS, TARGET, put_mutants

pytestmark = pytest.mark.slow


def made(project, *texts):
    put_mutants(project, *texts)
    investigation = read_investigation(project.root, "tiny")
    return mutants_of(project.root, investigation, read_mutants(project.root, investigation))


def test_a_mutant_is_named_by_file_function_operator_and_number(counting):
    assert [mutant.id for mutant in made(counting, OPERATORS, TARGET)] == [
        "tally/count.py:Tally.__init__:negate:1",
        "tally/count.py:Tally.next:one-key:1",
        "tally/count.py:Tally.next:left-out:1",
        "tally/count.py:Tally.next:left-out:2",
        "tally/count.py:Tally.next:negate:1",
        "tally/count.py:Tally.key:one-key:1",
        "tally/count.py:Tally.unused:left-out:1",
        "tally/count.py:step:one-key:1",
    ]


def test_a_mutant_says_in_words_and_in_lines_what_changed(counting):
    mutant = made(counting, OPERATORS, TARGET)[3]
    assert mutant.title == "Tally.next leaves out self.note(key)"
    assert mutant.difference == "-        self.note(key)\n+        pass"


def test_mutants_are_chosen_by_patterns_of_their_ids(counting):
    mutants = made(counting, OPERATORS, TARGET)
    assert chosen_of(mutants, []) == mutants
    assert [one.operator for one in chosen_of(mutants, ["*:step:*", "*.key:*"])] == ["one-key"] * 2
    assert chosen_of(mutants, ["*:stride:*"]) == ()


WRONG = {
    "a file that is not installed": ("count.py", "cuont.py", "target[1].file", "does not exist"),
    "a function that is not there": ('"step"', '"stride"', "target[1].functions", "'stride'"),
    "an operator that does nothing": ('"reset", "note"', '"forget"', "operators", "'left-out'"),
    "a change that is no Python": ('by = "0"', 'by = "0)"', "operators", "is no Python: unmatched"),
    "the same change twice": (TARGET, 2 * TARGET, "target[2]", "Tally.__init__:negate:1"),
    "a reason for nothing": ("left-out:2", "left-out:9", "Tally.next:left-out:9'", "no such"),
}


@pytest.mark.parametrize(("old", "new", "key", "problem"), WRONG.values(), ids=WRONG)
def test_a_plan_that_does_not_fit_what_is_installed_is_wrong(counting, old, new, key, problem):
    text = OPERATORS + TARGET + HARMLESS_MUTANTS
    assert old in text
    with pytest.raises(PlanError) as caught:
        made(counting, text.replace(old, new, 1))
    assert caught.value.file == MUTANTS
    assert caught.value.key.endswith(key)
    assert problem in str(caught.value)
