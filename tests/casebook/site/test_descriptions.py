"""What pages say of themselves where they are linked."""

import html
import re
from dataclasses import replace
from html import unescape
from types import SimpleNamespace
from typing import Any

import pytest
import yaml

from casebook.site.book import Book
from casebook.site.descriptions import LONGEST, _grades, descriptions, front_matter
from casebook.templates import template
from tests.casebook.site.builders import HOSTILE, INVESTIGATION, another, project, sample


def test_a_page_tells_its_verdicts_and_what_is_missing(tmp_path):
    said = descriptions([Book(project(tmp_path), sample())])
    assert said["sample/patterns/right"] == "View(User, db): recommended in library."
    assert said["sample/patterns/kept"].endswith(
        "avoid in plain-beside-library (request-scoped refuted); unknown in plain."
    )
    assert said["index"].startswith("Incomplete. With Library, recommended: View(User, db); with ")
    assert "6 of 8 planned cells observed" in said["sample/method"]


def test_what_is_missing_is_not_told_as_a_failure(tmp_path):
    book = Book(project(tmp_path), replace(sample(), records={}))
    said = descriptions([book])
    assert "With Library nothing is recorded" in said["index"]
    assert said["sample/backends/library"].endswith("With Library nothing is recorded.")


def test_a_claim_is_not_said_to_be_refuted_where_another_is():
    def graded(environment, *refuted):
        setting = SimpleNamespace(environment=SimpleNamespace(id=environment), database="sqlite")
        claims = [SimpleNamespace(claim=claim) for claim in refuted]
        return (setting,), SimpleNamespace(grade="avoid", words="avoid", refuted=claims)

    found = [graded("new", "wires"), graded("beside", "wires"), graded("old", "admin-works")]
    page: Any = SimpleNamespace(graded=found, settings=[setting for (setting,), _ in found])
    assert _grades(page) == [
        ("avoid", ["new", "beside"], ["wires"]),
        ("avoid", ["old"], ["admin-works"]),
    ]


def test_the_front_page_names_each_of_several_investigations(tmp_path):
    root = project(tmp_path)
    said = descriptions([Book(root, sample()), Book(root, another())])["index"]
    assert said.index("A sample: With Library") < said.index("Another: With Library")


def test_each_of_several_investigations_has_its_share_of_the_front_page_s_description(tmp_path):
    root = project(tmp_path)
    said = descriptions([Book(root, sample()), Book(root, another())])["index"]
    assert said.count("With Library") == 2
    assert "with Plain" not in said


def test_a_page_without_statements_does_not_count_them(tmp_path):
    assert descriptions([Book(project(tmp_path), sample())])["sample/statements"] == ""


def test_what_is_one_is_told_in_the_singular_and_thousands_are_parted():
    words = template("parts/descriptions.txt.j2").module
    assert words.many([1], "claim") == "1 claim"  # type: ignore[attr-defined]
    assert words.many(range(1234), "claim") == "1,234 claims"  # type: ignore[attr-defined]


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


@pytest.mark.slow
def test_each_page_says_its_verdict_where_it_is_linked(editions):
    def says(page: str) -> str:
        text = (editions.public / "latest" / page).read_text(encoding="utf-8")
        found = re.search(r'<meta property="og:description" content="([^"]*)"', text)
        plain = re.search(r'<meta content="([^"]*)" name="description"', text)
        assert found is not None
        assert plain is not None
        assert unescape(found[1]) == unescape(plain[1])
        return unescape(found[1])

    assert says("tiny/patterns/counts-by-name.html") == (
        "Desk(Counts().next): avoid in dictionary (counts-apart refuted)."
    )
    assert "With Dictionary nothing that was tried works" in says("index.html")
    assert says("tiny/statements.html") == (
        "2 statements quoted from 2 texts: 1 upheld, 1 overturned."
    )
