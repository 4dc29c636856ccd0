"""The tests mirror the engine: each module below `casebook/` is imported by name in some test."""

import ast
from collections.abc import Iterator
from pathlib import Path

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
    named = TESTS / "casebook"
    tested = {
        (file.parent.relative_to(named) / file.name.removeprefix("test_")).as_posix()
        for file in named.rglob("test_*.py")
    }
    there = {file.relative_to(ENGINE).as_posix() for file in ENGINE.rglob("*.py")}
    missing = sorted(tested - there)
    assert not missing, f"tests are named for {', '.join(missing)}, which the engine does not have"
