"""The words of a citation: findings as the parts of a block, in Markdown.

The template `reply/cite.md.j2` holds the words. What libraries said is text that nobody
checked, so the template shows every string escaped, except what this module made Markdown.
"""

from __future__ import annotations

import functools
import itertools
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any
from urllib.parse import quote

from jinja2 import Environment as Templates
from jinja2 import FileSystemLoader, StrictUndefined

from casebook import templates
from casebook.cite import block
from casebook.cite.block import Block, BlockPart, Marker, Subject
from casebook.cite.markdown import Markdown, code, finalized, listing
from casebook.cite.over import over
from casebook.claim import Claim, VerdictWord
from casebook.draw.shortened import Lifecycle, lifecycle
from casebook.draw.timeline import has_rows
from casebook.editions import addresses
from casebook.judge.answers import Answers
from casebook.judge.findings import Finding
from casebook.judge.holding import Holding
from casebook.judge.observed import Evidence, short
from casebook.judge.releases import Releases
from casebook.judge.report import Report, main_releases, newer_releases
from casebook.plan.investigation import Setting
from casebook.record import History
from casebook.stored import Cell
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

ROWS = 8
"""The rows of the table of a short citation."""

LIFECYCLE = 10
"""The fewest lines that a lifecycle takes up, with what stands around it."""

FEW = 3
"""The events that a short citation shows."""

FINDING = "The finding and how to check it"
"""What the permalink of a finding is called."""

CLAIM = "The claim and how it is judged"
"""What the permalink of a claim is called."""

IN_URLS = ":/#.-_~?=&%+,;@"
"""The characters that stand in the address of a reference as they are."""

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
        self.answers, self.holding = Answers(report), Holding(Releases(report))
        self.lifecycles: dict[tuple[str, tuple[int, ...]], Lifecycle | None] = {}
        self.titles = {one.id: one.title for one in report.investigation.environments}
        self.groups = functools.cache(self._groups)
        self.row_of_releases = functools.cache(self._row_of_releases)
        self.exact = functools.cache(self._exact)

    def finding(self, finding: Finding, *, short: bool = True) -> Block:
        """Return the block that cites a finding.

        A short one has the sentence, a few rows and events and the link, and of what is folded as
        much as has room.
        """
        asked = Subject(
            investigation=self.investigation.id,
            claim=finding.claim,
            pattern=finding.pattern,
            environment=finding.environment,
            database=finding.database,
            short=short,
        )
        words = _words()
        told = (
            BlockPart("the sentence", self.sentence(finding), required=True),
            *self._releases_table(finding, ROWS if short else None),
            *self._observed(finding),
            *over(self.holding, finding, words),
            *([BlockPart("the condition", words.unless(finding.unless))] if finding.unless else ()),
            *(
                BlockPart("the note", words.note(note))
                for note in (finding.note, *finding.remarks)
                if note
            ),
            *self._events(finding, FEW if short else EVENTS * EXPERIMENTS),
            self._link(FINDING, self._address(finding)),
        )
        script, exact = tuple(self._reproduction(finding)), self.exact(finding.ran_in)
        if not short:
            elsewhere = self._references(finding)
            parts = *told, *elsewhere, *self._lifecycle(finding), *script, *exact
        else:
            # The lifecycle comes last: it is drawn only if what stands before leaves room for it.
            before = *told, *exact, *script
            height = sum(part.text.count("\n") for part in before) + LIFECYCLE
            draw = self._lifecycle if height <= block.LINES else self._undrawn
            parts = *before, *draw(finding)
        return self._block(asked, parts, self._address(finding))

    def table(self, asked: Subject) -> Block:
        """Return the block that cites all of a claim's findings for patterns that are no controls.

        Where an environment or a database is asked for, it cites those alone.
        """
        claim = self.report.claims_by_id[asked.claim]
        address = addresses.claim(self.investigation, claim)
        findings = [
            one
            for one in self.report.findings
            if one.claim == claim.id
            and asked.environment in ("", one.environment)
            and asked.database in ("", one.database)
            and not self.investigation.pattern(one.pattern).control
        ]
        if not findings:
            raise block.Uncitable(f"claim {claim.id!r} is judged of no pattern{asked.where}")
        rows = [self._row(same) for same in _equal(findings, whole=True)]
        counts = Counter(one.verdict for one in findings)
        words = _words()
        more: list[Row] = []
        if asked.short:  # what says yes or no comes first
            rows.sort(key=lambda row: row.verdict in ("inconclusive", "not-tested"))
            rows, more = rows[:ROWS], rows[ROWS:]
        environments = {row.environment: row for row in rows}.values()
        parts = (
            BlockPart("the claim", words.question(_title(claim), counts), required=True),
            BlockPart("the table", words.head_of_patterns()),
            *(BlockPart("the table", words.row_of_patterns(row, _linked(row))) for row in rows),
            *([BlockPart("the table", words.more_rows(len(more)))] if more else ()),
            BlockPart("the releases", words.head_of_environments()),
            *(BlockPart("the releases", words.row_of_environments(row)) for row in environments),
            self._link(CLAIM, address),
        )
        return self._block(asked, parts, address)

    def sentence(self, finding: Finding) -> str:
        """Return a finding's verdict in one sentence."""
        pattern = self.investigation.pattern(finding.pattern)
        text: str = _words().sentence(
            finding.verdict,
            _title(self.report.claims_by_id[finding.claim]),
            code(one_line(pattern.title, TITLE)),
            one_line(finding.reason, SENTENCE),
        )
        return text

    def _block(self, asked: Subject, parts: Sequence[BlockPart], address: str) -> Block:
        marker = Marker(
            investigation=asked.investigation,
            claim=asked.claim,
            pattern=asked.pattern,
            environment=asked.environment,
            database=asked.database,
            short=asked.short,
            edition=self.report.edition,
            digest=self.report.digest,
        )

        def left_out(names: Sequence[str]) -> str:
            limit = "" if asked.short else f"{block.LIMIT:,}"
            text: str = _words().left_out(names, limit, self._url(address))
            return text

        return block.fitting(marker, parts, left_out)

    # --- Parts

    def _releases_table(self, finding: Finding, most: int | None) -> Iterator[BlockPart]:
        """Yield the parts of the table that has a row for each environment, the cited one first.

        It has `most` rows, and says how many more there are.
        """
        yield BlockPart("the table of releases", _words().head_of_releases())
        groups = self.groups(finding.claim, finding.pattern)
        own = groups[finding.id]
        ids = (finding.id, *(id for id in own if id != finding.id))
        yield BlockPart("the table of releases", self.row_of_releases(ids, True))
        others = dict.fromkeys(same for same in groups.values() if same is not own)
        for same in itertools.islice(others, None if most is None else most - 1):
            yield BlockPart("the table of releases", self.row_of_releases(same, False))
        if most is not None and (more := len(others) + 1 - most) > 0:
            yield BlockPart("the table of releases", _words().more_rows(more))

    def _observed(self, finding: Finding) -> Iterator[BlockPart]:
        """Yield when the finding was observed, and what the index was known to have since."""
        report = self.report
        day, newer = report.days.get(finding.ran_in, ""), newer_releases(report, finding.setting)
        if day or newer:
            asked = report.known.asked if report.known else ""
            yield BlockPart("when it was observed", _words().observed(day, newer, asked))

    def _groups(self, claim: str, pattern: str) -> dict[str, tuple[str, ...]]:
        """Return the ids of a claim's findings for a pattern, by each, with which it has a row."""
        groups = (
            tuple(one.id for one in same)
            for same in _equal(self.report.findings_of(claim, pattern))
        )
        return {id: same for same in groups for id in same}

    def _row_of_releases(self, ids: tuple[str, ...], cited: bool) -> str:
        row = self._row([self.report.by_id[id] for id in ids])
        text: str = _words().row_of_releases(row, _linked(row), cited)
        return text

    def _row(self, findings: Sequence[Finding]) -> Row:
        investigation, first = self.investigation, findings[0]
        several = len(investigation.databases) > 1
        record = self.report.record(first.setting)
        title = one_line(investigation.pattern(first.pattern).title, TITLE)
        return Row(
            backend=investigation.backend(first.backend).title,
            pattern=code(title, in_table=True),
            environment=self.titles[first.environment],
            releases=main_releases(investigation, record.releases if record else {}),
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

    def _events(self, finding: Finding, most: int) -> Iterator[BlockPart]:
        """Yield a part for each of the first experiments with its events, at most `most` in all."""
        left = most
        for evidence, cell in islice(self._evidence(finding), EXPERIMENTS):
            history = self._history(cell, evidence)
            shown = evidence.events[: min(left, EVENTS)]
            if not shown:
                return
            left -= len(shown)
            lines = [f"{at + 1} {short(history.events[at], 100)}" for at in shown]
            rest = len(evidence.events) - len(lines)
            at = addresses.history(cell.histories[evidence.history], shown[0] + 1)
            twin = evidence.environment if evidence.environment != finding.environment else ""
            text = _words().events(
                code(evidence.experiment),
                _quoted(addresses.absolute(self.site_url, at)),
                evidence.history + 1 if len(cell.histories) > 1 else 0,
                code(twin) if twin else "",
                listing([*lines, *([f"and {rest} more"] if rest else [])]),
            )
            yield BlockPart("the events", text)
        if more := len(finding.evidence[EXPERIMENTS:]):
            yield BlockPart("the events", _words().more_events(more))

    def _link(self, what: str, address: str) -> BlockPart:
        report = self.report
        latest = addresses.absolute(self.site_url, address, addresses.LATEST)
        words = what, self._url(address), _quoted(latest), report.edition, report.digest
        return BlockPart("the link", _words().link(*words), required=True)

    def _lifecycle(self, finding: Finding) -> Iterator[BlockPart]:
        diagram, shown = self.investigation.diagram, next(self._evidence(finding), None)
        if diagram is None or shown is None:
            return
        evidence, cell = shown
        history = self._history(cell, evidence)
        key = cell.histories[evidence.history], evidence.events
        if key not in self.lifecycles:
            self.lifecycles[key] = lifecycle(history, diagram, evidence.events)
        if drawn := self.lifecycles[key]:
            fenced = Markdown(fence(drawn.mermaid, "mermaid"))
            text = _words().lifecycle(code(evidence.experiment), drawn, fenced)
            yield BlockPart("the history, drawn", text)

    def _undrawn(self, finding: Finding) -> Iterator[BlockPart]:
        """Yield the lifecycle's part without its text, for a block that has no room for it."""
        diagram, shown = self.investigation.diagram, next(self._evidence(finding), None)
        if diagram and shown and has_rows(self._history(shown[1], shown[0]), diagram):
            yield BlockPart("the history, drawn", "")

    def _reproduction(self, finding: Finding) -> Iterator[BlockPart]:
        script = self.script(finding)
        # Nobody can escape anything in a fenced block, so that no line of it may be a marker.
        if script and block.NAME not in script:
            text = _words().reproduction(Markdown(fence(script, "python")))
            yield BlockPart("the reproduction", text)

    def _references(self, finding: Finding) -> Iterator[BlockPart]:
        claim = self.report.claims_by_id[finding.claim]
        pattern = self.investigation.pattern(finding.pattern)
        references = self.report.bibliography.of_finding(claim, pattern)
        if references:
            links = [(one.title, Markdown(quote(one.url, safe=IN_URLS))) for one in references]
            text = _words().references(links)
            yield BlockPart("the references", text)

    def _exact(self, ran_in: Setting) -> tuple[BlockPart, ...]:
        record = self.report.records.get(ran_in)
        if record is None:
            return ()
        lines = (f"{package}=={release}" for package, release in sorted(record.releases.items()))
        text = _words().releases(record.python, record.platform, listing(lines))
        return (BlockPart("the exact releases", text),)

    # --- Where things are

    def _evidence(self, finding: Finding) -> Iterator[tuple[Evidence, Cell]]:
        """Yield what shows a finding and the cell that it is of, as far as records hold it."""
        for one in finding.evidence:
            if cell := self.report.cell_of(finding, one):
                yield one, cell

    def _history(self, cell: Cell, evidence: Evidence) -> History:
        return self.report.histories[cell.histories[evidence.history]]

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
    return made.get_template("reply/cite.md.j2").module
