"""What a file names must be there: ids, functions, modules, what was renamed."""

from dataclasses import replace

import pytest

from casebook.judge.project import read_report
from casebook.plan.cells import planned_cells
from casebook.plan.conf import read_investigation
from casebook.plan.investigation import Addition, Database, Renamed, Situation
from casebook.plan.mistakes import PlanError
from casebook.plan.references import check_ids, check_renamed
from tests.casebook.builders import CHECK, append
from tests.casebook.judge.builders import INVESTIGATION, a_pattern, an_environment
from tests.casebook.plan.builders import TOML, error_of


def test_an_addition_to_an_environment_that_is_not_declared_is_refused(needy):
    needy.replace("conf/tiny.toml", 'to = ["dictionary"]', 'to = ["dictionery"]')

    with pytest.raises(PlanError, match=r"addition 'abacus'.to: .*did you mean 'dictionary'"):
        read_investigation(needy.root, "tiny")


def test_a_database_that_is_described_and_not_asked_is_refused(served):
    served.replace("conf/tiny.toml", '["sqlite", "ledger"]', '["sqlite"]')
    served.replace("experiments/tiny/served.py", '("ledger",)', "()")

    with pytest.raises(PlanError, match=r"database 'ledger'.id: `databases` does not name"):
        read_investigation(served.root, "tiny")


RENAMED = '\n[[renamed]]\nkind = "{}"\nfrom = "{}"\nto = "{}"\n'


@pytest.mark.parametrize(
    ("tables", "error"),
    [
        ([("patern", "a", "b")], r"renamed\[1\].kind: 'patern' is not \"claim\", "),
        ([("pattern", "A b", "counts-by-name")], r"renamed\[1\].from: 'A b' is not a valid id"),
        ([("pattern", "one-global", "counts-by-name")], r"'one-global' is still declared"),
        ([("pattern", "old", "counts-by-nam")], r"renamed\[1\].to: .*; did you mean 'counts-by"),
        ([("environment", "old", "nowhere")], r"unknown environment 'nowhere'"),
        ([("claim", "old", "wire")], r"unknown claim 'wire'; did you mean 'wires'"),
        ([("statement", "old", "none")], r"unknown statement 'none'"),
        ([("claim", "a", "wires"), ("claim", "a", "wires")], r"renamed\[2\].from: two "),
        ([("claim", "a", "b"), ("claim", "b", "a")], r"claim 'a' is renamed in a circle"),
    ],
)  # fmt: skip
def test_a_wrong_rename_names_its_place(tiny, tables, error):
    text = tiny.path("conf/tiny.toml").read_text()
    tiny.write("conf/tiny.toml", text + "".join(RENAMED.format(*table) for table in tables))
    with pytest.raises(PlanError, match=error):
        read_report(tiny.root, "tiny")


WRONG = {
    "a pattern of no declared backend": (
        'backend = "dictionary"\ncontrol = true\nfunction = "by_hand"',
        'backend = "dictionery"\ncontrol = true\nfunction = "by_hand"',
        "pattern 'kept-apart'.backend",
        "declare it under [[backend]], or fix the name (did you mean 'dictionary'?)",
    ),
    "an environment of no declared backend": (
        'backend = "module-global"\ninstall',
        'backend = "none"\ninstall',
        "environment 'module-global'.backend",
        "known: 'dictionary', 'closure', 'module-global'",
    ),
    "an environment that differs from none": (
        'import that fails"\ndiffers_from = "closure"',
        'import that fails"\ndiffers_from = "closures"',
        "environment 'closure-not-importable'.differs_from",
        "did you mean 'closure'?",
    ),
    "an environment that differs from itself": (
        'import that fails"\ndiffers_from = "closure"',
        'import that fails"\ndiffers_from = "closure-not-importable"',
        "environment 'closure-not-importable'.differs_from",
        "declare it under [[environment]]",
    ),
    "a pattern without its function": (
        'function = "by_hand"',
        'function = "by_hands"',
        "pattern 'kept-apart'.function",
        "did you mean 'by_hand'?",
    ),
    "a control like none without the subject": (
        'function = "by_hand"',
        'function = "by_hand"\nwithout_subject_like = ["mixed-down"]',
        "pattern 'kept-apart'.without_subject_like",
        "did you mean 'mixed-up'?",
    ),
    "a control like a pattern that is none": (
        'function = "by_hand"',
        'function = "by_hand"\nwithout_subject_like = ["one-global"]',
        "pattern 'kept-apart'.without_subject_like",
        "declare it under [[pattern]]",
    ),
    "a pattern that is no control and does without the subject": (
        'title = "Desk(count)"',
        'title = "Desk(count)"\nwithout_subject_like = ["mixed-up"]',
        "pattern 'one-global'.without_subject_like",
        "add `control = true`",
    ),
    "a pattern that is about what nothing asks": (
        'title = "Desk(count)"',
        'title = "Desk(count)"\nabout = "speed"',
        "pattern 'one-global'.about",
        "there are none yet",
    ),
    "a package that nothing installs": (
        "time_limit = 10",
        'time_limit = 10\npackages = ["talley"]',
        "packages",
        "did you mean 'tally'?",
    ),
    "a backend without its module": (
        'patterns = "experiments.tiny.backends.closure"',
        'patterns = "experiments.tiny.backends.cloister"',
        "backend 'closure'.patterns",
        "create it, or fix the name",
    ),
}


@pytest.mark.parametrize(("old", "new", "key", "fix"), WRONG.values(), ids=WRONG)
def test_what_a_file_names_and_nobody_declared_is_refused_with_its_place(tiny, old, new, key, fix):
    tiny.replace(TOML, old, new)
    tiny.write("conf/requirements/tiny/closure.txt", "Tally[extra] @ file:///tally.whl\n")

    error = error_of(read_report, tiny.root, "tiny")

    assert (error.file, error.key) == (TOML, key)
    assert fix in error.fix


def test_a_package_that_an_environment_installs_may_be_asked_for(tiny):
    tiny.replace(TOML, "time_limit = 10", 'time_limit = 10\npackages = ["tally"]')
    tiny.write("conf/requirements/tiny/closure.txt", "tally==1.0 \\\n    --hash=sha256:0\n")
    assert read_report(tiny.root, "tiny").investigation.packages == ("tally",)


def test_a_pattern_may_be_about_what_a_check_alone_asks(tiny):
    tiny.replace(TOML, 'title = "Desk(count)"', 'title = "Desk(count)"\nabout = "numbers"')
    tiny.write("conf/requirements/tiny/closure.txt", "")
    append(tiny, "experiments/tiny/checks.py", CHECK.format(about="numbers"))
    (cell, *_) = (
        one
        for one in planned_cells(tiny.root, read_investigation(tiny.root, "tiny"))
        if one.pattern == "one-global"
    )
    assert cell.experiment == "in-turn"


def test_an_error_is_one_line_that_holds_all(tiny):
    tiny.replace(TOML, 'function = "by_hand"', 'function = "by_hands"')

    assert str(error_of(read_investigation, tiny.root, "tiny")) == (
        "conf/tiny.toml: pattern 'kept-apart'.function: "
        "experiments/tiny/backends/dictionary.py has no function 'by_hands'; "
        "write it there, or fix the name (did you mean 'by_hand'?)"
    )


def test_environments_that_are_compared_in_a_circle_are_refused():
    around = (("a", "b"), ("b", "c"), ("c", "a"))
    environments = tuple(an_environment(id, differs_from=other) for id, other in around)
    error = error_of(check_ids, replace(INVESTIGATION, environments=environments))
    assert str(error).endswith(
        "environment 'c'.differs_from: 'a' leads back to 'c'; remove it from one of them"
    )


def test_ids_that_are_all_declared_are_no_error():
    check_ids(INVESTIGATION)


@pytest.mark.parametrize(
    ("changes", "key", "fix"),
    [
        ({"environments": (an_environment(backend="libary"),)}, "environment 'now'.backend", "l"),
        ({"patterns": (a_pattern("used", backend="libary"),)}, "pattern 'used'.backend", "l"),
        ({"environments": (an_environment(differs_from="now"),)}, "'now'.differs_from", "decl"),
        ({"described": (Database("oracle", "Oracle"),)}, "database 'oracle'.id", "'sqlite'"),
        ({"situations": (Situation("s", "S", "", ("nwo",)),)}, "'s'.environments", "'now'"),
        ({"situations": (Situation("s", "S", "", ("now",), (), "x"),)}, "'s'.about", "none yet"),
        ({"additions": (Addition("x", "X", ("x",), ("nwo",)),)}, "addition 'x'.to", "'now'"),
    ],
)
def test_an_id_that_names_nothing_declared_is_refused_with_its_place(changes, key, fix):
    error = error_of(check_ids, replace(INVESTIGATION, **changes))
    assert error.key.endswith(key)
    assert fix in error.fix


def renaming(*pairs):
    return replace(INVESTIGATION, renamed=tuple(Renamed("pattern", *pair) for pair in pairs))


def test_what_was_renamed_again_and_again_leads_to_what_is_declared():
    check_renamed(renaming(("a", "b"), ("b", "c"), ("c", "used")), "pattern", ["used"])


def test_what_was_renamed_of_another_kind_is_not_asked_for():
    check_renamed(renaming(("a", "nowhere")), "claim", ["good"])


def test_renames_in_a_circle_end():
    error = error_of(check_renamed, renaming(("a", "b"), ("b", "a")), "pattern", ["used"])
    assert "pattern 'a' is renamed in a circle" in str(error)


@pytest.mark.parametrize(
    ("old", "new", "key"),
    [
        (
            'reproductions = "experiments.tiny.r',
            'reproductions = "experiments.tiny.x',
            "reproductions",
        ),
        ('server = "experiments.tiny.server"', 'server = "no.such"', "database 'ledger'.server"),
    ],
)
def test_a_module_that_is_not_there_is_refused(served, old, new, key):
    served.replace(TOML, old, new)
    error = error_of(read_investigation, served.root, "tiny")
    assert (error.key, error.fix) == (key, "create it, or fix the name")
