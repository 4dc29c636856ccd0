"""What the page of one pattern shows: its findings, its source and its lifecycles."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from functools import cached_property

from markupsafe import Markup

from casebook.claim import Claim
from casebook.draw.svg import Drawing, mermaid, svg
from casebook.draw.timeline import WHOLE, Excerpt
from casebook.editions import addresses
from casebook.judge.answers import Choice
from casebook.judge.findings import Finding
from casebook.judge.settings import ShownSetting
from casebook.plan.claims import concerns
from casebook.plan.investigation import Diagram, Pattern
from casebook.record import Event
from casebook.site.book import Book, source_file
from casebook.site.tables import ClaimRow

EVENTS = 4
"""The most events that a page shows of a finding; its histories show all."""


@dataclass(frozen=True, slots=True)
class DrawnHistory:
    """One history to be drawn, its digest, and the settings in which it was the same."""

    book: Book
    digest: str
    title: str
    diagram: Diagram
    excerpt: Excerpt
    run: int
    runs: int
    settings: tuple[ShownSetting, ...]

    @property
    def drawing(self) -> Drawing:
        """The history, laid out."""
        return self.book.drawing(self.digest, self.diagram, self.excerpt)

    @property
    def svg(self) -> Markup:
        """The drawing as an inline SVG."""
        return Markup(svg(self.drawing, self.title))

    @property
    def mermaid(self) -> str:
        """The history as Mermaid text."""
        return mermaid(self.book.report.histories[self.digest], self.diagram, self.excerpt)


@dataclass(frozen=True, slots=True)
class RestsOn:
    """The history of one experiment that a finding rests on.

    `events` are the numbers of those that decide, counted from 1. `run` is counted from 1, and 0
    where both runs were equal.
    """

    experiment: str
    digest: str
    events: tuple[int, ...]
    run: int


@dataclass(frozen=True, slots=True)
class RanAlike:
    """Findings that rest on the same histories."""

    rests_on: tuple[RestsOn, ...]
    findings: tuple[Finding, ...]


@dataclass(frozen=True, slots=True)
class Alike:
    """Findings of a claim that say the same: verdict, reason, notes and what a control declares.

    `events` are the first of those that decide, each with the history that it is of.
    """

    first: Finding
    ran: tuple[RanAlike, ...]
    events: tuple[tuple[RestsOn, int, Event], ...]

    @property
    def findings(self) -> tuple[Finding, ...]:
        """All of them."""
        return tuple(finding for ran in self.ran for finding in ran.findings)


def drawn_lifecycles(
    book: Book,
    pattern: str,
    experiment: str,
    environment: str,
    excerpt: Excerpt = WHOLE,
    marks: Iterable[str] = (),
) -> tuple[DrawnHistory, ...]:
    """Return a cell's history, drawn, on the first database; empty where nothing was recorded.

    `marks` are kinds of events that are shown besides those that the diagram shows. Raises
    PlanError for an id that names nothing, LookupError where the cell is not planned.
    """
    setting = book.first_setting(environment)
    page = PatternPage(book, book.investigation.pattern(pattern))
    book.ran_in(setting, experiment)
    return page.lifecycle_of(experiment, setting, excerpt, marks)


class PatternPage:
    """What the page of one pattern shows."""

    def __init__(self, book: Book, pattern: Pattern) -> None:
        self.book = book
        self.pattern = pattern
        found = {one.setting for one in book.report.findings if one.pattern == pattern.id}
        self.settings = tuple(setting for key, setting in book.settings.items() if key in found)
        self.backend = book.investigation.backend(pattern.backend)

    @property
    def source(self) -> str:
        """The function's exact source."""
        return self.book.source(self.pattern)

    @property
    def file(self) -> str:
        """The file that holds the function, relative to the project."""
        file = source_file(self.book.root, self.book.investigation, self.pattern)
        return file.relative_to(self.book.root).as_posix()

    @property
    def citations(self) -> str:
        """Where the citations of its findings are on the site, relative to its root."""
        return addresses.citations(self.book.investigation, self.pattern.id)

    @property
    def seals(self) -> str:
        """Where the seals of its citations are on the site, relative to its root."""
        return addresses.seals(self.book.investigation, self.pattern.id)

    @property
    def scripts(self) -> str:
        """Where the file of all reproductions is on the site, relative to its root."""
        return addresses.scripts(self.book.investigation)

    @property
    def reproduction(self) -> tuple[str, str] | None:
        """The first environment and experiment in which claims judge the pattern, None without."""
        asked = [
            experiment
            for claim in self.book.report.claims
            if concerns(claim, self.pattern)
            for experiment in claim.experiments
        ]
        ran_in = self.book.report.ran_in
        return next(
            (
                (ran_in[*setting.key, one], one)
                for setting in self.settings
                for one in asked
                if setting.usable and (*setting.key, one) in ran_in
            ),
            None,
        )

    @cached_property
    def graded(self) -> tuple[tuple[tuple[ShownSetting, ...], Choice], ...]:
        """The pattern's grades, each with the settings of one environment that have it."""
        found: dict[tuple[str, str], tuple[list[ShownSetting], Choice]] = {}
        for setting in self.settings:
            if choice := self.book.choice(setting, self.pattern):
                key = setting.environment.id, choice.words
                found.setdefault(key, ([], choice))[0].append(setting)
        return tuple((tuple(settings), choice) for settings, choice in found.values())

    @property
    def grades(self) -> tuple[tuple[Choice, tuple[tuple[ShownSetting, ...], ...]], ...]:
        """Each grade of the pattern, and the settings of each environment that has it."""
        found: dict[str, tuple[Choice, list[tuple[ShownSetting, ...]]]] = {}
        for settings, choice in self.graded:
            found.setdefault(choice.words, (choice, []))[1].append(settings)
        return tuple((choice, tuple(places)) for choice, places in found.values())

    @cached_property
    def rows(self) -> tuple[ClaimRow, ...]:
        """Each claim's finding in each setting."""
        return self.book.tables.rows((setting, self.pattern) for setting in self.settings)

    @property
    def findings(self) -> tuple[tuple[Claim, tuple[Alike, ...]], ...]:
        """Each claim and what was found of it, findings that say the same together."""
        return tuple((row.claim, tuple(self._alike(row))) for row in self.rows if row.findings)

    def _alike(self, row: ClaimRow) -> Iterator[Alike]:
        groups: dict[tuple[object, ...], dict[tuple[RestsOn, ...], list[Finding]]] = {}
        for one in row.findings:
            said = groups.setdefault(
                (one.verdict, one.reason, one.note, one.unless, one.remarks, one.expected), {}
            )
            said.setdefault(self._rests_on(one), []).append(one)
        for said in groups.values():
            ran = tuple(RanAlike(rests_on, tuple(found)) for rests_on, found in said.items())
            yield Alike(ran[0].findings[0], ran, self._deciding(ran[0].rests_on))

    def _rests_on(self, finding: Finding) -> tuple[RestsOn, ...]:
        found = []
        for shown in self.book.shown(finding):
            numbers = tuple(number for number, _ in shown.events)
            run = shown.run if shown.runs > 1 else 0
            found.append(RestsOn(shown.experiment, shown.digest, numbers, run))
        return tuple(found)

    def _deciding(self, rests_on: tuple[RestsOn, ...]) -> tuple[tuple[RestsOn, int, Event], ...]:
        """Return the first events that decide, of all experiments in turn."""
        histories = self.book.report.histories
        return tuple(
            (one, number, histories[one.digest].events[number - 1])
            for one in rests_on
            for number in one.events
        )[:EVENTS]

    @cached_property
    def attempts(self) -> tuple[DrawnHistory, ...]:
        """What was recorded where the pattern could not be set up, equal ones once.

        Each experiment ends there in the same way, so one of them is drawn.
        """
        gate = self.book.gate
        diagram = self.book.investigation.diagram
        own = gate.experiments if gate and diagram else ()
        for experiment in (*own, *self._experiments):
            if drawn := self._lifecycles(experiment, self._settings(set_up=False), diagram):
                return drawn
        return ()

    @cached_property
    def lifecycles(self) -> tuple[tuple[str, tuple[DrawnHistory, ...]], ...]:
        """The drawn histories of each experiment that is drawn, equal ones once."""
        settings, diagram = self._settings(set_up=True), self.book.investigation.diagram
        drawn = ((one, self._lifecycles(one, settings, diagram)) for one in self._experiments)
        return tuple((experiment, lifecycles) for experiment, lifecycles in drawn if lifecycles)

    def lifecycle_of(
        self, experiment: str, setting: ShownSetting, excerpt: Excerpt, marks: Iterable[str]
    ) -> tuple[DrawnHistory, ...]:
        """Return the drawn excerpt of an experiment's history in one setting."""
        diagram = self.book.investigation.diagram
        assert diagram is not None
        shown = replace(diagram, markers=(*diagram.markers, *marks))
        return self._lifecycles(experiment, [setting], shown, excerpt)

    @property
    def _experiments(self) -> tuple[str, ...]:
        diagram = self.book.investigation.diagram
        return diagram.experiments if diagram else ()

    def _settings(self, *, set_up: bool) -> tuple[ShownSetting, ...]:
        """Return the settings where the pattern could be set up, or those where it could not."""
        return tuple(setting for setting in self.settings if self._was_set_up(setting) == set_up)

    def _was_set_up(self, setting: ShownSetting) -> bool:
        gate = self.book.gate.id if self.book.gate else ""
        finding = self.book.report.finding(gate, self.pattern.id, setting.key)
        return finding is None or finding.verdict != "refuted"

    def _lifecycles(
        self,
        experiment: str,
        settings: Iterable[ShownSetting],
        diagram: Diagram | None,
        excerpt: Excerpt = WHOLE,
    ) -> tuple[DrawnHistory, ...]:
        assert diagram is not None
        groups: dict[str, list[tuple[ShownSetting, int, int]]] = {}
        for setting in settings:
            histories = self.book.histories(setting, self.pattern.id, experiment)
            for run, (digest, history) in enumerate(histories.items(), 1):
                if history.outcome != "unavailable":
                    groups.setdefault(digest, []).append((setting, run, len(histories)))
        return tuple(
            DrawnHistory(
                book=self.book,
                digest=digest,
                title=_title(f"{self.pattern.id}, {experiment}, {members[0][0].title}", excerpt),
                diagram=diagram,
                excerpt=excerpt,
                run=members[0][1],
                runs=members[0][2],
                settings=tuple({setting.key: setting for setting, *_ in members}.values()),
            )
            for digest, members in groups.items()
        )


def _title(what: str, excerpt: Excerpt) -> str:
    return f"{what}, {excerpt}" if str(excerpt) else what
