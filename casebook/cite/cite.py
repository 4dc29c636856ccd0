"""The citation: which findings answer what somebody asks for, as a reply for GitHub."""

from __future__ import annotations

from collections.abc import Sequence
from difflib import get_close_matches
from pathlib import Path

from casebook.cite.block import Block, Subject, Uncitable
from casebook.cite.reply import Citations
from casebook.judge.report import Report
from casebook.proof.scripts import Reproductions


def cite(
    citations: Citations,
    claim: str,
    pattern: str | None = None,
    environment: str | None = None,
    database: str | None = None,
    *,
    full: bool = False,
) -> str:
    """Return a Markdown reply that cites a claim's finding for a pattern, short unless `full`.

    The finding is that of today's environment, else of the first in which the claim was tested, or
    that of the environment and the database which are named; the others are in its table. Without a
    pattern the reply is a table of all patterns that are not controls. Raises Uncitable for an
    unknown claim, pattern, environment or database, naming the nearest that is known.
    """
    asked = Subject(
        investigation=citations.investigation.id,
        claim=claim,
        pattern=pattern or "",
        environment=environment or "",
        database=database or "",
        short=not full,
    )
    return answer(citations, asked).text


def answer(citations: Citations, asked: Subject) -> Block:
    """Return the block that answers what is asked. Raises Uncitable as `cite` does."""
    investigation = citations.investigation
    known("claim", asked.claim, list(citations.report.claims_by_id))
    if asked.environment:
        known("environment", asked.environment, [one.id for one in investigation.environments])
    if asked.database:
        known("database", asked.database, investigation.databases)
    if not asked.pattern:
        return citations.table(asked)
    known("pattern", asked.pattern, [one.id for one in investigation.patterns])
    findings = [
        one
        for one in citations.answers.findings(asked.claim, asked.pattern)
        if asked.environment in ("", one.environment) and asked.database in ("", one.database)
    ]
    if not findings:
        problem = f"claim {asked.claim!r} is not judged of pattern {asked.pattern!r}{asked.where}"
        raise Uncitable(problem)
    tested = (finding for finding in findings if finding.verdict != "not-tested")
    return citations.finding(next(tested, findings[0]), short=asked.short)


def cited(
    reports: Sequence[Report],
    claim: str,
    pattern: str | None = None,
    environment: str | None = None,
) -> Report:
    """Return the one report that has the claim, the pattern and the environment, where named.

    Raises Uncitable for a claim that none of them has, naming the nearest that is known, and for
    one that several have.
    """
    known("claim", claim, [one.id for report in reports for one in report.claims])
    having = [report for report in reports if claim in [one.id for one in report.claims]]
    fitting = [
        report
        for report in having
        if pattern in (None, *(one.id for one in report.investigation.patterns))
        and environment in (None, *(one.id for one in report.investigation.environments))
    ]
    found = fitting or having
    if len(found) > 1:
        ids = " or ".join(report.investigation.id for report in found)
        raise Uncitable(f"several investigations have it: add --investigation {ids}")
    return found[0]


def citations(root: Path, report: Report, site_url: str) -> Citations:
    """Return what composes the citations of a project's report, with their reproductions."""
    return Citations(report, site_url, Reproductions(root, report).script)


def known(kind: str, name: str, names: Sequence[str]) -> None:
    """Raise Uncitable for a name that is not among these, with the nearest that is."""
    if name in names:
        return
    near = get_close_matches(name, names, 1)
    hint = f"did you mean {near[0]!r}?" if near else f"known are {', '.join(names)}"
    raise Uncitable(f"unknown {kind} {name!r}: {hint}")
