"""Everything on the site that can be linked to by id, such as claims, findings and symptoms."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from itertools import product

import msgspec

from casebook.editions import addresses
from casebook.judge.findings import Finding
from casebook.judge.releases import Releases
from casebook.judge.report import Report
from casebook.plan.investigation import Investigation
from casebook.text import one_line

FILE = "inventory.json"
"""The name of the inventory among the pages' sources; `casebook.site.sphinx.domain` reads it."""


@dataclass(frozen=True, slots=True)
class Named:
    """Something that can be linked to by its id.

    `verdict` is that of a finding or a statement, else "". `address` is relative to the site's root
    and ends with the id.
    """

    kind: str
    id: str
    investigation: str
    title: str
    address: str
    verdict: str = ""


def names_of(reports: Iterable[Report]) -> Iterator[Named]:
    """Yield everything that can be linked to on the site of these reports."""
    for report in reports:
        investigation = report.investigation
        own = investigation.id
        for claim in report.claims:
            address = addresses.claim(investigation, claim)
            yield Named("claim", claim.id, own, claim.title, address)
        for pattern in investigation.patterns:
            address = f"{addresses.pattern(investigation, pattern.id)}#{pattern.id}"
            yield Named("pattern", pattern.id, own, pattern.title, address)
        titles = {environment.id: environment.title for environment in investigation.installed}
        for finding in (*report.findings, *_apart(report)):
            environment = titles[finding.environment]
            title = f"{finding.claim} of {finding.pattern}, {environment}"
            if len(investigation.databases) > 1:
                title += f", {finding.database}"
            address = addresses.finding(investigation, finding)
            yield Named("finding", finding.id, own, title, address, finding.verdict)
        for stated in report.stated:
            id = stated.statement.id
            address = addresses.statement(investigation, stated.statement)
            yield Named("statement", id, own, f"statement {id}", address, stated.outcome)
        for symptom in report.symptoms.symptoms if "symptoms" in investigation.chapters else ():
            address = addresses.symptom(investigation, symptom)
            yield Named("symptom", symptom.id, own, one_line(symptom.title), address)


def _apart(report: Report) -> Iterator[Finding]:
    """Yield the findings of swept environments that are other than where their axis starts."""
    for findings in Releases(report).apart.values():
        yield from (finding for finding in findings if finding.verdict != "not-tested")


def dump_names(named: Iterable[Named]) -> str:
    """Return the text of the inventory's file."""
    return msgspec.json.format(msgspec.json.encode(list(named)), indent=0).decode() + "\n"


def load_names(text: bytes) -> list[Named]:
    """Return the content of the inventory's file."""
    return msgspec.json.decode(text, type=list[Named])


def renamed(reports: Iterable[Report]) -> dict[str, str]:
    """Return the present address of everything that was renamed, by its former address.

    `[[renamed]]` in `conf/` lists former ids. A finding's id is made of others and moves with them.
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
            before, now = (addresses.pattern(investigation, name) for name in (id, pattern.id))
            yield from ((before, now), (f"{before}#{id}", f"{now}#{pattern.id}"))
    for finding in report.findings:
        for earlier in _formerly(investigation, finding):
            now = addresses.finding(investigation, finding)
            yield addresses.finding(investigation, earlier), now
    for stated in report.stated:
        now = addresses.statement(investigation, stated.statement)
        for id in former("statement", stated.statement.id):
            yield addresses.statement(investigation, replace(stated.statement, id=id)), now


def _formerly(investigation: Investigation, finding: Finding) -> Iterator[Finding]:
    """Yield the finding under each id that it may have had before."""
    parts = {kind: getattr(finding, kind) for kind in ("claim", "pattern", "environment")}
    names = [(own, *investigation.former(kind, own)) for kind, own in parts.items()]
    for claim, pattern, environment in product(*names):
        id = f"{claim}.{pattern}.{environment}.{finding.database}"
        yield replace(finding, id=id, claim=claim, pattern=pattern, environment=environment)
