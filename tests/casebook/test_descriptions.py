"""What pages say of themselves where they are linked."""

import html
from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import yaml

from casebook.book import Book
from casebook.descriptions import LONGEST, _grades, descriptions, front_matter
from tests.casebook.test_pages import HOSTILE, INVESTIGATION, another, project, sample


def test_a_page_tells_its_verdicts_and_what_is_missing(tmp_path):
    said = descriptions([Book(project(tmp_path), sample())])
    assert said["sample/patterns/right"] == "View(User, db): write this in library."
    assert said["sample/patterns/kept"].endswith(
        "don't in plain-beside-library (request-scoped refuted); not known in plain."
    )
    assert said["index"].startswith("Incomplete. With Library write View(User, db); with ")
    assert "6 of 8 planned cells observed" in said["sample/method"]


def test_a_claim_is_not_said_to_be_refuted_where_another_is():
    def graded(environment, *refuted):
        place = SimpleNamespace(environment=SimpleNamespace(id=environment), database="sqlite")
        return (place,), SimpleNamespace(grade=SimpleNamespace(grade="dont", refuted=refuted))

    found = [graded("new", "wires"), graded("beside", "wires"), graded("old", "admin-works")]
    page: Any = SimpleNamespace(graded=found, places=[place for (place,), _ in found])
    assert _grades(page) == [
        ("dont", ["new", "beside"], ["wires"]),
        ("dont", ["old"], ["admin-works"]),
    ]


def test_the_front_page_names_each_of_several_investigations(tmp_path):
    root = project(tmp_path)
    said = descriptions([Book(root, sample()), Book(root, another())])["index"]
    assert said.index("A sample: With Library") < said.index("Another: With Library")


def test_front_matter_holds_any_text_and_keeps_its_own(tmp_path):
    first, *others = INVESTIGATION.patterns
    hostile = replace(first, title=f'"a": {HOSTILE} é')
    report = replace(sample(), investigation=replace(INVESTIGATION, patterns=(hostile, *others)))
    description = descriptions([Book(project(tmp_path), report)])["sample/patterns/right"]
    assert len(description) <= LONGEST
    assert "\x1b" not in description
    page = front_matter("---\norphan: true\n---\n\n# Title\n", description, "now/a.js")
    _, front, text = page.split("---\n", 2)
    values = yaml.safe_load(front)
    assert values["orphan"] is True
    assert values["verdicts"] == "now/a.js"
    assert html.unescape(values["og:description"]) == description
    assert values["myst"]["html_meta"]["description"] == description
    assert text == "\n# Title\n"
    assert "<" not in values["og:description"]


def test_a_page_with_nothing_to_tell_stays_as_it_is():
    assert front_matter("# Title\n", "") == "# Title\n"
