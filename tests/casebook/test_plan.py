"""The plan is read strictly: what is wrong is refused with its file, its place and its mend."""

import shutil
import sys
import time
from dataclasses import replace
from pathlib import Path
from types import ModuleType

import pytest

from casebook.plan.cells import cell_inputs, file_digests, planned_cells
from casebook.plan.claims import read_claims
from casebook.plan.conf import (
    investigation_ids,
    read_investigation,
    read_investigations,
    read_unlocked,
)
from casebook.plan.investigation import PlanError, PlannedCell

TOML = "conf/tiny.toml"
CLAIMS = "experiments/tiny/claims.py"


def error_of(action, *arguments):
    with pytest.raises(PlanError) as caught:
        action(*arguments)
    return caught.value


# --- Reading --------------------------------------------------------------------------------------


def test_investigations_are_the_toml_files_that_stand_beside_none(tiny):
    tiny.write("conf/tiny.statements.toml", "")
    tiny.write("conf/tiny.faults.toml", "")

    assert investigation_ids(tiny.root) == ("tiny",)


def test_what_is_declared_is_read(tiny):
    investigation = read_investigation(tiny.root, "tiny")

    assert investigation.question.startswith("Does a counter keep")
    assert [one.id for one in investigation.backends] == ["dictionary", "closure", "module-global"]
    assert investigation.time_limit == 10
    assert investigation.diagram is not None
    assert investigation.diagram.bars[0].touches == ("counted",)


def test_a_lock_stands_under_the_investigation_and_the_environment(tiny):
    environment = read_investigation(tiny.root, "tiny").environment("closure")

    assert environment.lock == "conf/requirements/tiny/closure.txt"


def test_a_function_is_the_patterns_id_with_underscores_unless_it_is_written(tiny):
    investigation = read_investigation(tiny.root, "tiny")

    assert investigation.pattern("counts-by-name").function == "counts_by_name"
    assert investigation.pattern("kept-apart").function == "by_hand"


def test_what_must_import_is_named_as_python_names_it(tiny):
    tiny.replace(TOML, 'imports = ["json", "no_such_library"]', 'imports = ["json; exit()"]')

    with pytest.raises(PlanError, match=r"imports: .*dotted names"):
        read_investigation(tiny.root, "tiny")


def test_a_diagram_may_be_left_out(tiny):
    text = tiny.path(TOML).read_text()
    tiny.write(TOML, text[: text.index("[diagram]")])

    assert read_investigation(tiny.root, "tiny").diagram is None


def test_packages_are_read_by_their_normalised_names(tiny):
    tiny.replace(TOML, "time_limit = 10", 'time_limit = 10\npackages = ["Flask_Admin", "flask"]')

    assert read_investigation(tiny.root, "tiny").packages == ("flask-admin", "flask")


def test_a_lane_is_called_by_its_letter_unless_it_has_a_title(tiny):
    untitled = read_investigation(tiny.root, "tiny").diagram
    tiny.replace(TOML, 'lane = "D"', 'lane = "D"\nlane_title = "desk"')
    titled = read_investigation(tiny.root, "tiny").diagram

    assert untitled is not None
    assert titled is not None
    assert (untitled.lane_title, titled.lane_title) == ("D", "desk")


def test_reading_the_plan_imports_no_pattern(tiny):
    # nox reads the plan where the libraries under test are not installed.
    tiny.replace("experiments/tiny/backends/closure.py", "from itertools", "import flask\nfrom i")

    assert read_investigation(tiny.root, "tiny").pattern("counter-per-name")


# --- What is wrong in the TOML --------------------------------------------------------------------

WRONG = {
    "an unknown key": ("time_limit = 10", "time_limits = 10", "time_limits", "'time_limit'"),
    "an unknown key of a table": (
        'source = "the environment `closure` with an import that fails"',
        'sauce = "x"',
        "environment 'closure-not-importable'.sauce",
        "'source'",
    ),
    "an unknown key of a bar": ('closes = "', 'close = "', "diagram.bar[1].close", "'closes'"),
    "a missing key": ("time_limit = 10", "", "time_limit", "write `time_limit =`"),
    "a key that strayed": ('\n[[diagram.bar]]\nlabel = "V"', "", "diagram.title", "delete it"),
    "a wrong type": ("time_limit = 10", 'time_limit = "10"', "time_limit", "number of seconds"),
    "a flag for a number": ("time_limit = 10", "time_limit = true", "time_limit", "above 0"),
    "a limit of nothing": ("time_limit = 10", "time_limit = 0", "time_limit", "above 0"),
    "a limit that never ends": ("time_limit = 10", "time_limit = inf", "time_limit", "above 0"),
    "a text for a list": ('databases = ["sqlite"]', 'databases = "x"', "databases", "a list of"),
    "an empty list": ('databases = ["sqlite"]', "databases = []", "databases", "at least one"),
    "an empty title": ('title = "Dictionary"', 'title = " "', "backend 'dictionary'.title", "not"),
    "an empty id": ('id = "mixed-up"', 'id = ""', "pattern[5].id", "lower-case letters"),
    "an id with a space": ('id = "mixed-up"', 'id = "mixed up"', "pattern 'mixed up'.id", "lower"),
    "an id that is no text": ('id = "mixed-up"', "id = 5", "pattern[5].id", "write a text"),
    "no id": ('id = "mixed-up"', "", "pattern[5].id", "write `id =`"),
    "a doubled backend": (
        'id = "closure"\ntitle = "Closure"',
        'id = "dictionary"\ntitle = "Closure"',
        "backend 'dictionary'.id",
        "write another one",
    ),
    "a doubled environment": (
        'id = "closure-not-importable"',
        'id = "closure-not-resolvable"',
        "environment 'closure-not-resolvable'.id",
        "write another one",
    ),
    "a doubled pattern": (
        'id = "counter-per-name"',
        'id = "one-global"',
        "pattern 'one-global'.id",
        "write another one",
    ),
    "a pattern without a backend": (
        'backend = "dictionary"\ncontrol = true\nfunction = "by_hand"',
        'control = true\nfunction = "by_hand"',
        "pattern 'kept-apart'.backend",
        "write `backend =`",
    ),
    "a pattern of no declared backend": (
        'backend = "dictionary"\ncontrol = true\nfunction = "by_hand"',
        'backend = "dictionery"\ncontrol = true\nfunction = "by_hand"',
        "pattern 'kept-apart'.backend",
        "declare it under [[backend]], or write 'dictionary'",
    ),
    "an environment of no declared backend": (
        'backend = "module-global"\ninstall',
        'backend = "none"\ninstall',
        "environment 'module-global'.backend",
        "write one of 'dictionary', 'closure', 'module-global'",
    ),
    "an environment that differs from none": (
        'import that fails"\ndiffers_from = "closure"',
        'import that fails"\ndiffers_from = "closures"',
        "environment 'closure-not-importable'.differs_from",
        "write 'closure'",
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
        "write 'by_hand'",
    ),
    "a backend without its module": (
        'patterns = "experiments.tiny.backends.closure"',
        'patterns = "experiments.tiny.backends.cloister"',
        "backend 'closure'.patterns",
        "write it, or mend its name",
    ),
}


@pytest.mark.parametrize(("old", "new", "key", "mend"), WRONG.values(), ids=WRONG)
def test_a_wrong_file_names_its_place_and_its_mend(tiny, old, new, key, mend):
    tiny.replace(TOML, old, new)

    error = error_of(read_investigation, tiny.root, "tiny")

    assert (error.file, error.key) == (TOML, key)
    assert mend in error.mend


def test_a_list_of_tables_that_is_missing_is_asked_for_as_tables(tiny):
    text = tiny.path(TOML).read_text()
    tiny.write(TOML, text[: text.index("[[pattern]]")])

    assert error_of(read_investigation, tiny.root, "tiny").mend == "write at least one [[pattern]]"


def test_an_error_is_one_line_that_holds_all(tiny):
    tiny.replace(TOML, 'function = "by_hand"', 'function = "by_hands"')

    assert str(error_of(read_investigation, tiny.root, "tiny")) == (
        "conf/tiny.toml: pattern 'kept-apart'.function: "
        "experiments/tiny/backends/dictionary.py has no function 'by_hands': "
        "write it there, or write 'by_hand' if you meant that"
    )


def test_what_is_no_toml_is_said_with_its_line(tiny):
    tiny.replace(TOML, "time_limit = 10", "time_limit 10")

    assert error_of(read_investigation, tiny.root, "tiny").key.startswith("line 10")


def test_an_investigation_that_nobody_declared_is_said_with_those_that_are(tiny):
    error = error_of(read_investigation, tiny.root, "tinny")

    assert (error.file, error.mend) == (
        "conf/tinny.toml",
        "write it, or write 'tiny' if you meant that",
    )


def test_a_missing_lock_is_mended_by_nox(tiny):
    tiny.path("conf/requirements/tiny/closure.txt").unlink()

    error = error_of(read_investigation, tiny.root, "tiny")

    assert error.key == "environment 'closure'.lock"
    assert "nox -s lock" in error.mend


def test_locks_may_be_missing_where_they_are_about_to_be_made(tiny):
    tiny.path("conf/requirements/tiny/closure.txt").unlink()

    assert read_unlocked(tiny.root, "tiny").environment("closure")


def test_the_resolvers_reason_stands_in_for_a_lock(tiny):
    environment = read_investigation(tiny.root, "tiny").environment("closure-not-resolvable")

    assert not tiny.path(environment.lock).exists()
    assert tiny.path(environment.unresolved).exists()


def test_a_patterns_module_that_is_no_python_is_said_with_its_line(tiny):
    tiny.write("experiments/tiny/backends/closure.py", "\ndef counter_per_name(:\n")

    error = error_of(read_investigation, tiny.root, "tiny")

    assert (error.file, error.key) == ("experiments/tiny/backends/closure.py", "line 2")


def test_two_investigations_may_not_share_an_environments_id(tiny):
    # `nox -s "experiments(closure)"` could mean either.
    tiny.write("conf/twin.toml", tiny.path(TOML).read_text())
    for lock in tiny.path("conf/requirements/tiny").iterdir():
        tiny.write(f"conf/requirements/twin/{lock.name}", lock.read_text())

    error = error_of(read_investigations, tiny.root)

    assert (error.file, error.key) == ("conf/twin.toml", "environment 'dictionary'.id")


# --- Claims ---------------------------------------------------------------------------------------


def claims_of(project):
    return read_claims(project.root, read_investigation(project.root, "tiny"))


def test_claims_come_in_the_order_in_which_they_are_defined(tiny):
    assert [claim.id for claim in claims_of(tiny)] == ["wires", "counts-apart", "no-warnings"]


def test_claims_are_read_again_when_their_file_changes(tiny):
    # `nox -s serve` stays alive while somebody edits the claims.
    assert claims_of(tiny)[1].title == "No conversation sees what another counted"
    tiny.replace(CLAIMS, "No conversation sees", "Never does a conversation see")

    assert claims_of(tiny)[1].title == "Never does a conversation see what another counted"


def test_two_projects_keep_their_claims_apart(tiny):
    # Both have a package `experiments`, as a test and the project itself do.
    other = replace(tiny, root=tiny.root.with_name("other"))
    shutil.copytree(tiny.root, other.root)
    other.replace(CLAIMS, "def no_warnings", "def says_nothing")

    assert claims_of(other)[2].id == "says-nothing"
    assert claims_of(tiny)[2].id == "no-warnings"
    assert "experiments.tiny.claims" not in sys.modules
    assert str(tiny.root) not in sys.path


def test_a_package_of_the_same_name_that_is_imported_stays_so(tiny, monkeypatch):
    # A process that has imported one project's experiments may read another's claims.
    imported = ModuleType("experiments")
    monkeypatch.setitem(sys.modules, "experiments", imported)

    assert claims_of(tiny)
    assert sys.modules["experiments"] is imported


WRONG_CLAIMS = {
    "two of one id": ("def no_warnings", "def wires", "claim 'wires'", "another name"),
    "no right control": (
        'supported_by=("kept-apart",),\n    refuted_by={"mixed-up": "saw what"},',
        'supported_by=(),\n    refuted_by={"mixed-up": "saw what"},',
        "claim 'counts-apart'.supported_by",
        "write `supported_by=",
    ),
    "a text for a tuple": (
        'experiments=("in-turn", "overlap")',
        'experiments=("in-turn")',
        "claim 'counts-apart'.experiments",
        "write `experiments=",
    ),
    "no wrong control": (
        'refuted_by={"mixed-up": "saw what"}',
        "refuted_by={}",
        "claim 'counts-apart'.refuted_by",
        "name a control that is wrong",
    ),
    "a wrong control without its reason": (
        'refuted_by={"mixed-up": "saw what"}',
        'refuted_by={"mixed-up": ""}',
        "claim 'counts-apart'.refuted_by",
        "write words",
    ),
    "a control that is not declared": (
        '"mixed-up": "saw what"',
        '"mixedup": "saw what"',
        "claim 'counts-apart'.controls",
        "write 'mixed-up'",
    ),
    "a control that is no control": (
        '"mixed-up": "saw what"',
        '"one-global": "saw what"',
        "claim 'counts-apart'.controls",
        "declare it with `control = true`",
    ),
    "a baseline that is no control": (
        'baseline="kept-apart"',
        'baseline="one-global"',
        "claim 'no-warnings'.baseline",
        "declare it with `control = true`",
    ),
    "an experiment without its module": (
        '("in-turn", "overlap")',
        '("in-turn", "overlapping")',
        "claim 'counts-apart'.experiments",
        "write it",
    ),
    "no gate": ("    gate=True,\n", "", "gate", "`gate=True`"),
    "two gates": ("required=False", "gate=True", "gate", "the one claim"),
    "an import that fails": (
        "from collections import Counter",
        "import no_such_library\nfrom collections import Counter",
        "import",
        "the standard library and casebook.record alone",
    ),
    "no docstring": (
        '    """The pattern can be set up as written.\n\n'
        '    A desk takes the counter, and nothing raises.\n    """\n',
        "",
        "import",
        "the standard library",
    ),
}


@pytest.mark.parametrize(("old", "new", "key", "mend"), WRONG_CLAIMS.values(), ids=WRONG_CLAIMS)
def test_a_claim_that_could_not_mean_anything_is_refused(tiny, old, new, key, mend):
    tiny.replace(CLAIMS, old, new)

    error = error_of(claims_of, tiny)

    assert (error.file, error.key) == (CLAIMS, key)
    assert mend in error.mend


def test_a_missing_module_of_claims_is_said(tiny):
    tiny.path(CLAIMS).unlink()

    error = error_of(claims_of, tiny)

    assert (error.file, error.key) == (TOML, "claims")


def test_a_diagram_of_an_experiment_that_nothing_asks_for_is_refused(tiny):
    # It would silently draw nothing.
    tiny.replace(TOML, 'experiments = ["in-turn", "overlap"]', 'experiments = ["in-turns"]')

    error = error_of(claims_of, tiny)

    assert (error.file, error.key) == (TOML, "diagram.experiments")


# --- Cells ----------------------------------------------------------------------------------------


def test_an_environment_plans_its_backends_patterns_and_every_control(tiny):
    cells = planned_cells(tiny.root, read_investigation(tiny.root, "tiny"))

    patterns = dict.fromkeys(cell.pattern for cell in cells if cell.environment == "closure")
    assert list(patterns) == [
        "counter-per-name",
        "kept-apart",
        "mixed-up",
        "raises-when-wired",
        "warns-when-wired",
    ]


def test_a_control_of_the_environments_own_backend_is_planned_once(tiny):
    cells = planned_cells(tiny.root, read_investigation(tiny.root, "tiny"))

    assert len(cells) == len(set(cells)) == 5 * 10


def test_a_control_runs_only_the_experiments_of_the_claims_that_name_it(tiny):
    cells = planned_cells(tiny.root, read_investigation(tiny.root, "tiny"))

    asked = [(cell.pattern, cell.experiment) for cell in cells if cell.environment == "closure"]
    assert [experiment for pattern, experiment in asked if pattern == "mixed-up"] == [
        "in-turn",
        "overlap",
    ]
    assert [experiment for pattern, experiment in asked if pattern == "warns-when-wired"] == [
        "wire"
    ]


def test_a_baseline_runs_the_experiments_of_its_claim(tiny):
    tiny.replace(CLAIMS, 'baseline="kept-apart"', 'baseline="mixed-up"')

    cells = planned_cells(tiny.root, read_investigation(tiny.root, "tiny"))

    assert "wire" in [cell.experiment for cell in cells if cell.pattern == "mixed-up"]


def test_experiments_come_in_the_order_of_the_claims(tiny):
    cells = planned_cells(tiny.root, read_investigation(tiny.root, "tiny"))

    assert [cell.experiment for cell in cells[:3]] == ["wire", "in-turn", "overlap"]


# --- Inputs ---------------------------------------------------------------------------------------


def inputs_of(project, pattern="counts-by-name", environment="dictionary"):
    investigation = read_investigation(project.root, "tiny")
    cell = PlannedCell(environment, "sqlite", pattern, "in-turn")
    return cell_inputs(project.root, investigation, [cell])[cell]


def test_inputs_are_what_could_change_the_history_and_no_more(tiny):
    assert inputs_of(tiny) == (
        "conf/requirements/tiny/dictionary.txt",
        "experiments/__init__.py",
        "experiments/tiny/__init__.py",
        "experiments/tiny/backends/__init__.py",
        "experiments/tiny/backends/dictionary.py",
        "experiments/tiny/desk.py",
        "experiments/tiny/driver.py",
        "experiments/tiny/in_turn.py",
    )


def test_a_control_depends_on_its_own_backend_in_every_environment(tiny):
    inputs = inputs_of(tiny, pattern="mixed-up", environment="closure")

    assert "experiments/tiny/backends/dictionary.py" in inputs
    assert "experiments/tiny/backends/closure.py" not in inputs


def test_the_engines_part_inside_the_environment_is_an_input(tiny):
    # What prints the progress is none: a change of it must not outdate every record.
    for name in ("record", "order", "cell", "run", "judge"):
        tiny.write(f"casebook/{name}.py", "")

    engine = [path for path in inputs_of(tiny) if path.startswith("casebook/")]
    assert engine == ["casebook/cell.py", "casebook/order.py", "casebook/record.py"]


def test_inputs_of_twenty_thousand_cells_take_less_than_half_a_second(tiny):
    investigation = read_investigation(tiny.root, "tiny")
    first = investigation.environments[0]
    many = tuple(replace(first, id=f"{first.id}-{number}") for number in range(2_000))
    investigation = replace(investigation, environments=many)
    cells = planned_cells(tiny.root, investigation)

    began = time.process_time()
    inputs = cell_inputs(tiny.root, investigation, cells)

    assert len(inputs) == len(cells) == 20_000
    assert time.process_time() - began < 0.5


def test_the_resolvers_reason_is_an_input_where_it_stands_for_the_lock(tiny):
    inputs = inputs_of(tiny, pattern="mixed-up", environment="closure-not-resolvable")

    assert inputs[0] == "conf/requirements/tiny/closure-not-resolvable.unresolved"


def test_digests_leave_out_a_file_that_is_gone(tiny):
    # A record may name a script that no longer exists; that must read as a difference.
    tiny.write("empty", "")

    assert file_digests(tiny.root, ["empty", "gone"]) == {
        "empty": "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
    }


# --- The project's own plan -----------------------------------------------------------------------


def test_the_projects_own_plan_is_sound():
    root = Path(__file__).resolve().parents[2]

    for investigation in read_investigations(root):
        assert planned_cells(root, investigation)
