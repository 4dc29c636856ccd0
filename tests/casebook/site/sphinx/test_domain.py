"""The Sphinx domain: links by id, here and from a project that does not know the domain."""

import re
import subprocess
import sys
from html.parser import HTMLParser
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from sphinx.util.inventory import InventoryFile

from casebook.editions.names import Named
from casebook.site.sphinx.domain import CasebookDomain, located
from tests.conftest import Project, copy_of_tiny

pytestmark = pytest.mark.slow

FINDING = "counts-apart.counts-by-name.dictionary.sqlite"


class Ids(HTMLParser):
    """Collects the ids of a page."""

    def __init__(self, page: Path) -> None:
        super().__init__()
        self.found: set[str] = set()
        self.feed(page.read_text(encoding="utf-8"))

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        self.found.update(value for name, value in attributes if name == "id" and value)


def sphinx(source: Path, built: Path) -> str:
    """Build strictly and return what Sphinx said, which is nothing where all links are found."""
    command = [sys.executable, "-m", "sphinx", "-n", "-W", "--keep-going", "-q", source, built]
    return subprocess.run(list(map(str, command)), capture_output=True, text=True).stderr


@pytest.fixture(scope="module")
def site(tmp_path_factory) -> Path:
    """The miniature's built site, with a page that links to each kind of thing."""
    project: Project = copy_of_tiny(tmp_path_factory.mktemp("site"))
    assert project.run("dictionary").returncode == 0
    project.write(
        "docs/tiny/links.md",
        "---\norphan: true\n---\n# Links\n\n"
        f"{{claim}}`counts-apart`, {{claim}}`said so <tiny.counts-apart>`,\n"
        f"{{pattern}}`one-global`, {{finding}}`{FINDING}`,\n"
        "{statement}`dictionaries-count-from-zero`\n",
    )
    built = project.command("casebook", "--root", str(project.root), "site")
    assert built.returncode == 3, built.stderr  # the other environments have no record
    return project.path("build/html")


def links(page: Path) -> dict[str, str]:
    """Return where a page's links inside the project or to another lead, by their words."""
    found = re.findall(
        r'<a class="reference (?:in|ex)ternal" href="([^"]*)"[^>]*>(.*?)</a>', page.read_text()
    )
    return {re.sub("<[^>]*>", "", words): address for address, words in found}


def test_a_page_links_to_what_has_an_id(site):
    found = links(site / "tiny" / "links.html")
    assert found["counts-apart"] == "claims.html#counts-apart"
    assert found["said so"] == "claims.html#counts-apart"
    assert found["one-global"] == "patterns/one-global.html#one-global"


def test_a_link_to_a_finding_or_a_statement_says_its_verdict(site):
    found = links(site / "tiny" / "links.html")
    finding = f"patterns/counts-by-name.html#{FINDING}"
    assert [words for words, address in found.items() if address == finding] == [
        "counts-apart of counts-by-name, Counting with a dictionary: supported"
    ]
    assert any(words.startswith("statement dictionaries-count-from-zero: ") for words in found)


def test_an_unknown_id_fails_the_build(observed, tmp_path):
    project = copy_of_tiny(tmp_path)
    project.write("docs/tiny/links.md", "---\norphan: true\n---\n# Links\n\n{claim}`counts-apar`\n")
    built = project.command("casebook", "--root", str(project.root), "site")
    assert built.returncode == 1
    said = "no claim is called 'counts-apar': did you mean 'counts-apart'?"
    assert built.stderr.startswith(f"docs/tiny/links.md:6: WARNING: {said}")


def test_each_thing_is_in_the_inventory_where_its_anchor_is(site):
    inventory = InventoryFile.loads((site / "objects.inv").read_bytes(), uri="").data
    pages: dict[str, set[str]] = {}
    for kind in ("claim", "pattern", "finding", "statement"):
        named = inventory[f"casebook:{kind}"]
        assert named
        for name, item in named.items():
            page, _, anchor = item.uri.partition("#")
            ids = pages.setdefault(page, Ids(site / page).found)
            assert anchor == name.removeprefix("tiny.")
            assert anchor in ids, item.uri
            assert inventory["std:label"][name].uri == item.uri


def test_another_project_links_to_a_claim_without_the_domain(site, tmp_path):
    (tmp_path / "conf.py").write_text(
        'extensions = ["sphinx.ext.intersphinx"]\n'
        f'intersphinx_mapping = {{"casebook": ({str(site)!r}, None)}}\n'
    )
    names = ["counts-apart", "tiny.counts-apart", "one-global", FINDING]
    (tmp_path / "index.rst").write_text(
        "Elsewhere\n=========\n\n" + "".join(f":ref:`{name} <{name}>`\n\n" for name in names)
    )
    assert sphinx(tmp_path, tmp_path / "built") == ""
    found = links(tmp_path / "built" / "index.html")
    for name in names:
        page, _, anchor = found[name].partition("#")
        assert anchor == name.removeprefix("tiny.")
        assert anchor in Ids(Path(page)).found


def test_another_project_is_told_what_it_misspells(site, tmp_path):
    (tmp_path / "conf.py").write_text(
        'extensions = ["sphinx.ext.intersphinx"]\n'
        f'intersphinx_mapping = {{"casebook": ({str(site)!r}, None)}}\n'
    )
    (tmp_path / "index.rst").write_text("Elsewhere\n=========\n\n:ref:`keeps-count`\n")
    assert "keeps-count" in sphinx(tmp_path, tmp_path / "built")


# --- The names by themselves ----------------------------------------------------------------------


def a_domain(*named):
    """Return the domain of an environment that knows no other label."""
    standard = SimpleNamespace(labels={}, data={"anonlabels": {}})
    environment: Any = SimpleNamespace(
        domaindata={}, domains=SimpleNamespace(standard_domain=standard), app=None
    )
    made = CasebookDomain(environment)
    made.read(named)
    return made, standard


def named(investigation, id="wires", kind="claim"):
    return Named(kind, id, investigation, "A title", f"{investigation}/claims.html#{id}")


def test_what_one_investigation_has_is_found_by_its_id_and_with_its_investigation():
    made, _ = a_domain(named("tiny"))
    assert set(made.data["named"]) == {("claim", "wires"), ("claim", "tiny.wires")}


def test_what_two_investigations_have_is_found_with_the_investigation_alone():
    made, _ = a_domain(named("tiny"), named("twin"))
    assert set(made.data["named"]) == {("claim", "tiny.wires"), ("claim", "twin.wires")}


def test_of_two_kinds_with_one_id_each_is_found_under_its_kind():
    made, _ = a_domain(named("tiny"), named("twin", kind="pattern"))
    assert {("claim", "wires"), ("pattern", "wires")} <= set(made.data["named"])


def test_a_label_that_a_page_has_stays_the_pages():
    made, standard = a_domain(named("tiny"))
    standard.labels["wires"] = ("own", "anchor", "Own")
    made.add_labels()
    made.add_labels()
    assert standard.labels["wires"] == ("own", "anchor", "Own")
    assert standard.labels["tiny.wires"] == ("tiny/claims", "wires", "A title")


def test_an_address_is_a_document_and_an_anchor():
    assert located(named("tiny")) == ("tiny/claims", "wires")
