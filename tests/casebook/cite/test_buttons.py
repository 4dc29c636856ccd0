"""The button of a finding holds what the command prints."""

import json
import os
import re
from typing import Any

from casebook.cite.buttons import button_files
from casebook.cite.cite import cite
from casebook.cite.reply import Citations
from casebook.judge.project import read_reports
from casebook.site import build
from tests.casebook.cite.builders import SITE, on_two_databases
from tests.casebook.judge.builders import BAD, GOOD
from tests.conftest import Project


def held(text: str) -> Any:
    """Return what the file of a pattern holds for its page's script."""
    assert text.startswith("window.casebookCitations = ")
    return json.loads(text.removeprefix("window.casebookCitations = ").removesuffix(";\n"))


def test_the_file_of_a_pattern_holds_exactly_what_is_cited_each_piece_once() -> None:
    report = on_two_databases(GOOD, BAD)
    composed = Citations(report, SITE, lambda one: f"import this\n\n\n\nprint({one.id!r})\n")
    files = dict(button_files(composed))
    names = ("right", "unwired", "used", "wrong")
    assert sorted(files) == [f"tiny/citations/{one}.js" for one in names]
    every = [held(text) for text in files.values()]
    assert sum(len(one["findings"]) for one in every) == len(report.findings)
    assert all(len(one["pieces"]) == len(set(one["pieces"])) for one in every)
    used = held(files["tiny/citations/used.js"])
    assert sum("import this" in piece for piece in used["pieces"]) == 1
    pieces = used["findings"]["good.used.now.postgresql"]
    asked = ("good", "used", "now", "postgresql")
    assert "".join(used["pieces"][number] for number in pieces) == cite(composed, *asked)


def test_every_finding_of_a_page_has_a_button_whose_citation_is_in_the_page_s_file(
    observed: tuple[Project, str],
) -> None:
    root = observed[0].root
    build.write_pages(root, read_reports(root))
    folder = root / "build" / "docs"
    pages = list((folder / "tiny" / "patterns").glob("*.md"))
    assert pages
    for page in pages:
        html = page.read_text(encoding="utf-8")
        (address,) = re.findall(r'<script src="[^"]*/cite.js" data-citations="([^"]*)"', html)
        file = folder / os.path.normpath(f"extra/tiny/patterns/{address}")
        asked = re.findall(r'<button type="button" class="cite" data-finding="([^"]*)"', html)
        assert asked == re.findall(r'<article class="finding [^"]*" id="([^"]*)"', html)
        assert sorted(asked) == sorted(held(file.read_text(encoding="utf-8"))["findings"])
