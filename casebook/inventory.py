"""What on the site has a name: claims, patterns, findings, statements, each with its address."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import msgspec

from casebook import addresses
from casebook.report import Report

FILE = "inventory.json"
"""Where the inventory is among the pages' sources, for `casebook.domain`."""


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


def inventory(reports: Iterable[Report]) -> Iterator[Named]:
    """Yield what the site of these reports has names for."""
    for report in reports:
        investigation = report.investigation
        own = investigation.id
        for claim in report.claims:
            address = addresses.claim(investigation, claim)
            yield Named("claim", claim.id, own, claim.title, address)
        for pattern in investigation.patterns:
            address = f"{addresses.pattern(investigation, pattern.id)}#{pattern.id}"
            yield Named("pattern", pattern.id, own, pattern.title, address)
        for finding in report.findings:
            environment = investigation.environment(finding.environment).title
            title = f"{finding.claim} of {finding.pattern}, {environment}, {finding.database}"
            address = addresses.finding(investigation, finding)
            yield Named("finding", finding.id, own, title, address, finding.verdict)
        for stated in report.stated:
            id = stated.statement.id
            address = addresses.statement(investigation, stated.statement)
            yield Named("statement", id, own, f"statement {id}", address, stated.verdict)


def dump(named: Iterable[Named]) -> str:
    """Return the text of the inventory's file."""
    return msgspec.json.format(msgspec.json.encode(list(named)), indent=0).decode() + "\n"


def load(text: bytes) -> list[Named]:
    """Return what the inventory's file holds."""
    return msgspec.json.decode(text, type=list[Named])
