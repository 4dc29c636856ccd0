"""Words of pages that would be wrong here: of databases where there is but one, of ten for one."""

import re

import pytest

from casebook.templates import environment

WORDS = re.compile(r"\b(?:databases?|on sqlite|, sqlite)\b", re.IGNORECASE)
MISTAKEN = """
[[operator]]
id = "no-call"
kind = "zzdrop"
title = "leaves out {code}"
names = ["count"]

[[target]]
environment = "dictionary"
file = "tally.py"
functions = ["count"]
operators = ["no-call"]
"""

SERVED = re.compile(r"those on the first database")


def pages(project):
    assert project.run("dictionary").returncode == 0
    done = project.casebook("pages", "--calm")
    assert done.returncode == 0, done.stderr
    folder = project.path("build/docs/tiny")
    return {path.name: path.read_text(encoding="utf-8") for path in folder.glob("*.md")}


def test_where_there_is_one_database_no_page_speaks_of_it(tiny):
    assert {name: WORDS.findall(text) for name, text in pages(tiny).items()} == {
        name: [] for name in pages(tiny)
    }


def test_where_there_are_several_the_tables_say_whose_they_are(served):
    found = pages(served)
    assert SERVED.search(found["comparison.md"])
    assert SERVED.search(found["controls.md"])


def test_a_mistake_in_the_operators_is_told_before_any_mutant_was_tried(tiny):
    tiny.write("conf/tiny.mutants.toml", MISTAKEN)
    done = tiny.casebook("pages", "--calm")
    assert done.returncode == 2
    assert "unknown kind 'zzdrop'; did you mean 'drop'" in done.stderr


@pytest.mark.parametrize(("number", "said"), [(1, "1 change"), (2, "2 changes")])
def test_what_is_counted_is_one_or_several(number, said):
    made = environment().from_string("{{ number|counted('change') }}")
    assert made.render(number=number) == said


def test_an_address_in_a_source_is_a_link():
    made = environment().from_string(
        '{% from "parts/marks.html.j2" import linked %}{{ linked(text) }}'
    )
    shown = made.render(text="`pip` and https://a.example/x")
    assert "<code>pip</code>" in shown
    assert '<a href="https://a.example/x"' in shown
