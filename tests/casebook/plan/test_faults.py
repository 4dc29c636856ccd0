"""Faults are read strictly, and ask for the runs that their findings need."""

import pytest

from casebook.plan import faults
from casebook.plan.cells import planned_cells
from casebook.plan.claims import read_claims
from casebook.plan.conf import read_investigation
from casebook.plan.faults import cells_of_fault, read_faults
from casebook.plan.mistakes import PlanError
from tests.casebook.plan.builders import FAULTS, ONE_COUNT, UNTURNED, put

# --- What comes of a fault ------------------------------------------------------------------------


def test_no_more_runs_than_the_named_findings_need(tiny):
    put(tiny, ONE_COUNT)
    investigation = read_investigation(tiny.root, "tiny")
    (fault,) = read_faults(tiny.root, investigation).faults
    cells = cells_of_fault(
        planned_cells(tiny.root, investigation),
        investigation,
        read_claims(tiny.root, investigation),
        fault,
    )
    assert {(cell.pattern, cell.experiment) for cell in cells} == {
        ("counts-by-name", "wire"),
        ("counts-by-name", "in-turn"),
        ("counts-by-name", "overlap"),
        ("kept-apart", "wire"),
        ("kept-apart", "in-turn"),
        ("kept-apart", "overlap"),
        ("mixed-up", "in-turn"),
        ("mixed-up", "overlap"),
        ("raises-when-wired", "wire"),
    }


# --- What is wrong in the TOML --------------------------------------------------------------------

WRONG = {
    "an unknown key": ("title =", "tilte =", "fault 'one-count'.tilte", "'title'"),
    "no file": ('file = "', '#file = "', "fault 'one-count'.file", "add `file = ...`"),
    "an empty text": ('new = "        return self.counts.total()"', 'new = ""', "new", "non-empty"),
    "no change": ("self.counts.total()", "self.counts[conversation]", "one-count'.new", "wrong"),
    "a file elsewhere": ('file = "', 'file = "../', "one-count'.file", "inside site-packages"),
    "no environment": ('"dictionary"', '"dictionery"', "one-count'.environment", "'dictionary'"),
    "no database": (
        'environment = "dictionary"',
        'environment = "dictionary"\ndatabase = "sqlight"',
        "fault 'one-count'.database",
        "'sqlite'",
    ),
    "no claim": ('"counts-apart"', '"counts-apatr"', "turns[1].claim", "'counts-apart'"),
    "no pattern": ('"counts-by-name", p', '"one-global", p', "turns[1].pattern", "counts-by-name"),
    "no phrase": (', phrase = "saw what another"', "", "turns[1].phrase", "add `phrase = ...`"),
    "a control that the claim does not name": (
        '"counts-by-name", p',
        '"warns-when-wired", p',
        "fault 'one-count'.turns[1].pattern",
        "a control that the claim names",
    ),
    "nothing turns or stays": (ONE_COUNT[ONE_COUNT.index("turns") :], "", "one-count'", "`turns"),
    "a fault that comes twice": (ONE_COUNT, 2 * ONE_COUNT, "one-count'.id", "change one of them"),
    "an unturned claim that turns": (
        ONE_COUNT,
        ONE_COUNT + UNTURNED.format("counts-apart"),
        "unturned 'counts-apart'",
        "delete this row",
    ),
    "an unturned claim that is none": (
        ONE_COUNT,
        ONE_COUNT + UNTURNED.format("no-warning"),
        "unturned[1].claim",
        "'no-warnings'",
    ),
}


@pytest.mark.parametrize(("old", "new", "key", "fix"), WRONG.values(), ids=WRONG)
def test_a_wrong_file_names_its_place_and_its_fix(tiny, old, new, key, fix):
    assert old in ONE_COUNT
    put(tiny, ONE_COUNT.replace(old, new, 1))
    with pytest.raises(PlanError) as caught:
        read_faults(tiny.root, read_investigation(tiny.root, "tiny"))
    assert caught.value.file == FAULTS
    assert caught.value.key.endswith(key)
    assert fix in caught.value.fix


def test_an_investigation_needs_no_faults(tiny):
    assert read_faults(tiny.root, read_investigation(tiny.root, "tiny")) == faults.Declared()
