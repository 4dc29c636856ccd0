"""What the page of one pattern shows: its source, verdicts and lifecycles."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import cached_property

from markupsafe import Markup

from casebook.claim import Claim
from casebook.draw.svg import Drawing, draw, mermaid, svg
from casebook.draw.timeline import WHOLE, Excerpt
from casebook.editions import addresses
from casebook.judge.answers import Choice
from casebook.judge.report import Finding
from casebook.judge.settings import ShownSetting
from casebook.plan.claims import concerns
from casebook.plan.investigation import Diagram, Pattern
from casebook.record import History
from casebook.site.book import Book, source_file
from casebook.site.tables import ClaimRow


@dataclass(frozen=True, slots=True)
class DrawnHistory:
    """One drawn history and the settings in which it was the same."""

    title: str
    drawing: Drawing
    svg: Markup
    mermaid: str
    run: int
    runs: int
    settings: tuple[ShownSetting, ...]


@dataclass(frozen=True, slots=True)
class Alike:
    """A finding of a claim, and those elsewhere that say the same: verdict, reason and note."""

    finding: Finding
    others: tuple[Finding, ...]


def alike(row: ClaimRow) -> tuple[Alike, ...]:
    """Return the findings of a claim, those that say the same together."""
    groups: dict[tuple[str | None, ...], list[Finding]] = {}
    for one in row.findings:
        groups.setdefault((one.verdict, one.reason, one.note, one.expected), []).append(one)
    return tuple(Alike(first, tuple(others)) for first, *others in groups.values())


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
    if (*setting.key, experiment) not in book.report.ran_in:
        raise LookupError(f"{experiment!r} is not planned in {environment!r}")
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

    @cached_property
    def rows(self) -> tuple[ClaimRow, ...]:
        """Each claim's finding in each setting."""
        return self.book.tables.rows((setting, self.pattern) for setting in self.settings)

    @property
    def findings(self) -> tuple[tuple[Claim, tuple[Alike, ...]], ...]:
        """Each claim and what was found of it."""
        return tuple((row.claim, alike(row)) for row in self.rows if row.findings)

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
        groups: dict[Drawing, list[tuple[ShownSetting, History, int, int]]] = {}
        for setting in settings:
            histories = self.book.histories(setting, self.pattern.id, experiment)
            for run, history in enumerate(histories, 1):
                if history.outcome != "unavailable":
                    drawing = draw(history, diagram, excerpt)
                    groups.setdefault(drawing, []).append((setting, history, run, len(histories)))
        found = []
        for drawing, members in groups.items():
            setting, history, run, runs = members[0]
            title = f"{self.pattern.id}, {experiment}, {setting.title}"
            title += f", {excerpt}" if str(excerpt) else ""
            if runs > 1:
                title += f", run {run} of {runs}"
            found.append(
                DrawnHistory(
                    title=title,
                    drawing=drawing,
                    svg=Markup(svg(drawing, title)),
                    mermaid=mermaid(history, diagram, excerpt),
                    run=run,
                    runs=runs,
                    settings=tuple({setting.key: setting for setting, *_ in members}.values()),
                )
            )
        return tuple(found)
