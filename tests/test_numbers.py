"""The numbers of findings agree wherever they stand: they are counted once, in the report."""

import re
from collections import Counter
from pathlib import Path

import pytest

from casebook.cli.summary import Previous, summary
from casebook.judge.project import read_report
from casebook.judge.report import Report
from casebook.plan.conf import investigation_ids
from casebook.site import pages
from casebook.site.book import Book
from casebook.site.verdicts import published_verdicts
from tests.committed import report_of
from tests.conftest import CASEBOOK

HERE = [
    pytest.param(id, marks=[pytest.mark.slow, pytest.mark.xdist_group(f"numbers of {id}")])
    for id in investigation_ids(CASEBOOK)
]


@pytest.fixture(scope="module", params=["the miniature", *HERE])
def told(request: pytest.FixtureRequest) -> tuple[Path, Report]:
    """A project and a report: the miniature that ran, and each investigation that is here."""
    if request.param == "the miniature":
        root = request.getfixturevalue("observed")[0].root
        return root, read_report(root, "tiny")
    return CASEBOOK, report_of(request.param)


@pytest.fixture(scope="module")
def rendered(told: tuple[Path, Report], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of the pages' sources."""
    root, report = told
    build = tmp_path_factory.mktemp("rendered")
    pages.render(root, [report], build)
    return build / "docs"


def numbers(pattern: str, text: str) -> list[int]:
    """Return the numbers of the first match, as pages and the terminal write them."""
    found = re.search(pattern, text)
    assert found, f"{pattern!r} stands nowhere"
    return [int(number.replace(",", "")) for number in found.groups()]


def test_verdicts_json_lists_as_many_findings_as_are_counted(told: tuple[Path, Report]) -> None:
    _, report = told
    published = published_verdicts([report], "https://casebook.example/")
    assert Counter(one.verdict for one in published.findings) == Counter(
        report.counts.of_patterns
    ) + Counter(report.counts.of_controls)


def test_the_terminal_says_the_numbers_that_are_counted(told: tuple[Path, Report]) -> None:
    _, report = told
    shown = summary(report, Previous("HEAD", None))
    assert numbers(r"; ([\d,]+) findings", shown) == [report.counts.findings]
    words = r", ".join(rf"([\d,]+) {word}" for word in report.counts.of_patterns)
    assert numbers(rf"Of patterns: {words}", shown) == [*report.counts.of_patterns.values()]


@pytest.mark.parametrize("page", ["{}/index.md", "{}/comparison.md"])
def test_pages_say_the_numbers_that_are_counted(
    told: tuple[Path, Report], rendered: Path, page: str
) -> None:
    _, report = told
    text = (rendered / page.format(report.investigation.id)).read_text(encoding="utf-8")
    said = numbers(r"([\d,]+) findings: ([\d,]+) of controls, ([\d,]+) of patterns", text)
    assert said == [report.counts.findings, report.counts.controls, report.counts.patterns]


def test_the_comparison_says_how_many_of_the_findings_its_tables_show(
    told: tuple[Path, Report], rendered: Path
) -> None:
    root, report = told
    text = (rendered / report.investigation.id / "comparison.md").read_text(encoding="utf-8")
    said = numbers(r"tables show ([\d,]+) of the ([\d,]+) findings", text)
    assert said == [Book(root, report).tables_show, report.counts.findings]
    assert said[0] == marks(text)


def test_the_page_of_the_controls_says_the_numbers_that_are_counted(
    told: tuple[Path, Report], rendered: Path
) -> None:
    root, report = told
    text = (rendered / report.investigation.id / "controls.md").read_text(encoding="utf-8")
    published = published_verdicts([report], "https://casebook.example/").controls
    said = numbers(r"([\d,]+) of ([\d,]+) controls came out as declared", text)
    assert said == [sum(one.held for one in published), len(published)]
    (shown,) = numbers(r"tables show ([\d,]+) of them", text)
    assert shown == Book(root, report).controls_show == marks(text)


def marks(page: str) -> int:
    """Return how many verdicts the tables of a page show."""
    return len(re.findall(r'class="cell (?!missing)', page))
