"""The reference: as it is committed, and complete."""

import inspect
from dataclasses import fields

import pytest

from casebook.claim import claim
from casebook.cli.main import parser
from casebook.cli.reference import (
    ARGUMENTS,
    FILES,
    HOOKS,
    OPERATORS,
    PAGES,
    TRIAL,
    WORDS,
    reference,
)
from casebook.judge.project import read_report
from casebook.plan.mutants import KINDS
from casebook.plan.tables import CHAPTERS
from casebook.record import Trial
from casebook.site.book import Book
from casebook.site.words import words
from tests.conftest import CASEBOOK


def test_it_is_committed_as_it_is_made():
    """If this fails: casebook reference > REFERENCE.md."""
    assert (CASEBOOK / "REFERENCE.md").read_text(encoding="utf-8") == reference(parser())


@pytest.mark.parametrize("file", FILES)
def test_each_key_says_what_it_is(file):
    for name, keys in FILES[file].items():
        assert not [key for key, one in keys.items() if not one.says], name


def test_each_kind_of_operator_is_told():
    assert set(OPERATORS) == KINDS


def test_each_page_that_chapters_may_name_is_told():
    assert {one for one in CHAPTERS if one not in PAGES} == set()
    templates = CASEBOOK / "casebook" / "templates" / "pages"
    assert all((templates / f"{one}.md.j2").is_file() for one in PAGES)


def test_what_a_checker_asks_of_a_history_is_told():
    made = reference(parser())
    for one in ("`History.of(*kinds)`: ", "`Event.get(name, default=None)`: ", "`event[name]`"):
        assert one in made


def test_each_table_that_is_read_is_in_the_reference():
    for file, tables in FILES.items():
        listed = {
            key
            for keys in tables.values()
            for key, one in keys.items()
            if one.kind.name in ("a table", "a list of tables")
        }
        named = {name.strip("[]").rpartition(".")[2] for name in tables if name}
        assert named == listed, file


def test_each_argument_of_a_claim_is_told():
    assert list(ARGUMENTS) == list(inspect.signature(claim).parameters)


def test_each_field_of_a_trial_is_told():
    assert list(TRIAL) == [field.name for field in fields(Trial)]


def test_each_hook_is_what_the_engine_looks_for():
    engine = "".join(
        path.read_text()
        for room in ("observe", "plan")
        for path in (CASEBOOK / "casebook" / room).glob("*.py")
    )
    for hook in HOOKS:
        name = hook.partition("(")[0]
        assert f'"{name}"' in engine or f".{name}(" in engine, hook


def test_each_function_of_pages_is_told(tiny):
    book = Book(tiny.root, read_report(tiny.root, "tiny"))
    offered = set(words(book, tiny.path("docs"), "", {}))
    assert offered == {word.partition("(")[0] for word in WORDS}
