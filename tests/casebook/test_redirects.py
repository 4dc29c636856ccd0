"""Where links lead whose address went, and what `[[renamed]]` may say."""

from dataclasses import replace

import pytest

from casebook import renames
from casebook.edition import Addresses, Page
from casebook.judge import report
from casebook.plan.investigation import PlanError, Renamed
from casebook.redirects import redirects
from tests.casebook.test_judge import INVESTIGATION, judged


def addresses_with(name: str, pages: dict[str, list[str]], renamed: dict | None = None):
    found = {page: Page("pattern", dict.fromkeys(ids, "supported")) for page, ids in pages.items()}
    return Addresses(1, name, name, found, renamed or {})


def test_what_went_leads_to_the_last_edition_that_had_it():
    latest = addresses_with("c", {"p": ["x"]})
    earlier = [
        addresses_with("b", {"p": ["x", "y"]}),
        addresses_with("a", {"p": ["y", "z"], "q": []}),
    ]
    assert redirects(latest, earlier) == {"p": {"y": "b/p#y", "z": "a/p#z"}, "q": {"": "a/q"}}


def test_what_was_renamed_leads_to_the_latest():
    latest = addresses_with("b", {"p": ["x"]}, {"p#old": "p#x"})
    assert redirects(latest, [addresses_with("a", {"p": ["old"]})]) == {"p": {"old": "latest/p#x"}}


def test_a_claim_that_was_renamed_twice_takes_its_findings_along_from_both_names():
    found = judged()
    claim = found.claims[0].id
    moved = (Renamed("claim", "first", "second"), Renamed("claim", "second", claim))
    found = replace(found, investigation=replace(INVESTIGATION, renamed=moved))
    leads = renames.renamed([found])
    for name in ("first", "second"):
        assert leads[f"tiny/claims.html#{name}"] == f"tiny/claims.html#{claim}"
        for finding in found.findings:
            if finding.claim == claim:
                page = f"tiny/patterns/{finding.pattern}.html"
                former = f"{page}#{finding.id.replace(claim, name, 1)}"
                assert leads[former] == f"{page}#{finding.id}"


RENAMED = '\n[[renamed]]\nkind = "{}"\nfrom = "{}"\nto = "{}"\n'


@pytest.mark.parametrize(
    ("tables", "error"),
    [
        ([("patern", "a", "b")], r"renamed\[1\].kind: 'patern' is not \"claim\", "),
        ([("pattern", "A b", "counts-by-name")], r"renamed\[1\].from: 'A b' cannot be an id"),
        ([("pattern", "one-global", "counts-by-name")], r"'one-global' is still declared"),
        ([("pattern", "old", "counts-by-nam")], r"renamed\[1\].to: .*: write 'counts-by"),
        ([("environment", "old", "nowhere")], r"'nowhere' is not a declared environment"),
        ([("claim", "old", "wire")], r"'wire' is not a declared claim: write 'wires'"),
        ([("statement", "old", "none")], r"'none' is not a declared statement"),
        ([("claim", "a", "wires"), ("claim", "a", "wires")], r"renamed\[2\].from: two of"),
        ([("claim", "a", "b"), ("claim", "b", "a")], r"claim 'a' becomes itself again"),
    ],
)  # fmt: skip
def test_a_wrong_rename_names_its_place(tiny, tables, error):
    text = tiny.path("conf/tiny.toml").read_text()
    tiny.write("conf/tiny.toml", text + "".join(RENAMED.format(*table) for table in tables))
    with pytest.raises(PlanError, match=error):
        report(tiny.root, "tiny")
