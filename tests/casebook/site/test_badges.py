"""Badges: the grade of a pattern as a small picture."""

import xml.etree.ElementTree as xml
from dataclasses import replace

import pytest

from casebook.site.badges import badge
from casebook.site.book import Book
from tests.casebook.judge.builders import BAD, CLAIMS, GOOD, INVESTIGATION, a_claim, judged

SVG = "{http://www.w3.org/2000/svg}"


def texts(tmp_path, pattern="used", **facts):
    report = judged(**facts)
    picture = xml.fromstring(badge(Book(tmp_path, report), report.investigation.pattern(pattern)))
    return [text.text for text in picture.iter(f"{SVG}text")]


@pytest.mark.parametrize(
    ("cells", "grade"),
    [
        ({}, "✓ recommended"),
        ({("used", "use"): BAD}, "✗ avoid"),
        ({("used", "use"): None}, "? unknown"),
    ],
)
def test_a_badge_says_the_grade_and_the_main_release(tmp_path, cells, grade):
    label, words = texts(tmp_path, cells=cells)
    assert label.endswith(": used")
    assert words == f"{grade}, admin 2.2.1"


def test_a_badge_recommends_nothing_without_what_stands_beside_the_grade(tmp_path):
    leaks = a_claim(
        "leaks", experiments=("load",), required=False, weighs=False, otherwise="leaks under load"
    )
    cells = {("used", "load"): BAD, ("right", "load"): GOOD, ("wrong", "load"): BAD}
    _, words = texts(tmp_path, cells=cells, claims=[*CLAIMS, leaks])
    assert words == "✓ recommended; leaks under load, admin 2.2.1"


def test_a_control_is_called_one(tmp_path):
    assert texts(tmp_path, "wrong")[1] == "a control, admin 2.2.1"


def test_what_a_title_holds_is_no_markup(tmp_path):
    patterns = tuple(replace(one, title="<b>&</b>") for one in INVESTIGATION.patterns)
    report = judged(investigation=replace(INVESTIGATION, patterns=patterns))
    picture = xml.fromstring(badge(Book(tmp_path, report), report.investigation.pattern("used")))
    assert "<b>&</b>" in (picture.findtext(f"{SVG}title") or "")
    assert picture.find(f".//{SVG}b") is None
