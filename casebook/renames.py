"""Under which addresses was published what has another one now."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from itertools import product

from casebook import addresses
from casebook.plan.investigation import Investigation
from casebook.report import Finding, Report


def renamed(reports: Iterable[Report]) -> dict[str, str]:
    """Return the address of everything that was published under another one, by the former.

    `[[renamed]]` in `conf/` says what was. A finding's id is made of others, and moves with them.
    """
    return {
        before: now
        for report in reports
        if report.investigation.renamed
        for before, now in _moves(report)
        if before != now
    }


def _moves(report: Report) -> Iterator[tuple[str, str]]:
    investigation = report.investigation
    former = investigation.former
    for claim in report.claims:
        for id in former("claim", claim.id):
            now = addresses.claim(investigation, claim)
            yield addresses.claim(investigation, replace(claim, id=id)), now
    for pattern in investigation.patterns:
        for id in former("pattern", pattern.id):
            before, now = (addresses.pattern(investigation, one) for one in (id, pattern.id))
            yield from ((before, now), (f"{before}#{id}", f"{now}#{pattern.id}"))
    for finding in report.findings:
        for one in _formerly(investigation, finding):
            now = addresses.finding(investigation, finding)
            yield addresses.finding(investigation, one), now
    for stated in report.stated:
        now = addresses.statement(investigation, stated.statement)
        for id in former("statement", stated.statement.id):
            yield addresses.statement(investigation, replace(stated.statement, id=id)), now


def _formerly(investigation: Investigation, finding: Finding) -> Iterator[Finding]:
    """Yield a finding under each id that it may have had."""
    parts = {kind: getattr(finding, kind) for kind in ("claim", "pattern", "environment")}
    names = [(own, *investigation.former(kind, own)) for kind, own in parts.items()]
    for claim, pattern, environment in product(*names):
        id = f"{claim}.{pattern}.{environment}.{finding.database}"
        yield replace(finding, id=id, claim=claim, pattern=pattern, environment=environment)
