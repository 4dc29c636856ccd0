"""What is mutated is read strictly."""

import pytest

from casebook.plan.conf import investigation_ids, read_investigation
from casebook.plan.mistakes import PlanError
from casebook.plan.mutants import KINDS, DeclaredMutants, read_mutants
from casebook.proof import operators
from tests.casebook.plan.builders import HARMLESS_MUTANTS, MUTANTS, OPERATORS, TARGET, put_mutants


def read(project):
    return read_mutants(project.root, read_investigation(project.root, "tiny"))


def test_a_target_has_its_operators_and_the_first_database(tiny):
    put_mutants(tiny, "time_limit = 5\n", OPERATORS, TARGET, HARMLESS_MUTANTS)
    declared = read(tiny)
    (target,) = declared.targets
    assert [operator.id for operator in target.operators] == ["one-key", "left-out", "negate"]
    assert (target.database, declared.time_limit) == ("sqlite", 5)
    assert declared.harmless["tally/count.py:Tally.unused:left-out:1"] == "Nobody reads the notes."


def test_a_target_that_says_something_else_has_another_digest(tiny):
    put_mutants(tiny, OPERATORS, TARGET, TARGET.replace('"step"', '"stride"'))
    first, second = read(tiny).targets
    assert first.digest != second.digest


def test_an_investigation_needs_no_mutants_and_its_file_is_no_investigation(tiny):
    assert read(tiny) == DeclaredMutants()
    put_mutants(tiny, OPERATORS, TARGET)
    assert investigation_ids(tiny.root) == ("tiny",)


def test_every_kind_is_known_to_the_plan_and_has_its_operator():
    assert operators.FINDERS.keys() == KINDS


WRONG = {
    "an unknown key": ("kind = ", "knid = ", "operator 'one-key'.knid", "'kind'"),
    "an unknown kind": ('"drop"', '"dorp"', "operator 'left-out'.kind", "'drop'"),
    "no names": ('names = ["reset", "note"]', "", "operator 'left-out'.names", "add it"),
    "names for nothing": ('kind = "negate"', 'kind = "negate"\nnames = ["x"]', "names", "delete"),
    "nothing instead": ('by = "0"', "", "operator 'one-key'.by", "add it"),
    "a title with a gap": ("{code}", "{cdoe}", "operator 'one-key'.title", "{code}"),
    "an operator twice": ('id = "left-out"', 'id = "one-key"', "'one-key'.id", "change one"),
    "an operator unused": ('"left-out", "negate"]', '"left-out"]', "operator 'negate'", "name it"),
    "an unknown operator": ('", "negate"]', '", "negatte"]', "target[1].operators", "'negate'"),
    "no environment": ('"dictionary"', '"dictionery"', "target[1].environment", "'dictionary'"),
    "no database": ("file =", 'database = "lite"\nfile =', "target[1].database", "'sqlite'"),
    "a file elsewhere": ('"tally/', '"../', "target[1].file", "inside site-packages"),
    "no functions": ('["Tally.*", "step"]', "[]", "target[1].functions", "at least one"),
    "a control": (
        "file =",
        'patterns = ["kept-apart"]\nfile =',
        "target[1].patterns",
        "'counts-by-name'",
    ),
    "a reason twice": (
        HARMLESS_MUTANTS,
        2 * HARMLESS_MUTANTS,
        "harmless[2].mutants",
        "delete one",
    ),
    "no reason": ('why = "Nobody reads the notes."', 'why = " "', "harmless[1].why", "non-empty"),
}


@pytest.mark.parametrize(("old", "new", "key", "fix"), WRONG.values(), ids=WRONG)
def test_a_wrong_file_names_its_place_and_its_fix(tiny, old, new, key, fix):
    text = OPERATORS + TARGET + HARMLESS_MUTANTS
    assert old in text
    put_mutants(tiny, text.replace(old, new, 1))
    with pytest.raises(PlanError) as caught:
        read(tiny)
    assert caught.value.file == MUTANTS
    assert caught.value.key.endswith(key)
    assert fix in caught.value.fix


def test_a_database_with_a_server_is_refused(served):
    put_mutants(served, OPERATORS, TARGET.replace("file =", 'database = "ledger"\nfile ='))
    with pytest.raises(PlanError, match="'ledger' has a server"):
        read(served)
