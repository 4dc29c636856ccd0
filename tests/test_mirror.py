"""The tests mirror the engine, and those of the engine need no investigation of the checkout."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from casebook.plan.conf import investigation_ids, read_unlocked
from casebook.plan.investigation import Investigation, package_name
from tests.conftest import CASEBOOK

ENGINE = CASEBOOK / "casebook"
TESTS = CASEBOOK / "tests"

NAMELESS = {"__init__.py", "__main__.py"}
"""Modules that are imported with their package, or run."""


def module(file: Path) -> str:
    return ".".join(file.relative_to(CASEBOOK).with_suffix("").parts)


def modules() -> set[str]:
    return {module(file) for file in ENGINE.rglob("*.py") if file.name not in NAMELESS}


def imported(file: Path) -> Iterator[str]:
    """Yield what a file imports: each module, and each name with the module that it is from."""
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (one.name for one in node.names)
        if isinstance(node, ast.ImportFrom) and node.module:
            yield node.module
            yield from (f"{node.module}.{one.name}" for one in node.names)


def test_each_module_of_the_engine_is_imported_by_name_in_some_test():
    named = {name for file in TESTS.rglob("*.py") for name in imported(file)}
    missing = sorted(modules() - named)
    assert not missing, f"no test imports {', '.join(missing)}"


def test_each_test_of_the_engine_stands_in_the_room_of_the_module_that_it_is_named_for():
    """Check that `test_reply.py` tests `reply.py`, and `test_reply_short.py` a part of it."""
    named = TESTS / "casebook"
    tested = {
        (file.parent.relative_to(named) / file.name.removeprefix("test_")).as_posix()
        for file in named.rglob("test_*.py")
    }
    there = {file.relative_to(ENGINE).as_posix() for file in ENGINE.rglob("*.py")}
    there |= {f"{file.parent.relative_to(ENGINE).as_posix()}.py" for file in ENGINE.rglob("*.py")}
    missing = sorted(
        name for name in tested if not {name, re.sub(r"_[a-z]+\.py$", ".py", name)} & there
    )
    assert not missing, f"tests are named for {', '.join(missing)}, which the engine does not have"


def ids_of(investigation: Investigation) -> set[str]:
    """Return the ids of an investigation that can be nothing else's."""
    install = (text for one in investigation.environments for text in one.install)
    ids = [one.id for one in investigation.environments]
    ids += [one.id for one in investigation.patterns]
    return {id for id in ids if "-" in id} - set(map(package_name, install))


MINIATURE = ids_of(read_unlocked(TESTS / "tiny", "tiny"))


@pytest.mark.parametrize("id", investigation_ids(CASEBOOK))
def test_tests_of_the_engine_name_no_investigation_of_the_checkout(id):
    ids = {id} | ids_of(read_unlocked(CASEBOOK, id)) - MINIATURE
    word = re.compile(rf"(?<![\w-])({'|'.join(map(re.escape, ids))})(?![\w-])")
    found = {
        file.relative_to(TESTS).as_posix(): sorted({*word.findall(file.read_text("utf-8"))})
        for file in TESTS.rglob("*.py")
        if not file.is_relative_to(TESTS / "experiments")
    }
    naming = {file: names for file, names in found.items() if names}
    assert not naming, f"move what is about {id} to tests/experiments/{id}; use the miniature"
