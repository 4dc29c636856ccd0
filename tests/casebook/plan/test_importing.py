"""What goes wrong in a module of claims or checks is told with its line, its claim and its fix."""

import sys
from types import ModuleType

import pytest

from casebook.plan.conf import read_investigation
from casebook.plan.importing import imported
from casebook.plan.said import read_checks
from tests.casebook.plan.builders import CLAIMS, error_of

MODULE = "experiments.tiny.claims"
CHECKS = "experiments/tiny/checks.py"
DOCSTRING = (
    '    """The pattern can be set up as written.\n\n'
    '    A desk takes the counter, and nothing raises.\n    """\n'
)

WRONG = {
    "an import that fails": (
        "from collections import Counter",
        "import no_such_library",
        "line 3",
        "ModuleNotFoundError",
        "only the standard library, casebook.claim and casebook.record",
    ),
    "an unknown argument": (
        "required=False",
        "requird=False",
        "line 47 (no-warnings)",
        "'requird'",
        "did you mean 'required'?",
    ),
    "an argument that is missing": (
        '    refuted_by={"mixed-up": "saw what"},\n',
        "",
        "line 26 (counts-apart)",
        "'refuted_by'",
        "write `refuted_by=...`",
    ),
    "no docstring": (DOCSTRING, "", "line 9 (wires)", "has no docstring", "becomes the title"),
}


@pytest.mark.parametrize(("old", "new", "key", "problem", "fix"), WRONG.values(), ids=WRONG)
def test_a_mistake_in_claims_names_its_line_and_its_fix(tiny, old, new, key, problem, fix):
    tiny.replace(CLAIMS, old, new)

    error = error_of(imported, tiny.root, MODULE, CLAIMS)

    assert (error.file, error.key) == (CLAIMS, key)
    assert problem in error.problem
    assert fix in error.fix


@pytest.mark.parametrize("wrong", ["\nFIRST = SECOND\n", "\nFIRST =\n"])
def test_a_mistake_in_a_module_that_claims_import_names_that_module(tiny, wrong):
    tiny.write("experiments/tiny/words.py", wrong)
    tiny.replace(
        CLAIMS, "from collections import Counter", "from experiments.tiny.words import FIRST"
    )

    error = error_of(imported, tiny.root, MODULE, CLAIMS)

    assert (error.file, error.key) == ("experiments/tiny/words.py", "line 2")


def test_what_was_imported_before_under_the_same_name_stays(tiny, monkeypatch):
    others = {name: ModuleType(name) for name in ("experiments", "experiments.elsewhere")}
    for name, module in others.items():
        monkeypatch.setitem(sys.modules, name, module)
    before, path = dict(sys.modules), list(sys.path)

    assert imported(tiny.root, MODULE, CLAIMS).wires.id == "wires"

    now = {name: one for name, one in sys.modules.items() if name.startswith("experiments")}
    assert now == {name: one for name, one in before.items() if name.startswith("experiments")}
    assert others.items() <= now.items()
    assert sys.path == path


def test_a_mistake_in_checks_names_its_line_and_its_fix(tiny):
    text = tiny.path(CHECKS).read_text()
    tiny.write(CHECKS, text.replace("about=", "abuot=", 1))

    error = error_of(read_checks, tiny.root, read_investigation(tiny.root, "tiny"))

    assert error.file == CHECKS
    assert error.key.endswith("(begins-at)")
    assert "did you mean 'about'?" in error.fix
