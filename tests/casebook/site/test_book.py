"""What pages are drawn from: the exact source of a pattern."""

from dataclasses import replace

import pytest

from casebook.site.book import source
from tests.casebook.site.builders import INVESTIGATION, SOURCE


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
