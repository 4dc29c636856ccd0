"""Where in a project's own page something is wrong."""

from pathlib import Path

import pytest

from casebook.plan.mistakes import PlanError
from casebook.site.mistakes import check_title, in_sources


def test_a_page_without_a_title_is_named() -> None:
    with pytest.raises(PlanError, match=r"docs/tiny/page\.md: title: the page has none; begin it"):
        check_title("docs/tiny/page.md", "Only text, and #no title\n")


@pytest.mark.parametrize("text", ["# A title\n", "text\n\n# A title\n", "A title\n=======\n"])
def test_a_page_with_a_title_passes(text: str) -> None:
    check_title("docs/tiny/page.md", text)


def test_what_sphinx_says_of_a_page_names_the_projects_own_file_and_line(tmp_path: Path) -> None:
    for folder, text in (
        ("docs", "# A\n{{ code() }}\n[x](y.md)\n"),
        ("build/docs", "# A\n\n\n[x](y.md)\n"),
    ):
        (tmp_path / folder / "tiny").mkdir(parents=True)
        (tmp_path / folder / "tiny" / "page.md").write_text(text)
    said = f"{tmp_path}/build/docs/tiny/page.md:4: WARNING: no such page\n"
    assert in_sources(tmp_path, said) == "docs/tiny/page.md:3: WARNING: no such page\n"


def test_a_line_that_stands_in_the_template_otherwise_leaves_the_file(tmp_path: Path) -> None:
    for folder, text in (("docs", "# A\n{{ code() }}\n"), ("build/docs", "# A\n[x](y.md)\n")):
        (tmp_path / folder / "tiny").mkdir(parents=True)
        (tmp_path / folder / "tiny" / "page.md").write_text(text)
    said = f"{tmp_path}/build/docs/tiny/page.md:2: WARNING: no such page\n"
    assert in_sources(tmp_path, said) == "docs/tiny/page.md: WARNING: no such page\n"


def test_what_the_engine_made_keeps_its_place(tmp_path: Path) -> None:
    said = f"{tmp_path}/build/docs/tiny/controls.md:2: WARNING: no such page\n"
    assert in_sources(tmp_path, said) == said
