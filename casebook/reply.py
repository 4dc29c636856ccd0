"""The words of a citation: findings as the parts of a block, in Markdown.

The template `docs/templates/cite.md.j2` holds the words. What libraries said is text that nobody
checked, so the template shows every string escaped, except what this module made Markdown.
"""

from __future__ import annotations

import functools
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any
from urllib.parse import quote

import msgspec
from jinja2 import Environment as Templates
from jinja2 import FileSystemLoader, StrictUndefined

from casebook import addresses, block, templates
from casebook.block import Asked, Block, Marker, Part
from casebook.lifecycle import Lifecycle, lifecycle
from casebook.markdown import Markdown, code, finalized, listing
from casebook.observed import Evidence, short
from casebook.record import Cell, Claim, VerdictWord
from casebook.report import Finding, Report, main_releases
from casebook.text import fence, one_line

TITLE = 200
"""The characters of a claim's or a pattern's title that a citation shows."""

SENTENCE = 400
"""The characters of a reason that a sentence shows; the finding's page shows all of it."""

TABLE_CELL = 160
"""The characters of a reason that a row of a table shows."""

EXPERIMENTS = 3
"""The experiments whose events a citation shows."""

EVENTS = 12
"""The events of one experiment that a citation shows."""

FINDING = "The finding and how to check it"
"""What the permalink of a finding is called."""

CLAIM = "The claim and how it is judged"
"""What the permalink of a claim is called."""

Script = Callable[[Finding], str | None]
"""What gives the text of a finding's reproduction, None where it has none."""


def no_script(finding: Finding) -> None:
    """Return None: no finding has a reproduction."""


@dataclass(frozen=True, slots=True)
class Link:
    """A link to a finding, named by its database; "" where there is but one."""

    database: str
    url: Markdown


@dataclass(frozen=True, slots=True)
class Row:
    """Findings in a line: of one pattern in one environment, equal on these databases."""

    backend: str
    pattern: Markdown
    environment: str
    releases: dict[str, str]
    verdict: VerdictWord
    reason: str
    links: tuple[Link, ...]


class Citations:
    """Composes the citations of a report; what several of them hold is made once."""

    def __init__(self, report: Report, site_url: str, script: Script = no_script) -> None:
        self.report = report
        self.investigation = report.investigation
        self.site_url = site_url
        self.script = script
        self.claims = {claim.id: claim for claim in report.claims}
        self.findings: dict[tuple[str, str], list[Finding]] = {}
        for one in report.findings:
            self.findings.setdefault((one.claim, one.pattern), []).append(one)
        self.cells = {
            (*key, cell.pattern, cell.experiment): cell
            for key, record in report.records.items()
            for cell in record.cells
        }
        self.lifecycles: dict[tuple[bytes, tuple[int, ...]], Lifecycle | None] = {}
        self.by_id = {one.id: one for one in report.findings}
        self.titles = {one.id: one.title for one in report.investigation.environments}
        self.groups = functools.cache(self._groups)
        self.row_of_releases = functools.cache(self._row_of_releases)
        self.exact = functools.cache(self._exact)

    def finding(self, finding: Finding) -> Block:
        """Return the block that cites a finding."""
        asked = Asked(
            investigation=self.investigation.id,
            claim=finding.claim,
            pattern=finding.pattern,
            environment=finding.environment,
            database=finding.database,
        )
        parts = (
            Part("the sentence", self.sentence(finding), required=True),
            *self._releases_table(finding),
            *([Part("the note", _words().note(finding.note))] if finding.note else ()),
            *self._events(finding),
            self._link(FINDING, self._address(finding)),
            *self._lifecycle(finding),
            *self._reproduction(finding),
            *self.exact(finding.observed_in or finding.environment, finding.database),
        )
        return self._block(asked, parts, self._address(finding))

    def table(self, asked: Asked) -> Block:
        """Return the block that cites all of a claim's findings for patterns that are no controls.

        Where an environment or a database is asked for, it cites those alone.
        """
        claim = self.claims[asked.claim]
        address = addresses.claim(self.investigation, claim)
        findings = [
            one
            for one in self.report.findings
            if one.claim == claim.id
            and asked.environment in ("", one.environment)
            and asked.database in ("", one.database)
            and not self.investigation.pattern(one.pattern).control
        ]
        rows = [self._row(same) for same in _equal(findings, whole=True)]
        counts = Counter(one.verdict for one in findings)
        environments = {row.environment: row for row in rows}.values()
        words = _words()
        parts = (
            Part("the claim", words.question(_title(claim), counts), required=True),
            Part("the table", words.head_of_patterns()),
            *(Part("the table", words.row_of_patterns(row, _linked(row))) for row in rows),
            Part("the releases", words.head_of_environments()),
            *(Part("the releases", words.row_of_environments(row)) for row in environments),
            self._link(CLAIM, address),
        )
        return self._block(asked, parts, address)

    def sentence(self, finding: Finding) -> str:
        """Return a finding's verdict in one sentence."""
        pattern = self.investigation.pattern(finding.pattern)
        text: str = _words().sentence(
            finding.verdict,
            _title(self.claims[finding.claim]),
            code(one_line(pattern.title, TITLE)),
            one_line(finding.reason, SENTENCE),
        )
        return text

    def _block(self, asked: Asked, parts: Sequence[Part], address: str) -> Block:
        marker = Marker(
            investigation=asked.investigation,
            claim=asked.claim,
            pattern=asked.pattern,
            environment=asked.environment,
            database=asked.database,
            edition=self.report.edition,
            digest=self.report.digest,
        )

        def left_out(names: Sequence[str]) -> str:
            text: str = _words().left_out(names, f"{block.LIMIT:,}", self._url(address))
            return text

        return block.fitting(marker, parts, left_out)

    # --- Parts

    def _releases_table(self, finding: Finding) -> Iterator[Part]:
        """Yield the parts of the table that has a row for each environment, the cited one first."""
        yield Part("the table of releases", _words().head_of_releases())
        groups = self.groups(finding.claim, finding.pattern)
        for same in sorted(groups, key=lambda same: finding.id not in same):
            cited = finding.id in same
            ids = sorted(same, key=lambda id: id != finding.id) if cited else same
            yield Part("the table of releases", self.row_of_releases(tuple(ids), cited))

    def _groups(self, claim: str, pattern: str) -> list[tuple[str, ...]]:
        """Return the ids of a claim's findings for a pattern, those joined that share a row."""
        return [tuple(one.id for one in same) for same in _equal(self.findings[claim, pattern])]

    def _row_of_releases(self, ids: tuple[str, ...], cited: bool) -> str:
        row = self._row([self.by_id[id] for id in ids])
        text: str = _words().row_of_releases(row, _linked(row), cited)
        return text

    def _row(self, findings: Sequence[Finding]) -> Row:
        investigation, first = self.investigation, findings[0]
        several = len(investigation.databases) > 1
        record = self.report.record(first.environment, first.database)
        title = one_line(investigation.pattern(first.pattern).title, TITLE)
        return Row(
            backend=investigation.backend(first.backend).title,
            pattern=code(title, in_table=True),
            environment=self.titles[first.environment],
            releases=main_releases(investigation, record),
            verdict=first.verdict,
            reason=one_line(first.reason, TABLE_CELL),
            links=tuple(
                Link(
                    investigation.database(one.database).title if several else "",
                    self._url(self._address(one)),
                )
                for one in findings
            ),
        )

    def _events(self, finding: Finding) -> Iterator[Part]:
        for evidence in islice(self._evidence(finding), EXPERIMENTS):
            cell = self._cell(finding, evidence)
            history = cell.histories[evidence.history]
            shown = evidence.events[:EVENTS]
            lines = [f"{at + 1} {short(history.events[at], 100)}" for at in shown]
            rest = len(evidence.events) - len(lines)
            run = evidence.history + 1
            at = addresses.event(finding.id, evidence.experiment, run, shown[0] + 1)
            page = addresses.pattern(self.investigation, finding.pattern)
            twin = evidence.environment if evidence.environment != finding.environment else ""
            text = _words().events(
                code(evidence.experiment),
                self._url(f"{page}#{at}"),
                run if len(cell.histories) > 1 else 0,
                code(twin) if twin else "",
                listing([*lines, *([f"and {rest} more"] if rest else [])]),
            )
            yield Part("the events", text)
        if more := len(finding.evidence[EXPERIMENTS:]):
            yield Part("the events", _words().more_events(more))

    def _link(self, what: str, address: str) -> Part:
        report = self.report
        latest = addresses.absolute(self.site_url, address, addresses.LATEST)
        words = what, self._url(address), _quoted(latest), report.edition, report.digest
        return Part("the link", _words().link(*words), required=True)

    def _lifecycle(self, finding: Finding) -> Iterator[Part]:
        diagram, evidence = self.investigation.diagram, next(self._evidence(finding), None)
        if diagram is None or evidence is None:
            return
        history = self._cell(finding, evidence).histories[evidence.history]
        key = msgspec.json.encode(history.events), evidence.events
        if key not in self.lifecycles:
            self.lifecycles[key] = lifecycle(history, diagram, evidence.events)
        if drawn := self.lifecycles[key]:
            fenced = Markdown(fence(drawn.mermaid, "mermaid"))
            text = _words().lifecycle(code(evidence.experiment), drawn, fenced)
            yield Part("the lifecycle", text)

    def _reproduction(self, finding: Finding) -> Iterator[Part]:
        script = self.script(finding)
        # Nobody can escape anything in a fenced block, so that no line of it may be a marker.
        if script and block.NAME not in script:
            url = self._url(addresses.reproduction(self.investigation, finding))
            command = Markdown(fence(f"uv run {url}", "sh"))
            text = _words().reproduction(command, Markdown(fence(script, "python")))
            yield Part("the reproduction", text)

    def _exact(self, environment: str, database: str) -> tuple[Part, ...]:
        record = self.report.records.get((environment, database))
        if record is None:
            return ()
        lines = (f"{package}=={release}" for package, release in sorted(record.releases.items()))
        text = _words().releases(record.python, record.platform, listing(lines))
        return (Part("the exact releases", text),)

    # --- Where things are

    def _evidence(self, finding: Finding) -> Iterator[Evidence]:
        """Yield what shows a finding, as far as the records hold it."""
        for one in finding.evidence:
            cell = self.cells.get(self._key(finding, one))
            if cell and one.history < len(cell.histories):
                yield one

    def _cell(self, finding: Finding, evidence: Evidence) -> Cell:
        return self.cells[self._key(finding, evidence)]

    def _key(self, finding: Finding, evidence: Evidence) -> tuple[str, str, str, str]:
        ran_in = evidence.environment or finding.observed_in or finding.environment
        return ran_in, finding.database, finding.pattern, evidence.experiment

    def _address(self, finding: Finding) -> str:
        return addresses.finding(self.investigation, finding)

    def _url(self, address: str) -> Markdown:
        return _quoted(addresses.absolute(self.site_url, address, self.report.edition))


def _equal(findings: Iterable[Finding], *, whole: bool = False) -> list[list[Finding]]:
    """Return the findings, those of one pattern in one environment joined that are equal.

    Equal are those of one verdict, and where a whole row shows it, too, of one reason.
    """
    groups: dict[tuple[str, ...], list[Finding]] = {}
    for one in findings:
        key = one.pattern, one.environment, one.verdict, one.reason if whole else ""
        groups.setdefault(key, []).append(one)
    return list(groups.values())


def _linked(row: Row) -> Markdown:
    """Return the verdict of a row, with the links to its findings."""
    return Markdown(_words().linked(row).strip())


def _title(claim: Claim) -> Markdown:
    return Markdown(one_line(claim.title, TITLE))


def _quoted(address: str) -> Markdown:
    return Markdown(quote(address, safe=":/#.-_~"))


@functools.cache
def _words() -> Any:
    """Return the template's macros, each of which writes a part."""
    made = Templates(
        loader=FileSystemLoader(templates.TEMPLATES),
        undefined=StrictUndefined,
        finalize=finalized,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    return made.get_template("cite.md.j2").module
