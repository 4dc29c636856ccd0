"""What is published: `verdicts.json`, the site in machine-readable form, and the schemas."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import msgspec

from casebook.claim import VerdictWord
from casebook.editions import addresses
from casebook.files import write_whole
from casebook.judge.findings import Finding, StatedWord
from casebook.judge.report import Report, releases
from casebook.judge.results import schema_text
from casebook.plan.investigation import Setting
from casebook.site.published_releases import PublishedRelease, published_releases
from casebook.stored import Record, StoredHistory

VERDICTS_SCHEMA = 2
"""The number of the form of `verdicts.json`; other programs read it, so a change needs another."""


@dataclass(frozen=True, slots=True)
class PublishedSetting:
    """Where findings hold: an environment, a database, and the releases that were installed.

    Some claims need more installed than others, so an environment may be of several settings.
    """

    investigation: str
    environment: str
    database: str
    releases: dict[str, str]


@dataclass(frozen=True, slots=True)
class PublishedFinding:
    """A verdict for one claim and pattern in a setting, which is a position in `settings`."""

    claim: str
    backend: str
    pattern: str
    setting: int
    verdict: VerdictWord
    reason: str
    url: str


@dataclass(frozen=True, slots=True)
class PublishedStatement:
    """A sentence quoted from an earlier report and what became of it."""

    id: str
    source: str
    quote: str
    verdict: StatedWord
    reason: str
    url: str


@dataclass(frozen=True, slots=True)
class PublishedControl:
    """What a control was declared to show of a claim, what it showed, and whether that held."""

    investigation: str
    claim: str
    pattern: str
    environment: str
    database: str
    expected: VerdictWord
    verdict: VerdictWord
    reason: str
    held: bool


@dataclass(frozen=True, slots=True)
class PublishedPlan:
    """How much of the plan was observed, in cells."""

    cells: int
    completed: int
    not_tested: int


@dataclass(frozen=True, slots=True)
class Published:
    """`verdicts.json`: the machine-readable form of everything that the site says.

    `over` holds the releases of each axis (since schema 2).
    """

    schema: int
    edition: str
    settings: tuple[PublishedSetting, ...]
    findings: tuple[PublishedFinding, ...]
    statements: tuple[PublishedStatement, ...]
    controls: tuple[PublishedControl, ...]
    plan: PublishedPlan
    over: tuple[PublishedRelease, ...] = ()


def published_verdicts(reports: Iterable[Report], site_url: str) -> Published:
    """Return `verdicts.json` of a site of these reports; `dump_published` gives its text.

    Its edition is the reports' common one, or all of theirs.
    """
    reports = tuple(reports)
    settings = _settings(reports)
    numbers = {key: number for number, key in enumerate(settings)}
    return Published(
        schema=VERDICTS_SCHEMA,
        edition="-".join(dict.fromkeys(report.edition for report in reports)),
        settings=tuple(settings.values()),
        findings=tuple(
            PublishedFinding(
                claim=finding.claim,
                backend=finding.backend,
                pattern=finding.pattern,
                setting=numbers[_key(report, finding)],
                verdict=finding.verdict,
                reason=finding.reason,
                url=addresses.absolute(site_url, addresses.finding(report.investigation, finding)),
            )
            for report in reports
            for finding in report.findings
        ),
        statements=tuple(
            PublishedStatement(
                id=stated.statement.id,
                source="; ".join(
                    ", ".join(filter(None, (report.said.source(one.source).file, one.section)))
                    for one in stated.statement.quotations
                ),
                quote=stated.statement.quotations[0].text,
                verdict=stated.verdict,
                reason=stated.reason,
                url=addresses.absolute(
                    site_url, addresses.statement(report.investigation, stated.statement)
                ),
            )
            for report in reports
            if report.said
            for stated in report.stated
        ),
        controls=tuple(
            PublishedControl(
                investigation=report.investigation.id,
                claim=outcome.claim,
                pattern=outcome.pattern,
                environment=outcome.environment,
                database=outcome.database,
                expected=outcome.expected,
                verdict=outcome.verdict,
                reason=outcome.reason,
                held=outcome.held,
            )
            for report in reports
            for outcome in report.controls
        ),
        plan=PublishedPlan(
            cells=sum(report.coverage.cells for report in reports),
            completed=sum(report.coverage.completed for report in reports),
            not_tested=sum(report.coverage.not_tested for report in reports),
        ),
        over=tuple(one for report in reports for one in published_releases(report, site_url)),
    )


_Key = tuple[str, str, str, Setting]


def _settings(reports: Iterable[Report]) -> dict[_Key, PublishedSetting]:
    """Return the settings of all findings, in the order in which findings name them."""
    found: dict[_Key, PublishedSetting] = {}
    for report in reports:
        for finding in report.findings:
            key = _key(report, finding)
            if key not in found:
                found[key] = PublishedSetting(*key[:3], releases(report, finding))
    return found


def _key(report: Report, finding: Finding) -> _Key:
    return report.investigation.id, finding.environment, finding.database, finding.ran_in


def dump_published(published: Published) -> str:
    """Return the text of `verdicts.json`: the same report gives the same bytes, without spaces."""
    return msgspec.json.encode(published).decode() + "\n"


def print_published(published: Published) -> str:
    """Return the text of `verdicts.json` as people read it, indented."""
    return msgspec.json.format(msgspec.json.encode(published), indent=1).decode() + "\n"


# --- Schemas --------------------------------------------------------------------------------------


def schemas() -> dict[str, str]:
    """Return the text of each schema file by its path, relative to the project."""
    return {
        "conf/schemas/history.json": schema_text(StoredHistory),
        "conf/schemas/record.json": schema_text(Record),
        "conf/schemas/verdicts.json": schema_text(Published, VERDICTS_SCHEMA),
    }


def write_schemas(root: Path) -> tuple[str, ...]:
    """Write the JSON schemas that are out of date; return the paths of those written."""
    return tuple(path for path, text in schemas().items() if write_whole(root / path, text))
