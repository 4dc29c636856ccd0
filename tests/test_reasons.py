"""Where a count or a sentence says that something was not tested, the reason stands there, too."""

from pathlib import Path

import pytest

from casebook.cli.summary import Previous, summary
from casebook.judge.project import read_report
from casebook.judge.untested import untested
from casebook.site import pages
from casebook.site.book import Book
from casebook.site.descriptions import descriptions
from tests.conftest import Project, copy_of_tiny

REASON = "ModuleNotFoundError: No module named 'no_such_library'"

SHOWN = "ModuleNotFoundError: No module named &#39;no_such_library&#39;"


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Project:
    """The miniature, observed where a closure counts and where a library for it is missing."""
    made = copy_of_tiny(tmp_path_factory.mktemp("reasons"))
    assert made.run("closure").returncode == 0
    assert made.run("closure-not-importable").returncode == 0
    return made


@pytest.fixture(scope="module")
def rendered(project: Project, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of the miniature's pages."""
    build = tmp_path_factory.mktemp("rendered")
    pages.render(project.root, [read_report(project.root, "tiny")], build)
    return build / "docs"


def test_the_answer_says_the_error_where_it_says_cannot_be_imported(rendered: Path) -> None:
    text = (rendered / "index.md").read_text(encoding="utf-8")
    assert f'cannot be imported: <span class="untrusted">{SHOWN}</span>' in text


@pytest.mark.parametrize("page", ["index.md", "tiny/comparison.md", "tiny/method.md"])
def test_counts_say_why_findings_were_not_tested(
    project: Project, rendered: Path, page: str
) -> None:
    text = (rendered / page).read_text(encoding="utf-8")
    counted = text.partition('<p class="counts">')[2].partition("</p>")[0]
    for one in untested(read_report(project.root, "tiny"))[:3]:
        assert f"{len(one.findings)} (<span" in counted
    assert SHOWN in counted


def test_a_setting_says_why_beside_its_count_of_what_was_not_tested(rendered: Path) -> None:
    text = (rendered / "tiny" / "method.md").read_text(encoding="utf-8")
    summaries = [part.partition("</summary>")[0] for part in text.split("<summary>")]
    counted = [one for one in summaries if one.count("not tested") and "is missing" in one]
    assert counted
    assert all(SHOWN in one for one in counted)


def test_the_terminal_says_why(project: Project) -> None:
    report = read_report(project.root, "tiny")
    shown = summary(report, Previous("HEAD", None))
    assert f"Not tested: {sum(len(one.findings) for one in untested(report))} (" in shown


def test_descriptions_say_why(project: Project) -> None:
    report = read_report(project.root, "tiny")
    first = untested(report)[0].brief
    assert first in descriptions([Book(project.root, report)])["tiny/claims"]
