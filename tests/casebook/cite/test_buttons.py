"""The buttons of a finding give what the commands print: its citation and its reproduction."""

import os
import re
from collections import Counter
from dataclasses import replace
from typing import Any

import pytest

from casebook.cite.buttons import DIGEST, EDITION, SEAL, button_files
from casebook.cite.cite import cite
from casebook.cite.reply import Citations
from casebook.editions import addresses
from casebook.judge.findings import Finding
from casebook.judge.project import read_reports
from casebook.judge.report import Report
from casebook.site import build
from casebook.site.book import Book
from tests.casebook.cite.builders import REPORT, SITE, given, held, numbers
from tests.conftest import Project


def script(finding: Any) -> str | None:
    """Return a reproduction, which the findings of one pattern don't have."""
    if finding.pattern == "wrong":
        return None
    return f"import this\n\n\n\n# Then\nprint({finding.id!r})\n"


COMPOSED = Citations(REPORT, SITE, script)


@pytest.fixture(scope="module")
def files() -> dict[str, str]:
    return dict(button_files(COMPOSED))


def own(files: dict[str, str], finding: Finding, report: Report = REPORT) -> dict[str, str]:
    """Return what the page puts in the place of the signs of a finding's citation."""
    file = held(files[f"tiny/citations/{finding.pattern}.js"])
    seals = held(files[addresses.seals(report.investigation, finding.pattern)], "Seals")
    seal = seals[list(file["texts"]).index(finding.id)]
    return {EDITION: report.edition, DIGEST: report.digest, SEAL: seal}


def test_there_are_two_files_for_each_pattern_and_one_for_all_reproductions(
    files: dict[str, str],
) -> None:
    names = ("right", "unwired", "used", "wrong")
    citations = {f"tiny/citations/{one}.js" for one in names}
    seals = {addresses.seals(REPORT.investigation, one) for one in names}
    assert len(seals) == 4
    assert files.keys() == {*citations, *seals, "tiny/repros.js"}


def test_a_citation_is_exactly_what_is_cited(files: dict[str, str]) -> None:
    for finding in REPORT.findings:
        file = held(files[f"tiny/citations/{finding.pattern}.js"])
        asked = (finding.claim, finding.pattern, finding.environment, finding.database)
        assert given(file, finding.id, own(files, finding)) == cite(COMPOSED, *asked)


def test_another_edition_that_says_the_same_has_the_same_citations_save_the_seals(
    files: dict[str, str],
) -> None:
    later = replace(REPORT, digest="c" * 64)
    others = dict(button_files(Citations(later, SITE, script)))
    changed = {name for name in files if files[name] != others[name]}
    assert changed == {
        addresses.seals(REPORT.investigation, pattern.id)
        for pattern in REPORT.investigation.patterns
    }
    finding = REPORT.findings[0]
    file = held(others[f"tiny/citations/{finding.pattern}.js"])
    asked = (finding.claim, finding.pattern, finding.environment, finding.database)
    cited = cite(Citations(later, SITE, script), *asked)
    assert given(file, finding.id, own(others, finding, later)) == cited


def test_a_text_may_have_more_pieces_than_there_are_characters_of_two_bytes() -> None:
    long = "\n\n".join(f"x = {number}" for number in range(60_000))
    composed = Citations(REPORT, SITE, lambda one: long)
    file = held(dict(button_files(composed))["tiny/repros.js"], "Scripts")
    assert len(file["pieces"]) == 60_000
    assert given(file, REPORT.findings[0].id) == long


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
        if "seals" in name:
            continue
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
        if "seals" in name:
            continue
        file = held(text, "Scripts" if name.endswith("repros.js") else "Citations")
        times = Counter(number for id in file["texts"] for number in numbers(file, id))
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
        ((cited, sealed, saved),) = re.findall(
            r'<script src="[^"]*/findings.js" data-cite="([^"]*)" data-seal="([^"]*)" '
            r'data-save="([^"]*)"',
            html,
        )
        at = folder / "extra/tiny/patterns"
        citations, seals, repros = (
            held((folder / os.path.normpath(at / one)).read_text(encoding="utf-8"), kind)
            for one, kind in ((cited, "Citations"), (sealed, "Seals"), (saved, "Scripts"))
        )
        items = dict(re.findall(r'<li id="([^"]*)"( data-script)?>', html))
        assert items
        assert items.keys() == citations["texts"].keys()
        assert len(seals) == len(items)
        assert {id for id, has_script in items.items() if has_script} == items.keys() & reproduced
    assert reproduced == set(repros["texts"])
