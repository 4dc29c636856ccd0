"""An investigation as its file declares it."""

import pytest

from casebook.plan.investigation import Investigation
from casebook.plan.mistakes import PlanError
from casebook.plan.tables import CHAPTERS, read_tables
from tests.casebook.builders import AXIS, append
from tests.casebook.plan.builders import TOML
from tests.conftest import Project

SITUATION = """
[[situation]]
id = "often"
title = "I count often"
environments = ["dictionary"]
"""


def declared(project: Project) -> Investigation:
    return read_tables(project.root, "tiny", ())


def test_what_is_declared_is_read(tiny):
    investigation = declared(tiny)

    assert investigation.question.startswith("Does a counter keep")
    assert [one.id for one in investigation.backends] == ["dictionary", "closure", "module-global"]
    assert investigation.time_limit == 10
    assert investigation.diagram is not None
    assert investigation.diagram.bars[0].touches == ("counted",)


def test_a_lock_stands_under_the_investigation_and_the_environment(tiny):
    environment = declared(tiny).environment("closure")

    assert environment.lock == "conf/requirements/tiny/closure.txt"


def test_a_function_is_the_patterns_id_with_underscores_unless_it_is_written(tiny):
    investigation = declared(tiny)

    assert investigation.pattern("counts-by-name").function == "counts_by_name"
    assert investigation.pattern("kept-apart").function == "by_hand"


def test_what_must_import_is_named_as_python_names_it(tiny):
    tiny.replace(TOML, 'imports = ["json", "no_such_library"]', 'imports = ["json; exit()"]')

    with pytest.raises(PlanError, match=r"imports: .*dotted module names"):
        declared(tiny)


def test_a_diagram_may_be_left_out(tiny):
    text = tiny.path(TOML).read_text()
    tiny.write(TOML, text[: text.index("[diagram]")])

    assert declared(tiny).diagram is None


def test_what_is_declared_has_a_page_where_no_chapters_are_named(tiny):
    always = ("comparison", "claims", "method")
    tiny.path("conf/tiny.statements.toml").unlink()
    assert declared(tiny).chapters == always

    append(tiny, "conf/tiny.toml", AXIS)
    assert declared(tiny).chapters == ("comparison", "releases", *always[1:])

    for name in ("statements", "symptoms", "references"):
        tiny.write(f"conf/tiny.{name}.toml", "")
    append(tiny, "conf/tiny.toml", SITUATION)
    assert declared(tiny).chapters == CHAPTERS

    tiny.replace("conf/tiny.toml", "time_limit = 10", 'time_limit = 10\nchapters = ["claims"]')
    assert declared(tiny).chapters == ("claims",)


def test_packages_are_read_by_their_normalised_names(tiny):
    tiny.replace(TOML, "time_limit = 10", 'time_limit = 10\npackages = ["Flask_Admin", "flask"]')

    assert declared(tiny).packages == ("flask-admin", "flask")


def test_a_lane_is_called_by_its_letter_unless_it_has_a_title(tiny):
    untitled = declared(tiny).diagram
    tiny.replace(TOML, 'lane = "D"', 'lane = "D"\nlane_title = "desk"')
    titled = declared(tiny).diagram

    assert untitled is not None
    assert titled is not None
    assert (untitled.lane_title, titled.lane_title) == ("D", "desk")


def test_an_addition_that_names_no_environment_goes_to_each_declared_one(needy):
    needy.replace(TOML, 'to = ["dictionary"]\n', "")

    investigation = declared(needy)

    (abacus,) = investigation.additions
    assert abacus.to == tuple(one.id for one in investigation.environments)
    assert "closure-with-abacus" in [one.id for one in investigation.twins]
