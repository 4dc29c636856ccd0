"""What pages are drawn from: the exact source of a pattern."""

from dataclasses import replace

import pytest

from casebook.judge.project import read_report
from casebook.site import pages
from casebook.site.book import source
from tests.casebook.site.builders import INVESTIGATION, SOURCE


def backend_page(project, backend):
    pages.render(project.root, [read_report(project.root, "tiny")], project.path("build"))
    return project.path(f"build/docs/tiny/backends/{backend}.md").read_text()


def test_an_environment_says_what_experiments_need_and_nothing_adds_to_it(needy):
    needed = "<p>1 finding not tested here: needs abacus, which nothing adds to this environment."
    assert needed in backend_page(needy, "module-global")
    assert "nothing adds" not in backend_page(needy, "dictionary")


def test_an_environment_says_on_which_databases_nothing_ran_and_why(served):
    served.replace("conf/tiny.toml", 'title = "A ledger"', 'title = "A ledger"\nneeds = ["quill"]')
    said = "<p>Not tried on A ledger: nothing adds quill to this environment.</p>"
    assert said in backend_page(served, "dictionary")


def test_the_source_is_the_function_exactly_as_written(root):
    assert source(root, INVESTIGATION, INVESTIGATION.pattern("kept")) == (
        "def kept(app, admin):\n"
        "    session = sessionmaker(engine)()  # <b>kept</b>\n"
        "    admin.add_view(View(User, session))\n"
        "    return lambda: session"
    )


def test_a_pattern_without_its_function_is_named(root):
    with pytest.raises(LookupError, match="gone"):
        source(root, INVESTIGATION, replace(INVESTIGATION.patterns[0], function="gone"))


def test_a_source_that_changed_is_read_again(root):
    source(root, INVESTIGATION, INVESTIGATION.pattern("control"))
    module = root / "tried" / "patterns.py"
    module.write_text(SOURCE.replace("return None", "return 'changed'"))
    assert "changed" in source(root, INVESTIGATION, INVESTIGATION.pattern("control"))
