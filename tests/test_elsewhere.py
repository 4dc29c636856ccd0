"""What was written elsewhere, and the symptoms: on the pages and in citations."""

import re
from dataclasses import replace
from pathlib import Path

import pytest

from casebook.cite import block
from casebook.cite.cite import cite
from casebook.cite.reply import Citations
from casebook.editions.names import Named, names_of
from casebook.judge.project import read_report
from casebook.site import pages
from tests.casebook.plan.test_symptoms import SYMPTOMS
from tests.conftest import Project, copy_of_tiny

REFERENCES = """
[[reference]]
id = "counting"
kind = "documentation"
title = "How to [count]"
url = "https://elsewhere.example/counting?in=turn"
says = "Of `counts` & <b>such</b>."
claims = ["counts-apart"]
patterns = ["counts-by-name"]
backends = ["dictionary"]
symptoms = ["wrong-number"]
"""

NEVER = """
[[symptom]]
id = "never-seen"
title = "A *hostile* <b>symptom</b>"
match = ["nothing says this"]
meaning = "It means nothing."
"""

LINK = "[How to &#91;count&#93;](https://elsewhere.example/counting?in=turn)"


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Project:
    """The miniature with a reference and symptoms, observed where it uses a dictionary."""
    made = copy_of_tiny(tmp_path_factory.mktemp("elsewhere"))
    made.write("conf/tiny.references.toml", REFERENCES)
    made.write("conf/tiny.symptoms.toml", SYMPTOMS + NEVER)
    made.replace(
        "conf/tiny.toml",
        "time_limit = 10\n",
        'time_limit = 10\nchapters = ["claims", "symptoms", "references"]\n',
    )
    assert made.run("dictionary").returncode == 0
    return made


@pytest.fixture(scope="module")
def rendered(project: Project, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of the miniature's pages."""
    build = tmp_path_factory.mktemp("rendered")
    pages.render(project.root, [read_report(project.root, "tiny")], build)
    return build / "docs" / "tiny"


@pytest.mark.parametrize(
    "page",
    ["claims", "patterns/counts-by-name", "backends/dictionary", "symptoms", "references"],
)
def test_a_page_names_what_was_written_elsewhere(rendered: Path, page: str) -> None:
    text = (rendered / f"{page}.md").read_text(encoding="utf-8")
    assert text.count(LINK) == 1
    assert "Of `counts` &#38; &#60;b&#62;such&#60;/b&#62;." in text


@pytest.mark.parametrize("page", ["patterns/kept-apart", "backends/closure"])
def test_a_page_without_references_has_no_section_for_them(rendered: Path, page: str) -> None:
    assert "See also" not in (rendered / f"{page}.md").read_text(encoding="utf-8")


def test_the_page_of_references_leads_back_to_what_uses_them(rendered: Path) -> None:
    text = (rendered / "references.md").read_text(encoding="utf-8")
    for address in (
        "claims.html#counts-apart",
        "patterns/counts-by-name.html",
        "backends/dictionary.html",
        "symptoms.html#symptom-wrong-number",
    ):
        assert f'<a href="{address}">' in text


def test_a_full_citation_names_them_and_a_short_one_does_not(project: Project) -> None:
    composed = Citations(read_report(project.root, "tiny"), "https://tiny.example/")
    asked = "counts-apart", "counts-by-name", "dictionary"
    said = r"See also: [How to \[count\]](https://elsewhere.example/counting?in=turn)."
    assert said in cite(composed, *asked, full=True)
    assert "See also" not in cite(composed, *asked)
    (found,) = block.found(cite(composed, *asked, full=True))
    assert found.whole


def entry(rendered: Path, id: str) -> str:
    """Return what the page of symptoms says of one."""
    text = (rendered / "symptoms.md").read_text(encoding="utf-8")
    return text.partition(f'<span id="symptom-{id}">')[2].partition("<span id=")[0]


def test_a_symptom_says_with_what_it_was_seen(rendered: Path) -> None:
    said = entry(rendered, "on-its-way-out")
    assert "## Warning: this counter is on its way out" in said
    assert "The counter is deprecated." in said
    assert "Seen with 1 control" in said
    assert re.search(r'href="[^"]*patterns/warns-when-wired\.html"', said)
    assert re.search(r'href="[^"]*#no-warnings\.warns-when-wired\.dictionary\.sqlite"', said)
    assert re.search(r'href="[^"]*histories/[0-9a-f]{64}\.html#\d+"', said)


def test_a_symptom_that_was_not_seen_is_not_hidden(rendered: Path) -> None:
    said = entry(rendered, "never-seen")
    assert "## A &#42;hostile&#42; &#60;b&#62;symptom&#60;/b&#62;" in said
    assert "Not seen in any cell here." in said


def test_a_symptom_can_be_linked_to_where_there_is_a_page_of_them(project: Project) -> None:
    report = read_report(project.root, "tiny")
    named = [one for one in names_of([report]) if one.kind == "symptom"]
    assert named[1] == Named(
        "symptom",
        "wrong-number",
        "tiny",
        "The number is somebody else's",
        "tiny/symptoms.html#symptom-wrong-number",
    )
    without = replace(report, investigation=replace(report.investigation, chapters=("claims",)))
    assert all(one.kind != "symptom" for one in names_of([without]))
