"""The citation: a finding, or all findings of a claim, as Markdown for a reply on GitHub.

The template `docs/templates/cite.md.j2` holds the words. What libraries said is text that nobody
checked, so the template shows every string escaped, except what this module made Markdown.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from urllib.parse import quote

from jinja2 import Environment as Templates
from jinja2 import FileSystemLoader, StrictUndefined

from casebook import addresses
from casebook.observed import Evidence, short
from casebook.record import Claim, History, VerdictWord
from casebook.report import Finding, Report, main_releases, releases
from casebook.results import one_line

TEMPLATES = Path(__file__).parent.parent / "docs" / "templates"

SENTENCE = 400
"""The characters of a reason that a sentence shows; the finding's page shows all of it."""

TABLE_CELL = 160
"""The characters of a reason that a row of a table shows."""

EXPERIMENTS = 3
"""The experiments whose events a citation shows."""

EVENTS = 12
"""The events of one experiment that a citation shows."""


def cite(
    report: Report,
    site_url: str,
    claim: str,
    pattern: str | None = None,
    environment: str | None = None,
) -> str:
    """Return a Markdown reply that cites a claim's finding for a pattern.

    The finding is that of the first environment in the plan, which puts the newest releases first,
    where the claim was tested; those of the others follow in a line each. Without a pattern the
    reply is a table of all patterns that are not controls. Raises ValueError for an unknown claim,
    pattern or environment, naming the nearest that is known.
    """
    investigation = report.investigation
    _known("claim", claim, [one.id for one in report.claims])
    stated = next(one for one in report.claims if one.id == claim)
    findings = [finding for finding in report.findings if finding.claim == claim]
    if environment is not None:
        _known("environment", environment, [one.id for one in investigation.environments])
        findings = [finding for finding in findings if finding.environment == environment]
    if pattern is None:
        controls = {one.id for one in investigation.controls}
        rows = [one for one in findings if one.pattern not in controls]
        return _render(
            stated,
            rows=[_row(report, site_url, one) for one in rows],
            several_databases=len(investigation.databases) > 1,
        )
    _known("pattern", pattern, [one.id for one in investigation.patterns])
    findings = [finding for finding in findings if finding.pattern == pattern]
    if not findings:
        where = f" in environment {environment!r}" if environment else ""
        raise ValueError(f"claim {claim!r} is not judged of pattern {pattern!r}{where}")
    tested = (finding for finding in findings if finding.verdict != "not-tested")
    first = next(tested, findings[0])
    others = [_row(report, site_url, one) for one in findings if one is not first]
    return _render(stated, finding=_whole(report, site_url, first), others=others)


def cited(
    reports: Sequence[Report],
    claim: str,
    pattern: str | None = None,
    environment: str | None = None,
) -> Report:
    """Return the one report that has the claim, the pattern and the environment, where named.

    Raises ValueError for a claim that none of them has, naming the nearest that is known, and for
    one that several have.
    """
    _known("claim", claim, [one.id for report in reports for one in report.claims])
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
        raise ValueError(f"several investigations have it: add --investigation {ids}")
    return found[0]


def _known(kind: str, name: str, known: list[str]) -> None:
    """Raise ValueError for a name that is not known, with the nearest that is."""
    if name in known:
        return
    near = get_close_matches(name, known, 1)
    hint = f"did you mean {near[0]!r}?" if near else f"known are {', '.join(known)}"
    raise ValueError(f"unknown {kind} {name!r}: {hint}")


# --- What the template shows ----------------------------------------------------------------------


class Markdown(str):
    """Text that is Markdown already, so that the template does not escape it."""

    __slots__ = ()


@dataclass(frozen=True, slots=True)
class Row:
    """A finding in a line."""

    title: Markdown
    backend: str
    environment: str
    database: str
    verdict: VerdictWord
    reason: str
    url: Markdown


@dataclass(frozen=True, slots=True)
class Shown:
    """The events of one experiment that show a verdict, as a fenced block."""

    experiment: Markdown
    events: Markdown


@dataclass(frozen=True, slots=True)
class Whole:
    """A finding with what shows it: `main` are the releases that matter most, `releases` all."""

    title: Markdown
    environment: str
    database: str
    verdict: VerdictWord
    reason: str
    note: str
    url: Markdown
    main: dict[str, str]
    releases: Markdown
    evidence: tuple[Shown, ...]
    more_evidence: int


def _row(report: Report, site_url: str, finding: Finding) -> Row:
    investigation = report.investigation
    address = addresses.absolute(
        site_url, addresses.finding(investigation, finding), report.edition
    )
    return Row(
        title=code(investigation.pattern(finding.pattern).title, in_table=True),
        backend=investigation.backend(finding.backend).title,
        environment=investigation.environment(finding.environment).title,
        database=finding.database,
        verdict=finding.verdict,
        reason=one_line(finding.reason, TABLE_CELL),
        url=Markdown(quote(address, safe=":/#.-_~")),
    )


def _whole(report: Report, site_url: str, finding: Finding) -> Whole:
    row = _row(report, site_url, finding)
    record = report.record(finding.environment, finding.database)
    return Whole(
        title=code(report.investigation.pattern(finding.pattern).title),
        environment=row.environment,
        database=row.database,
        verdict=finding.verdict,
        reason=one_line(finding.reason, SENTENCE),
        note=finding.note,
        url=row.url,
        main=main_releases(report.investigation, record),
        releases=fence(
            f"{package}=={release}" for package, release in releases(report, finding).items()
        ),
        evidence=tuple(_shown(report, finding, one) for one in finding.evidence[:EXPERIMENTS]),
        more_evidence=len(finding.evidence[EXPERIMENTS:]),
    )


def _shown(report: Report, finding: Finding, evidence: Evidence) -> Shown:
    histories = _histories(report, finding, evidence.experiment)
    run = f", run {evidence.history + 1}" if len(histories) > 1 else ""
    history = histories[evidence.history]
    lines = [f"{at + 1} {short(history.events[at], 100)}" for at in evidence.events[:EVENTS]]
    rest = len(evidence.events) - len(lines)
    if rest:
        lines.append(f"and {rest} more")
    return Shown(Markdown(f"{code(evidence.experiment)}{run}"), fence(lines))


def _histories(report: Report, finding: Finding, experiment: str) -> tuple[History, ...]:
    record = report.records[finding.observed_in or finding.environment, finding.database]
    name = finding.pattern, experiment
    return next(one.histories for one in record.cells if (one.pattern, one.experiment) == name)


def _render(claim: Claim, **shown: object) -> str:
    templates = Templates(
        loader=FileSystemLoader(TEMPLATES),
        undefined=StrictUndefined,
        finalize=_finalized,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    title = Markdown(one_line(claim.title))
    text = templates.get_template("cite.md.j2").render(claim_title=title, **shown)
    return re.sub(r"\n{3,}", "\n\n", text).strip() + "\n"


# --- Markdown -------------------------------------------------------------------------------------

_ACTIVE = re.compile(r"[\\`*_\[\]<>|~$&]")
_LINKED = re.compile(
    r"(?<=@)|(?<=#)(?=\d)|(?<=GH-)(?=\d)|(?<=:)(?=//)|(?<=www)(?=\.)", re.IGNORECASE
)


def escape(text: str) -> Markdown:
    """Return any text as one line of Markdown that shows exactly it.

    Markup is escaped. GitHub turns `@name`, `#1` and addresses into links without any markup, and
    would notify people: a space without width stands inside them.
    """
    return Markdown(_LINKED.sub("&#8203;", _ACTIVE.sub(r"\\\g<0>", one_line(text))))


def code(text: str, *, in_table: bool = False) -> Markdown:
    """Return any text as a code span; in a table, which splits at bars even in code, escaped."""
    line = one_line(text)
    ticks = "`" * (_longest_ticks(line) + 1)
    space = " " if line.startswith("`") or line.endswith("`") else ""
    span = f"{ticks}{space}{line}{space}{ticks}"
    return Markdown(span.replace("|", "\\|") if in_table else span)


def fence(lines: Iterable[str]) -> Markdown:
    """Return these lines as a fenced block, which no line can close."""
    shown = [one_line(line) for line in lines]
    ticks = "`" * max(3, _longest_ticks("\n".join(shown)) + 1)
    return Markdown("\n".join([f"{ticks}text", *shown, ticks]))


def _longest_ticks(text: str) -> int:
    return max(map(len, re.findall("`+", text)), default=0)


def _finalized(value: object) -> object:
    return value if isinstance(value, Markdown) else escape(str(value))
