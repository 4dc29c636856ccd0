"""What was renamed takes its addresses along."""

from dataclasses import replace

from casebook.editions.names import renamed
from casebook.plan.investigation import Renamed
from tests.casebook.judge.builders import INVESTIGATION, judged


def test_a_claim_that_was_renamed_twice_takes_its_findings_along_from_both_names():
    found = judged()
    claim = found.claims[0].id
    moved = (Renamed("claim", "first", "second"), Renamed("claim", "second", claim))
    found = replace(found, investigation=replace(INVESTIGATION, renamed=moved))
    leads = renamed([found])
    for name in ("first", "second"):
        assert leads[f"tiny/claims.html#{name}"] == f"tiny/claims.html#{claim}"
        for finding in found.findings:
            if finding.claim == claim:
                page = f"tiny/patterns/{finding.pattern}.html"
                former = f"{page}#{finding.id.replace(claim, name, 1)}"
                assert leads[former] == f"{page}#{finding.id}"
