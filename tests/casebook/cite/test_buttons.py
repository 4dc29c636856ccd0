"""The buttons of a finding give what the commands print: its citation and its reproduction."""

import os
import re
from collections import Counter
from typing import Any

import pytest

from casebook.cite.buttons import button_files
from casebook.cite.cite import cite
from casebook.cite.reply import Citations
from casebook.judge.project import read_reports
from casebook.site import build
from casebook.site.book import Book
from tests.casebook.cite.builders import SITE, given, held, on_two_databases
from tests.casebook.judge.builders import BAD, GOOD
from tests.conftest import Project

REPORT = on_two_databases(GOOD, BAD)


def script(finding: Any) -> str | None:
    """Return a reproduction, which the findings of one pattern don't have."""
    if finding.pattern == "wrong":
        return None
    return f"import this\n\n\n\n# Then\nprint({finding.id!r})\n"


COMPOSED = Citations(REPORT, SITE, script)


@pytest.fixture(scope="module")
def files() -> dict[str, str]:
    return dict(button_files(COMPOSED))


def test_there_is_a_file_for_each_pattern_and_one_for_all_reproductions(
    files: dict[str, str],
) -> None:
    citations = [f"tiny/citations/{one}.js" for one in ("right", "unwired", "used", "wrong")]
    assert sorted(files) == [*citations, "tiny/repros.js"]


def test_a_citation_is_exactly_what_is_cited(files: dict[str, str]) -> None:
    for finding in REPORT.findings:
        file = held(files[f"tiny/citations/{finding.pattern}.js"])
        asked = (finding.claim, finding.pattern, finding.environment, finding.database)
        assert given(file, finding.id) == cite(COMPOSED, *asked)


def test_a_reproduction_is_exactly_the_script_and_who_has_none_is_not_there(
    files: dict[str, str],
) -> None:
    file = held(files["tiny/repros.js"], "Scripts")
    found = {finding.id: script(finding) for finding in REPORT.findings}
    assert {id: given(file, id) for id in file["texts"]} == {
        id: text for id, text in found.items() if text
    }
    assert None in found.values()


def test_without_reproductions_there_is_no_file_of_them() -> None:
    names = dict(button_files(Citations(REPORT, SITE, lambda one: None)))
    assert "tiny/repros.js" not in names


def test_what_several_texts_share_is_there_once(files: dict[str, str]) -> None:
    for name, text in files.items():
        file = held(text, "Scripts" if name.endswith("repros.js") else "Citations")
        assert len(file["pieces"]) == len(set(file["pieces"]))
    scripts = held(files["tiny/repros.js"], "Scripts")
    assert sum("import this" in piece for piece in scripts["pieces"]) == 1
    assert sum("# Then" in piece for piece in scripts["pieces"]) == len(scripts["texts"])
    used = held(files["tiny/citations/used.js"])
    assert sum("import this" in piece for piece in used["pieces"]) == 1


def test_the_commonest_pieces_come_first_since_their_numbers_are_the_shortest(
    files: dict[str, str],
) -> None:
    for name, text in files.items():
        file = held(text, "Scripts" if name.endswith("repros.js") else "Citations")
        times = Counter(number for numbers in file["texts"].values() for number in numbers)
        counts = [times[number] for number in range(len(file["pieces"]))]
        assert counts == sorted(counts, reverse=True)
        assert counts[0] > counts[-1] > 0


def test_every_finding_of_a_page_is_in_the_files_that_the_page_names(
    observed: tuple[Project, str],
) -> None:
    root = observed[0].root
    reports = read_reports(root)
    build.write_pages(root, reports)
    folder = root / "build" / "docs"
    pages = list((folder / "tiny" / "patterns").glob("*.md"))
    assert pages
    scripts = Book(root, reports[0]).reproductions.script
    reproduced = {one.id for one in reports[0].findings if scripts(one)}
    for page in pages:
        html = page.read_text(encoding="utf-8")
        ((cited, saved),) = re.findall(
            r'<script src="[^"]*/findings.js" data-cite="([^"]*)" data-save="([^"]*)"', html
        )
        at = folder / "extra/tiny/patterns"
        citations, repros = (
            held((folder / os.path.normpath(at / one)).read_text(encoding="utf-8"), kind)
            for one, kind in ((cited, "Citations"), (saved, "Scripts"))
        )
        items = re.findall(r'<li id="([^"]*)"( data-script)?><a href="#([^"]*)">', html)
        assert items
        assert [id for id, _, _ in items] == [link for _, _, link in items]
        assert sorted(id for id, _, _ in items) == sorted(citations["texts"])
        assert {id for id, has_script, _ in items if has_script} == {
            id for id, _, _ in items if id in reproduced
        }
        assert {id for id, has_script, _ in items if has_script} <= set(repros["texts"])
    assert reproduced == set(repros["texts"])
